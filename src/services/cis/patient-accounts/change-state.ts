import type { Queryable } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import { patientRealm } from '../log-on/realm.ts';
import { type KeptAccount, stateAfter, type Verb } from './account.ts';
import type { By, DeskParts } from './desk.ts';
import { updateState } from './queries.ts';

/**
 * Suspends, reinstates or closes an account in the caller's transaction. Codes, sessions and what applications hold end
 * with a suspension; passkeys, apps and password go when it is closed. False where the verb does not apply any more.
 */
export async function changeStateIn(
  tx: Queryable,
  parts: Pick<DeskParts, 'authenticators' | 'endAllIn'>,
  account: KeptAccount,
  change: { readonly verb: Verb; readonly reason: string },
  { userId, odsCode, now }: By,
): Promise<boolean> {
  const { sub, nhsNumber, state: from } = account;
  const to = stateAfter(from, change.verb);
  if (to === undefined || !(await updateState(tx, account, { from, to }, new Date(now)))) return false;
  const holder = `${patientRealm.mark}${sub}`;
  if (to === 'suspended') {
    await parts.authenticators.withdrawCodes(tx, holder, now);
    await parts.endAllIn(tx, holder);
  }
  if (to === 'closed') await parts.authenticators.removeAllOf(tx, holder, { actor: userId, now });
  const body = { account: sub, from, to, reason: change.reason, by: userId, odsCode };
  await tx.query(insertEvents([{ subject: nhsNumber, kind: 'cis.patient-account-changed', happenedAt: now, body }]));
  return true;
}
