import type { Queryable } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import { patientRealm } from '../log-on/realm.ts';
import type { KeptAccount } from './account.ts';
import type { By, DeskParts } from './desk.ts';
import type { Vouched } from './open-account.ts';
import { updateProofing } from './queries.ts';

/**
 * Changes how far the identity behind an account is proved, in the caller's transaction; false unless it is active. What was
 * given at a higher level ends.
 */
export async function vouchAgainIn(
  tx: Queryable,
  { endAllIn }: Pick<DeskParts, 'endAllIn'>,
  { sub, nhsNumber, proofing: before }: KeptAccount,
  { proofing, evidence }: Vouched,
  { userId, odsCode, now }: By,
): Promise<boolean> {
  const one = { sub, nhsNumber, proofing, evidence, by: userId, organisation: odsCode };
  if (!(await updateProofing(tx, one, new Date(now)))) return false;
  if (proofing < before) await endAllIn(tx, `${patientRealm.mark}${sub}`);
  const body = { account: sub, proofing, before, by: userId, odsCode };
  await tx.query(insertEvents([{ subject: nhsNumber, kind: 'cis.patient-account-vouched', happenedAt: now, body }]));
  return true;
}
