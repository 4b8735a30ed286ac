import type { z } from 'zod';
import { type Call, type Dialect, header } from '../../../../platform/http/operation.ts';
import { Refusal } from '../../../../platform/http/refusal.ts';
import type { AccessRequirement } from '../../../../platform/identity/access.ts';
import { decideAccess } from '../../../../platform/identity/decide-access.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';

/** The operations for developers are ours; nothing is published. */
export const base = '/developer';

/** Whoever looks after applications comes through an application that is a portal for developers. */
export const requirement: AccessRequirement = {
  modes: ['application-restricted', 'privileged-application-restricted', 'healthcare-worker'],
  subject: 'none',
  attributes: { 'developer-portal': 'true' },
};

const issueCodes: Record<number, string> = { 400: 'invalid', 401: 'login', 403: 'forbidden', 404: 'not-found' };

/** An OperationOutcome that names the rule. */
export function refuse(status: number, rule: string, diagnostics: string): Refusal {
  const code = issueCodes[status] ?? 'processing';
  const issue = [{ severity: 'error', code, details: { coding: [{ code: rule }] }, diagnostics }];
  return new Refusal(status, rule, { resourceType: 'OperationOutcome', issue });
}

export function developerDialect(tokens: Tokens): Dialect {
  return {
    base,
    async admit(call) {
      const [, token] = /^Bearer +(\S+)$/i.exec(header(call, 'authorization') ?? '') ?? [];
      const resolution = token === undefined ? undefined : await tokens.resolve(token);
      call.principal = resolution?.is === 'valid' ? resolution.principal : undefined;
      const decision = decideAccess(requirement, { principal: call.principal });
      if (decision.is === 'refused')
        throw refuse(decision.rule === 'token' ? 401 : 403, decision.rule, decision.detail);
    },
    unknown(call) {
      throw refuse(404, 'path', `There is no ${call.method} ${call.path}`);
    },
    failure(kind) {
      const status = { unforeseen: 500, busy: 503, 'too-large': 413, malformed: 400 }[kind];
      const headers = kind === 'busy' ? { 'retry-after': '5' } : undefined;
      return { status, body: refuse(status, kind, `The request could not be carried out: ${kind}`).body, headers };
    },
    headers: () => ({ 'cache-control': 'no-store' }),
  };
}

/** The body as the shape has it. Throws a refusal that names the field. */
export function bodyAs<Shape extends z.ZodType>(shape: Shape, call: Call): z.infer<Shape> {
  let body: unknown;
  try {
    body = call.body.length === 0 ? {} : JSON.parse(call.body.toString('utf8'));
  } catch {
    throw refuse(400, 'body', 'The body is not valid JSON');
  }
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refuse(400, 'body', `${issue?.path.join('/') || 'body'}: ${issue?.message ?? 'invalid'}`);
}
