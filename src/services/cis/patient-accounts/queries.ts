import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

export type AccountRow = {
  nhs_number: string;
  sub: string;
  state: string;
  proofing: string;
  evidence: unknown;
  proofed_by: string;
  proofed_in: string;
  proofed_at: Date;
  opened_at: Date;
};

export async function accountsOf(db: Queryable, nhsNumber: string): Promise<AccountRow[]> {
  return db.query<AccountRow>(sql`
    select nhs_number, sub::text, state, proofing, evidence, proofed_by, proofed_in, proofed_at, opened_at
      from cis.patient_account where nhs_number = ${nhsNumber} order by opened_at, sub`);
}

export async function numberOfSub(db: Queryable, sub: string): Promise<string | undefined> {
  const [row] = await db.query<{ nhs_number: string }>(
    sql`select nhs_number from cis.patient_account_sub where sub = ${sub}::uuid`,
  );
  return row?.nhs_number;
}

export type NewAccount = {
  readonly sub: string;
  readonly nhsNumber: string;
  readonly proofing: string;
  readonly evidence: object | undefined;
  readonly by: string;
  readonly organisation: string;
};

const evidenceOf = ({ evidence }: { readonly evidence: object | undefined }): string | null =>
  evidence === undefined ? null : JSON.stringify(evidence);

/** False where the patient has an account that is not closed. */
export async function insertAccount(tx: Queryable, one: NewAccount, now: Date): Promise<boolean> {
  const rows = await tx.query(sql`
    insert into cis.patient_account (nhs_number, sub, state, proofing, evidence, proofed_by, proofed_in, proofed_at, opened_at, changed_at)
    values (${one.nhsNumber}, ${one.sub}::uuid, 'active', ${one.proofing}, ${evidenceOf(one)}::json, ${one.by},
            ${one.organisation}, ${now}, ${now}, ${now})
    on conflict (nhs_number) where state <> 'closed' do nothing
    returning sub`);
  if (rows.length === 0) return false;
  await tx.query(
    sql`insert into cis.patient_account_sub (sub, nhs_number) values (${one.sub}::uuid, ${one.nhsNumber})`,
  );
  return true;
}

/** False where the account is not in the state it was believed in. */
export async function updateState(
  tx: Queryable,
  { nhsNumber, sub }: { readonly nhsNumber: string; readonly sub: string },
  { from, to }: { readonly from: string; readonly to: string },
  now: Date,
): Promise<boolean> {
  const rows = await tx.query(sql`
    update cis.patient_account set state = ${to}, changed_at = ${now}
     where nhs_number = ${nhsNumber} and sub = ${sub}::uuid and state = ${from}
    returning sub`);
  return rows.length === 1;
}

/** Takes over what was newly vouched for; false where the account is not active. */
export async function updateProofing(tx: Queryable, one: NewAccount, now: Date): Promise<boolean> {
  const rows = await tx.query(sql`
    update cis.patient_account
       set proofing = ${one.proofing}, evidence = ${evidenceOf(one)}::json, proofed_by = ${one.by},
           proofed_in = ${one.organisation}, proofed_at = ${now}, changed_at = ${now}
     where nhs_number = ${one.nhsNumber} and sub = ${one.sub}::uuid and state = 'active'
    returning sub`);
  return rows.length === 1;
}

/** Whether an active account is there, held against those who would change it until the transaction ends. */
export async function lockActive(
  tx: Queryable,
  { nhsNumber, sub }: { readonly nhsNumber: string; readonly sub: string },
): Promise<boolean> {
  const rows = await tx.query(sql`
    select sub from cis.patient_account
     where nhs_number = ${nhsNumber} and sub = ${sub}::uuid and state = 'active' for update`);
  return rows.length === 1;
}

/** Whether this member of staff is the patient, as far as the staff register says. */
export async function isPatientHerself(db: Queryable, userId: string, nhsNumber: string): Promise<boolean> {
  const rows = await db.query(
    sql`select 1 as one from cis.person where user_id = ${userId} and nhs_number = ${nhsNumber}`,
  );
  return rows.length > 0;
}

/** Forgets all accounts. Sandbox only. */
export async function emptyAccounts(tx: Queryable): Promise<void> {
  await tx.query(sql`truncate cis.patient_account, cis.patient_account_sub, cis.client_user_metadata`);
}
