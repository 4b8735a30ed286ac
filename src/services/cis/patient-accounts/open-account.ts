import { randomUUID } from 'node:crypto';
import type { Queryable } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import type { EnrolmentCode } from '../log-on/open-authenticators.ts';
import { patientRealm } from '../log-on/realm.ts';
import type { Proofing } from '../providers/patients/vectors.ts';
import type { IdentityEvidence } from './account.ts';
import type { By, DeskParts } from './desk.ts';
import { insertAccount } from './queries.ts';

export type Vouched = { readonly proofing: Proofing; readonly evidence: IdentityEvidence | undefined };

/**
 * Opens an account for a patient and gives out a code to enrol with, in the caller's transaction. Undefined where the
 * patient has one that is not closed.
 */
export async function openAccountIn(
  tx: Queryable,
  { authenticators }: Pick<DeskParts, 'authenticators'>,
  { nhsNumber, proofing, evidence }: Vouched & { readonly nhsNumber: string },
  { userId, odsCode, now }: By,
): Promise<{ readonly sub: string; readonly enrolment: EnrolmentCode } | undefined> {
  const sub = randomUUID();
  const one = { sub, nhsNumber, proofing, evidence, by: userId, organisation: odsCode };
  if (!(await insertAccount(tx, one, new Date(now)))) return undefined;
  const body = { account: sub, proofing, by: userId, odsCode };
  await tx.query(insertEvents([{ subject: nhsNumber, kind: 'cis.patient-account-opened', happenedAt: now, body }]));
  const enrolment = await authenticators.issueEnrolmentCode(tx, `${patientRealm.mark}${sub}`, { actor: userId, now });
  return { sub, enrolment };
}
