import type { Call, Dialect } from '../../../../platform/http/operation.ts';
import { admitByToken, roleOfCall, ruledDialect } from '../../../../platform/http/ruled-dialect.ts';
import type { AccessRequirement } from '../../../../platform/identity/access.ts';
import { decideAccess } from '../../../../platform/identity/decide-access.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';
import type { Mailbox } from '../../mailboxes/mailbox.ts';
import { type Administrator, isAdministratorOf } from '../administrator.ts';
import { refuse } from './refusals.ts';

/** Administration is ours; nothing is published. */
export const base = '/mesh/administration';
/** What an owner does with its own mailbox, beyond the published interface. */
export const ownerBase = '/mesh/mailboxes';
export const ownerPath: '/mesh/mailboxes/:mailbox' = `${ownerBase}/:mailbox`;

/** Administration: a member of staff, by token and role. */
export const administrationDialect = (tokens: Tokens): Dialect =>
  ruledDialect(base, refuse, (call) => admitByToken(tokens, refuse, call));

/** What owners do with their mailbox: admitted by MESH's own authorization, and refused by it in its own form. */
export function ownerDialect(admitMailbox: (call: Call) => Promise<void>): Dialect {
  return ruledDialect(ownerBase, refuse, async (call) => {
    // a path that names no mailbox is nobody's
    if (call.params.mailbox !== undefined) await admitMailbox(call);
  });
}

/** What anybody may read. */
export const openDialect = (at: string): Dialect => ruledDialect(at, refuse, async () => {});

/** Who changes mailboxes: staff at the highest level of log-on, in a role with local system administration. */
export const administrators: AccessRequirement = {
  modes: ['healthcare-worker'],
  subject: 'none',
  level: { staff: 3 },
  role: 'session-urid',
  activities: { anyOf: ['B0062'] },
};

/** Who looks: the same, or staff who view system logs and reports. */
export const viewers: AccessRequirement = { ...administrators, activities: { anyOf: ['B0062', 'B0011'] } };

/** In which organisation a member of staff administers, or looks; refuses anybody who may not. */
export function admitAdministrator(call: Call, what: 'change' | 'view'): Administrator {
  const role = roleOfCall(call);
  const decision = decideAccess(what === 'change' ? administrators : viewers, { principal: call.principal, role });
  if (decision.is === 'refused') throw refuse(decision.rule === 'token' ? 401 : 403, decision.rule, decision.detail);
  return { odsCode: role?.odsCode ?? '' };
}

type Find = (mailboxId: string) => Mailbox | undefined;

/** The mailbox of the path, for an administrator of its organisation; to others it isn't there. */
export function administered(find: Find, call: Call, what: 'change' | 'view'): Mailbox {
  const mailboxId = (call.params.mailbox as string).toUpperCase();
  call.purpose = `mailbox ${mailboxId}`;
  const administrator = admitAdministrator(call, what);
  const mailbox = find(mailboxId);
  if (!mailbox || !isAdministratorOf(administrator, mailbox))
    throw refuse(404, 'mailbox', 'There is no such mailbox in this organisation', 'mailbox');
  return mailbox;
}

/** The mailbox of the path, whose own token has admitted the call. */
export function owned(find: Find, call: Call): Mailbox {
  const mailbox = find(call.principal?.appId ?? '');
  // gone between admission and now
  if (!mailbox) throw refuse(404, 'mailbox', 'There is no such mailbox', 'mailbox');
  return mailbox;
}
