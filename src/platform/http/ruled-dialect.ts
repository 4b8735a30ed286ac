import { roleOf, sessionRoleFacts, settleSessionRole } from '../identity/session-role.ts';
import type { Tokens } from '../identity/tokens.ts';
import { type Call, type Dialect, header } from './operation.ts';
import { Refusal } from './refusal.ts';

/*
 * How operations of our own speak, where nothing is published: refusals name the rule they rest on, callers are known by
 * token and, members of staff, by the role they chose.
 */

/** A refusal with this status, by this rule, in these words; `field`: which part of what was sent is wrong. */
export type Refuse = (
  status: number,
  rule: string,
  diagnostics: string,
  field?: string | undefined,
  headers?: Readonly<Record<string, string>>,
) => Refusal;

const issueCodes: Record<number, string> = {
  400: 'invalid',
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
};

/** Refuses with OperationOutcomes whose rules are codes of this system. A 401 has the challenge that HTTP wants. */
export function refuseByRule(system: string): Refuse {
  return (status, rule, diagnostics, field, headers) => {
    const issue = {
      severity: 'error',
      code: issueCodes[status] ?? 'processing',
      details: { coding: [{ system, code: rule }] },
      diagnostics,
      ...(field === undefined ? {} : { expression: [field] }),
    };
    const challenge: Record<string, string> = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
    const all = { ...challenge, ...headers };
    return new Refusal(status, rule, { resourceType: 'OperationOutcome', issue: [issue] }, all);
  };
}

const failures = {
  unforeseen: [500, 'Something went wrong here; the request may be sent again'],
  busy: [503, 'The service is busy; the request may be sent again'],
  'too-large': [413, 'The request is larger than this service accepts'],
  malformed: [400, 'The request is not well-formed HTTP'],
} as const;

/** The dialect below `base` that refuses so and admits so. */
export function ruledDialect(base: string, refuse: Refuse, admit: Dialect['admit']): Dialect {
  return {
    base,
    admit,
    unknown(call) {
      throw refuse(404, 'path', `There is no ${call.method} ${call.path}`);
    },
    failure(kind) {
      const [status, words] = failures[kind];
      return { status, body: refuse(status, kind, words).body, headers: kind === 'busy' ? { 'retry-after': '5' } : {} };
    },
    headers: () => ({ 'cache-control': 'no-store' }),
  };
}

/** Who has a valid token and, a member of staff, a role that is settled (`NHSD-Session-URID`); refuses others. */
export async function admitByToken(tokens: Tokens, refuse: Refuse, call: Call): Promise<void> {
  const [, token] = /^Bearer +(\S+)$/i.exec(header(call, 'authorization') ?? '') ?? [];
  const resolution = token === undefined ? { is: 'unknown' as const } : await tokens.resolve(token);
  if (resolution.is !== 'valid') throw refuse(401, 'token', 'A valid access token is needed');
  const { principal } = resolution;
  call.principal = principal;
  if (principal.mode !== 'healthcare-worker') return;
  const settled = settleSessionRole(sessionRoleFacts(principal, header(call, 'nhsd-session-urid')));
  if (settled.is === 'refused') throw refuse(settled.status, 'role', settled.diagnostics);
  call.roleProfileId = settled.roleProfileId;
}

/** The role that was settled for the call. */
export function roleOfCall({ principal, roleProfileId }: Call): ReturnType<typeof roleOf> {
  return principal && roleProfileId !== undefined ? roleOf(principal, roleProfileId) : undefined;
}
