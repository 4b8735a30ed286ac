import { type Call, type Dialect, header } from '../../../../platform/http/operation.ts';
import { decideAccess, requirementOf } from '../../../../platform/identity/decide-access.ts';
import { roleOf, sessionRoleFacts, settleSessionRole } from '../../../../platform/identity/session-role.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';
import { outcome } from '../refusals.ts';
import { type Actor, standingOf } from '../rules/authority.ts';

export const base = '/registration-authority';

/**
 * What every operation of the Registration Authority asks of its caller: staff, strongly logged on, in a settled role,
 * through an application subscribed to it. Without the last, any application a manager ever used could act as one.
 */
export const staffInARole = {
  modes: ['healthcare-worker'],
  scopes: [
    'urn:nhsd:apim:user-nhs-id:aal3:registration-authority',
    'urn:nhsd:apim:user-nhs-cis2:aal3:registration-authority',
  ],
  subject: 'none',
  role: 'session-urid',
  level: { staff: 3 },
} as const;

/** How the Registration Authority speaks; ours, nothing is published: JSON, refusals as OperationOutcome. */
export function registrationDialect(tokens: Tokens): Dialect {
  return {
    base,
    async admit(call, operation) {
      const [, token] = /^Bearer +(\S+)$/.exec(header(call, 'authorization') ?? '') ?? [];
      const resolution = token === undefined ? { is: 'unknown' as const } : await tokens.resolve(token);
      if (resolution.is !== 'valid')
        throw outcome(401, 'login', 'A valid access token is needed.', { headers: { 'www-authenticate': 'Bearer' } });
      const { principal } = resolution;
      call.principal = principal;
      if (!operation || operation.access === 'open') return;
      const need = requirementOf(operation.access);
      if (!need.modes.includes(principal.mode)) throw outcome(403, 'forbidden', 'This is for members of staff.');
      // four eyes are told apart by user id, and roles are taken away at once: neither holds of another directory's people
      if (principal.grant !== undefined && !principal.hasLiveRoles)
        throw outcome(403, 'forbidden', 'The Registration Authority is for staff of this directory.', {
          rule: 'directory',
        });
      const settled = settleSessionRole(sessionRoleFacts(principal, header(call, 'nhsd-session-urid')));
      if (settled.is === 'refused')
        throw outcome(settled.status, settled.status === 401 ? 'login' : 'exception', settled.diagnostics, {
          rule: 'session-role',
          field: 'NHSD-Session-URID',
        });
      const role = roleOf(principal, settled.roleProfileId);
      call.roleProfileId = role?.roleProfileId;
      const decision = decideAccess(need, { principal, role });
      if (decision.is === 'refused') throw outcome(403, 'forbidden', decision.detail, { rule: decision.rule });
    },
    unknown: (call) => {
      throw outcome(404, 'not-found', `There is no ${call.method} ${call.path.slice(0, 200)}`);
    },
    failure(kind) {
      const status = { unforeseen: 500, busy: 503, 'too-large': 413, malformed: 400 }[kind];
      const words = {
        unforeseen: 'Something unforeseen happened.',
        busy: 'Too busy; ask again later.',
        'too-large': 'The body is too large.',
        malformed: 'The request is not HTTP as it should be.',
      }[kind];
      const { body, headers, contentType } = outcome(status, kind === 'busy' ? 'transient' : 'processing', words, {
        headers: kind === 'busy' ? { 'retry-after': '1' } : {},
      });
      return { status, body, headers, contentType };
    },
    headers: (call) => {
      const requestId = header(call, 'x-request-id');
      const isFit = requestId !== undefined && /^[\x21-\x7e]{1,100}$/.test(requestId);
      return { 'cache-control': 'no-store', ...(isFit ? { 'X-Request-ID': requestId } : {}) };
    },
  };
}

/** Who acts; after `admit` of an operation in a role. */
export function actorOf(call: Call): Actor {
  const { principal, roleProfileId } = call;
  const role = principal && roleProfileId !== undefined ? roleOf(principal, roleProfileId) : undefined;
  if (!role || principal?.userId === undefined) throw outcome(403, 'forbidden', 'The token names no member of staff.');
  return {
    userId: principal.userId,
    roleProfileId: role.roleProfileId,
    odsCode: role.odsCode,
    standing: standingOf(role),
  };
}
