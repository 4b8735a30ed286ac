import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';
import type { PersonRow } from './directory/queries.ts';

export type AssignmentRow = {
  user_id: string;
  role_profile_id: string;
  position_id: string;
  ods_code: string;
  state: 'requested' | 'active' | 'refused' | 'ended';
  valid_from_on: string | null;
  valid_to_on: string | null;
  requested_by: string;
  requested_at: Date;
  decided_by: string | null;
  decided_at: Date | null;
  ended_by: string | null;
  ended_at: Date | null;
};

/** Locks an identity for the transaction: verbs on one person come one after the other. */
export async function lockPerson(tx: Queryable, userId: string): Promise<PersonRow | undefined> {
  const [row] = await tx.query<PersonRow>(sql`
    select user_id, version, status, registered_by_ods, title, given_name, middle_names, family_name, email, professional_ids,
           id_assurance_level, evidence, born_on, postcode, nhs_number, national_insurance_sealed, null as sandbox_level
      from cis.person where user_id = ${userId} for update`);
  return row;
}

export type Details = Pick<
  PersonRow,
  | 'title'
  | 'given_name'
  | 'middle_names'
  | 'family_name'
  | 'email'
  | 'professional_ids'
  | 'born_on'
  | 'postcode'
  | 'nhs_number'
  | 'national_insurance_sealed'
>;

export async function updateDetails(tx: Queryable, userId: string, to: Details, now: number): Promise<void> {
  await tx.query(sql`
    update cis.person
       set version = version + 1, title = ${to.title}, given_name = ${to.given_name}, middle_names = ${to.middle_names},
           family_name = ${to.family_name}, email = ${to.email}, professional_ids = ${JSON.stringify(to.professional_ids)}::jsonb,
           born_on = ${to.born_on}::date, postcode = ${to.postcode}, nhs_number = ${to.nhs_number},
           national_insurance_sealed = ${to.national_insurance_sealed}, changed_at = ${new Date(now)}
     where user_id = ${userId}`);
}

export async function setPersonStatus(tx: Queryable, userId: string, status: string, now: number): Promise<void> {
  await tx.query(sql`
    update cis.person set version = version + 1, status = ${status}, changed_at = ${new Date(now)} where user_id = ${userId}`);
}

export async function deletePersonKeys(tx: Queryable, userId: string): Promise<void> {
  await tx.query(sql`delete from cis.person_key where user_id = ${userId}`);
}

/** Users with one of these keys (hexadecimal); at most `limit`. */
export async function usersWithKeys(tx: Queryable, keys: readonly string[], limit: number): Promise<string[]> {
  const rows = await tx.query<{ user_id: string }>(sql`
    select distinct user_id from cis.person_key
     where match_key in (select decode(k, 'hex') from unnest(${keys}::text[]) as k) order by user_id limit ${limit}`);
  return rows.map((row) => row.user_id);
}

export function assignmentsOf(db: Queryable, userId: string): Promise<AssignmentRow[]> {
  return db.query<AssignmentRow>(sql`
    select user_id, role_profile_id, position_id, ods_code, state, valid_from_on, valid_to_on, requested_by, requested_at, decided_by,
           decided_at, ended_by, ended_at
      from cis.assignment where user_id = ${userId} order by decided_at nulls last, requested_at, role_profile_id`);
}

export async function insertRequested(
  tx: Queryable,
  row: Pick<
    AssignmentRow,
    'user_id' | 'role_profile_id' | 'position_id' | 'ods_code' | 'valid_from_on' | 'valid_to_on'
  >,
  by: string,
  now: number,
): Promise<void> {
  await tx.query(sql`
    insert into cis.assignment (user_id, role_profile_id, position_id, ods_code, state, valid_from_on, valid_to_on, requested_by, requested_at)
    values (${row.user_id}, ${row.role_profile_id}, ${row.position_id}, ${row.ods_code}, 'requested', ${row.valid_from_on}::date,
            ${row.valid_to_on}::date, ${by}, ${new Date(now)})`);
}

/** A request granted or refused; how many rows it was (0: it was decided before). */
export async function setDecided(
  tx: Queryable,
  of: { userId: string; roleProfileId: string },
  state: 'active' | 'refused',
  by: string,
  now: number,
): Promise<number> {
  const rows = await tx.query(sql`
    update cis.assignment set state = ${state}, decided_by = ${by}, decided_at = ${new Date(now)}
     where user_id = ${of.userId} and role_profile_id = ${of.roleProfileId} and state = 'requested' returning role_profile_id`);
  return rows.length;
}

/** Ends these assignments of a user, and refuses those that are only requested. */
export async function setEnded(
  tx: Queryable,
  userId: string,
  roleProfileIds: readonly string[],
  by: string,
  now: number,
): Promise<void> {
  await tx.query(sql`
    update cis.assignment
       set state = case state when 'active' then 'ended' else 'refused' end,
           ended_by = case state when 'active' then ${by}::text end, ended_at = case state when 'active' then ${new Date(now)}::timestamptz end,
           decided_by = coalesce(decided_by, ${by}::text), decided_at = coalesce(decided_at, ${new Date(now)}::timestamptz)
     where user_id = ${userId} and role_profile_id = any(${roleProfileIds}::text[]) and state in ('active', 'requested')`);
}

export async function personOrgId(tx: Queryable, userId: string, odsCode: string): Promise<string | undefined> {
  const [row] = await tx.query<{ person_orgid: string }>(
    sql`select person_orgid from cis.membership where user_id = ${userId} and ods_code = ${odsCode}`,
  );
  return row?.person_orgid;
}

/** Users who hold the position or have it requested for them. */
export async function holdersOf(tx: Queryable, positionId: string): Promise<string[]> {
  const rows = await tx.query<{ user_id: string }>(sql`
    select distinct user_id from cis.assignment where position_id = ${positionId} and state in ('requested', 'active')`);
  return rows.map((row) => row.user_id);
}
