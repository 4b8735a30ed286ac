import { type Call, type Dialect, header } from '../../../../platform/http/operation.ts';
import { Refusal } from '../../../../platform/http/refusal.ts';
import type { AccessRequirement } from '../../../../platform/identity/access.ts';
import { decideAccess, purposeOf } from '../../../../platform/identity/decide-access.ts';
import type { Principal } from '../../../../platform/identity/principal.ts';
import { roleOf, sessionRoleFacts, settleSessionRole } from '../../../../platform/identity/session-role.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';

/** The worklist of results is ours; nothing is published. */
export const base = '/mesh/worklist';
export const mailboxPath: '/mesh/worklist/:mailbox' = `${base}/:mailbox`;

const issueCodes: Record<number, string> = { 400: 'invalid', 401: 'login', 403: 'forbidden', 404: 'not-found' };

/** An OperationOutcome that names the rule and, of what was sent, the field. */
export function refuse(status: number, rule: string, diagnostics: string, field?: string): Refusal {
  const issue = {
    severity: 'error',
    code: issueCodes[status] ?? 'processing',
    details: { coding: [{ system: 'https://openspine.example/CodeSystem/worklist-rule', code: rule }] },
    diagnostics,
    ...(field === undefined ? {} : { expression: [field] }),
  };
  const headers: Record<string, string> = status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
  return new Refusal(status, rule, { resourceType: 'OperationOutcome', issue: [issue] }, headers);
}

const failures = {
  unforeseen: [500, 'Something went wrong here; the request may be sent again'],
  busy: [503, 'The service is busy; the request may be sent again'],
  'too-large': [413, 'The request is larger than this service accepts'],
  malformed: [400, 'The request is not well-formed HTTP'],
} as const;

/**
 * Who asks: a member of staff by token and role, or, at the path of a mailbox, the mailbox itself by MESH's own
 * authorization (`admitMailbox`).
 */
export function worklistDialect(tokens: Tokens, admitMailbox: (call: Call) => Promise<void>): Dialect {
  return {
    base,
    async admit(call, operation) {
      const authorization = header(call, 'authorization') ?? '';
      if (operation?.path === mailboxPath && /^NHSMESH\b/i.test(authorization)) return admitMailbox(call);
      const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
      const resolution = token === undefined ? { is: 'unknown' as const } : await tokens.resolve(token);
      if (resolution.is !== 'valid') throw refuse(401, 'token', 'A valid access token is needed');
      call.principal = resolution.principal;
      if (resolution.principal.mode !== 'healthcare-worker') return;
      const settled = settleSessionRole(sessionRoleFacts(resolution.principal, header(call, 'nhsd-session-urid')));
      if (settled.is === 'refused') throw refuse(settled.status, 'role', settled.diagnostics);
      call.roleProfileId = settled.roleProfileId;
    },
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

/**
 * Staff who deal with results: in a role with a detailed health record or clinical documents among its activities, or
 * that of a medical laboratory assistant.
 */
const resultStaff: AccessRequirement = {
  modes: ['healthcare-worker'],
  subject: 'none',
  level: { staff: 2 },
  role: 'session-urid',
  activities: { anyOf: ['B0380', 'B0815'], orJobRoles: ['R1580'] },
};

/** The ODS code in which a member of staff acts; refuses anybody who has nothing to do with results. */
export function admitStaff(call: Call): string {
  const principal = call.principal as Principal;
  const role = call.roleProfileId === undefined ? undefined : roleOf(principal, call.roleProfileId);
  const decision = decideAccess(resultStaff, { principal, role });
  if (decision.is === 'refused') throw refuse(decision.rule === 'token' ? 401 : 403, decision.rule, decision.detail);
  call.purpose = purposeOf(decision.basis);
  return role?.odsCode ?? '';
}
