import type { Queryable } from '../../../platform/db/database.ts';
import { isUuid } from '../../../platform/events/uuidv7.ts';
import { isNhsNumber } from '../../../platform/nhs/nhs-number.ts';
import type { Proofing } from '../providers/patients/vectors.ts';
import type { AccountState, IdentityEvidence, KeptAccount } from './account.ts';
import { type AccountRow, accountsOf, numberOfSub } from './queries.ts';

function accountOf(row: AccountRow): KeptAccount {
  return {
    sub: row.sub,
    nhsNumber: row.nhs_number,
    state: row.state as AccountState,
    proofing: row.proofing as Proofing,
    evidence: (row.evidence ?? undefined) as IdentityEvidence | undefined,
    proofedBy: row.proofed_by,
    proofedIn: row.proofed_in,
    proofedAt: row.proofed_at.getTime(),
    openedAt: row.opened_at.getTime(),
  };
}

/** All accounts of a patient, closed ones too, oldest first. */
export async function accountsOfPatient(db: Queryable, nhsNumber: string): Promise<KeptAccount[]> {
  return (await accountsOf(db, nhsNumber)).map(accountOf);
}

/** The account with this id, in whatever state. */
export async function accountBySub(db: Queryable, sub: string): Promise<KeptAccount | undefined> {
  const nhsNumber = isUuid(sub) ? await numberOfSub(db, sub.toLowerCase()) : undefined;
  if (nhsNumber === undefined) return undefined;
  return (await accountsOfPatient(db, nhsNumber)).find((one) => one.sub === sub.toLowerCase());
}

/** The patient's account that is not closed, by the number as it is typed. */
export async function openAccountOf(db: Queryable, typed: string): Promise<KeptAccount | undefined> {
  const nhsNumber = typed.replace(/[\s-]/g, '');
  if (!isNhsNumber(nhsNumber)) return undefined;
  return (await accountsOfPatient(db, nhsNumber)).find((one) => one.state !== 'closed');
}
