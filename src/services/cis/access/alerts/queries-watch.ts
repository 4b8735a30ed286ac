import type { Queryable } from '../../../../platform/db/database.ts';
import { sql } from '../../../../platform/db/sql.ts';

/** What the directory knows of these people. */
export function personsLookedFor(
  db: Queryable,
  userIds: readonly string[],
): Promise<{ user_id: string; family_name: string; postcode: string | null; nhs_number: string | null }[]> {
  return db.query(sql`
    select user_id, family_name, postcode, nhs_number from cis.person where user_id = any(${userIds}::text[])`);
}

/** Members of staff who are these patients, with the organisations in which they hold a position. */
export async function staffWhoArePatients(
  db: Queryable,
  nhsNumbers: readonly string[],
): Promise<{ user_id: string; nhs_number: string; ods_codes: string[] }[]> {
  return db.query(sql`
    select p.user_id, p.nhs_number, coalesce(array_agg(distinct a.ods_code) filter (where a.ods_code is not null), '{}') as ods_codes
      from cis.person p left join cis.assignment a on a.user_id = p.user_id and a.state = 'active'
     where p.nhs_number = any(${nhsNumbers}::text[]) and p.status <> 'closed'
     group by p.user_id, p.nhs_number`);
}

/** Organisations these users ever belonged to. */
export function membershipsOf(
  db: Queryable,
  userIds: readonly string[],
): Promise<{ user_id: string; ods_code: string }[]> {
  return db.query(sql`select user_id, ods_code from cis.membership where user_id = any(${userIds}::text[])`);
}

/** Who looked at whom after an instant. */
export function lookUpsOf(
  tx: Queryable,
  userIds: readonly string[],
  after: number,
): Promise<{ user_id: string; nhs_number: string; looked_at: Date }[]> {
  return tx.query(sql`
    select user_id, nhs_number, looked_at from cis.look_up
     where user_id = any(${userIds}::text[]) and looked_at > ${new Date(after)}`);
}

export async function forgetLookUpsOf(tx: Queryable, userIds: readonly string[]): Promise<void> {
  await tx.query(sql`delete from cis.look_up where user_id = any(${userIds}::text[])`);
}

/** Remembers look-ups; one statement whatever their number, each user and patient once. */
export async function keepLookUps(
  tx: Queryable,
  lookUps: readonly { readonly userId: string; readonly nhsNumber: string; readonly at: number }[],
): Promise<void> {
  const rows = JSON.stringify(
    lookUps.map(({ userId, nhsNumber, at }) => ({ u: userId, n: nhsNumber, a: new Date(at).toISOString() })),
  );
  await tx.query(sql`
    insert into cis.look_up (user_id, nhs_number, looked_at)
    select u, n, a from json_to_recordset(${rows}::json) as t(u text, n text, a timestamptz)
    on conflict (user_id, nhs_number) do update set looked_at = excluded.looked_at`);
}

export async function forgetOldLookUps(db: Queryable, before: number): Promise<void> {
  await db.query(sql`delete from cis.look_up where looked_at < ${new Date(before)}`);
}
