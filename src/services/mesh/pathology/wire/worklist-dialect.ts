import { type Call, type Dialect, header } from '../../../../platform/http/operation.ts';
import { admitByToken, refuseByRule, roleOfCall, ruledDialect } from '../../../../platform/http/ruled-dialect.ts';
import type { AccessRequirement } from '../../../../platform/identity/access.ts';
import { decideAccess, purposeOf } from '../../../../platform/identity/decide-access.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';

/** The worklist of results is ours; nothing is published. */
export const base = '/mesh/worklist';
export const mailboxPath: '/mesh/worklist/:mailbox' = `${base}/:mailbox`;

/** An OperationOutcome that names the rule and, of what was sent, the field. */
export const refuse: ReturnType<typeof refuseByRule> = refuseByRule(
  'https://openspine.example/CodeSystem/worklist-rule',
);

/**
 * Who asks: a member of staff by token and role, or, at the path of a mailbox, the mailbox itself by MESH's own
 * authorization (`admitMailbox`).
 */
export function worklistDialect(tokens: Tokens, admitMailbox: (call: Call) => Promise<void>): Dialect {
  return ruledDialect(base, refuse, async (call, operation) => {
    const isMailbox = operation?.path === mailboxPath && /^NHSMESH\b/i.test(header(call, 'authorization') ?? '');
    await (isMailbox ? admitMailbox(call) : admitByToken(tokens, refuse, call));
  });
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
  const role = roleOfCall(call);
  const decision = decideAccess(resultStaff, { principal: call.principal, role });
  if (decision.is === 'refused') throw refuse(decision.rule === 'token' ? 401 : 403, decision.rule, decision.detail);
  call.purpose = purposeOf(decision.basis);
  return role?.odsCode ?? '';
}
