import type { Queryable } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import type { EnrolmentCode } from '../log-on/open-authenticators.ts';
import { patientRealm } from '../log-on/realm.ts';
import type { IdentityEvidence, KeptAccount } from './account.ts';
import type { By, DeskParts } from './desk.ts';
import { lockActive } from './queries.ts';

/** A new code to enrol with, in the caller's transaction; those before end. Undefined unless the account is active. */
export async function issueCodeIn(
  tx: Queryable,
  { authenticators }: Pick<DeskParts, 'authenticators'>,
  { sub, nhsNumber }: KeptAccount,
  evidence: IdentityEvidence | undefined,
  { userId, odsCode, now }: By,
): Promise<EnrolmentCode | undefined> {
  if (!(await lockActive(tx, { sub, nhsNumber }))) return undefined;
  const body = { account: sub, evidence, by: userId, odsCode };
  await tx.query(insertEvents([{ subject: nhsNumber, kind: 'cis.patient-code-issued', happenedAt: now, body }]));
  return authenticators.issueEnrolmentCode(tx, `${patientRealm.mark}${sub}`, { actor: userId, now });
}
