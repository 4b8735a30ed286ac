import type { Queryable } from '../../../../platform/db/database.ts';
import { sql } from '../../../../platform/db/sql.ts';
import type { StaffLoad } from './staff-load.ts';

export async function hasNobody(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ nobody: boolean }>(
    sql`select not exists (select from cis.person) and not exists (select from cis.demo_staff) as nobody`,
  );
  return row?.nobody ?? false;
}

/** Everybody in the directory. Sandbox only. */
export async function usersThere(tx: Queryable): Promise<string[]> {
  const rows = await tx.query<{ user_id: string }>(sql`select user_id from cis.person`);
  return rows.map((row) => row.user_id);
}

/** Empties what the Registration Authority keeps; the national role data stay. Sandbox only. */
export async function emptyStaff(tx: Queryable): Promise<void> {
  await tx.query(sql`
    truncate cis.person, cis.person_key, cis.sandbox_person, cis.organisation, cis.workgroup, cis.position,
             cis.position_proposal, cis.membership, cis.assignment, cis.registration_history, cis.registration_request`);
}

export async function keepDemoStaff(tx: Queryable, staff: StaffLoad): Promise<void> {
  await tx.query(sql`
    insert into cis.demo_staff (id, body) values (1, ${JSON.stringify(staff)}::jsonb)
    on conflict (id) do update set body = excluded.body`);
}
export async function keptDemoStaff(db: Queryable): Promise<StaffLoad | undefined> {
  const [row] = await db.query<{ body: StaffLoad }>(sql`select body from cis.demo_staff where id = 1`);
  return row?.body;
}

export async function insertOrganisations(tx: Queryable, rows: StaffLoad['organisations'], now: number): Promise<void> {
  await tx.query(sql`
    insert into cis.organisation (ods_code, name, parent_ods, loaded_at)
    select r."odsCode", r.name, r.parent, ${new Date(now)}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::json) as r("odsCode" text, name text, parent text)
        on conflict (ods_code) do update
       set name = excluded.name, parent_ods = coalesce(excluded.parent_ods, organisation.parent_ods), loaded_at = excluded.loaded_at`);
}

export async function insertWorkgroups(tx: Queryable, rows: StaffLoad['workgroups'], now: number): Promise<void> {
  await tx.query(sql`
    insert into cis.workgroup (workgroup_code, ods_code, name, created_at)
    select r.code, r."odsCode", r.name, ${new Date(now)}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(code text, "odsCode" text, name text)`);
}

/** Positions as approved; `proposalIds` one UUID each, so that what they contained at any time can be told. */
export async function insertApproved(
  tx: Queryable,
  rows: readonly (StaffLoad['positions'][number] & { proposalId: string })[],
  by: { actor: string; reason: string; now: number },
): Promise<void> {
  const json = JSON.stringify(rows);
  const at = new Date(by.now);
  await tx.query(sql`
    insert into cis.position (position_id, version, state, ods_code, content, approved_at)
    select r."positionId", 1, 'approved', r."odsCode", r.content, ${at}::timestamptz
      from json_to_recordset(${json}::json) as r("positionId" text, "odsCode" text, content jsonb)`);
  await tx.query(sql`
    insert into cis.position_proposal
           (proposal_id, position_id, base_version, ods_code, content, state, reason, proposed_by, proposed_at, decided_by, decided_at)
    select r."proposalId", r."positionId", 0, r."odsCode", r.content, 'approved', ${by.reason}::text, ${by.actor}::text, ${at}::timestamptz,
           ${by.actor}::text, ${at}::timestamptz
      from json_to_recordset(${json}::json) as r("proposalId" uuid, "positionId" text, "odsCode" text, content jsonb)`);
}

export type PersonInsert = {
  userId: string;
  status: string;
  registeredBy: string;
  title: string | null;
  givenName: string;
  middleNames: string | null;
  familyName: string;
  email: string | null;
  professionalIds: Readonly<Record<string, string>>;
  idAssuranceLevel: number;
  evidence: object;
  bornOn: string;
  postcode: string | null;
  nhsNumber: string | null;
  nationalInsuranceSealed: string | null;
};

export async function insertPersons(tx: Queryable, rows: readonly PersonInsert[], now: number): Promise<void> {
  await tx.query(sql`
    insert into cis.person (user_id, version, status, registered_by_ods, title, given_name, middle_names, family_name, email,
           professional_ids, id_assurance_level, evidence, born_on, postcode, nhs_number, national_insurance_sealed, registered_at, changed_at)
    select r."userId", 1, r.status, r."registeredBy", r.title, r."givenName", r."middleNames", r."familyName", r.email,
           r."professionalIds", r."idAssuranceLevel", r.evidence, r."bornOn", r.postcode, r."nhsNumber", r."nationalInsuranceSealed",
           ${new Date(now)}::timestamptz, ${new Date(now)}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::json)
        as r("userId" text, status text, "registeredBy" text, title text, "givenName" text, "middleNames" text, "familyName" text,
             email text, "professionalIds" jsonb, "idAssuranceLevel" smallint, evidence jsonb, "bornOn" date, postcode text,
             "nhsNumber" text, "nationalInsuranceSealed" text)`);
}

/** Keys by which duplicates are found; hexadecimal. */
export async function insertPersonKeys(
  tx: Queryable,
  rows: readonly { matchKey: string; userId: string }[],
): Promise<void> {
  await tx.query(sql`
    insert into cis.person_key (match_key, user_id)
    select decode(r."matchKey", 'hex'), r."userId"
      from json_to_recordset(${JSON.stringify(rows)}::json) as r("matchKey" text, "userId" text)
        on conflict (match_key, user_id) do nothing`);
}

export async function insertMemberships(
  tx: Queryable,
  rows: readonly { userId: string; odsCode: string; personOrgId: string }[],
  now: number,
): Promise<void> {
  await tx.query(sql`
    insert into cis.membership (user_id, ods_code, person_orgid, since_at)
    select r."userId", r."odsCode", r."personOrgId", ${new Date(now)}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::json) as r("userId" text, "odsCode" text, "personOrgId" text)
        on conflict (user_id, ods_code) do nothing`);
}

export async function insertActiveAssignments(
  tx: Queryable,
  rows: readonly { userId: string; roleProfileId: string; positionId: string; odsCode: string }[],
  by: { actor: string; now: number },
): Promise<void> {
  await tx.query(sql`
    insert into cis.assignment (user_id, role_profile_id, position_id, ods_code, state, requested_by, requested_at, decided_by, decided_at)
    select r."userId", r."roleProfileId", r."positionId", r."odsCode", 'active', ${by.actor}::text, ${new Date(by.now)}::timestamptz,
           ${by.actor}::text, ${new Date(by.now)}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::json)
        as r("userId" text, "roleProfileId" text, "positionId" text, "odsCode" text)`);
}

export async function insertSandboxLevels(
  tx: Queryable,
  rows: readonly { userId: string; level: number }[],
): Promise<void> {
  await tx.query(sql`
    insert into cis.sandbox_person (user_id, level)
    select r."userId", r.level from json_to_recordset(${JSON.stringify(rows)}::json) as r("userId" text, level smallint)`);
}

/** Hands out the next `count` twelve-digit ids of a kind, in the caller's transaction. */
export async function takeIds(
  tx: Queryable,
  kind: 'user' | 'role' | 'person-org' | 'position' | 'workgroup',
  count = 1,
): Promise<string[]> {
  const [row] = await tx.query<{ next: number }>(
    sql`update cis.id_counter set next = next + ${count}::bigint where name = ${kind} returning next`,
  );
  if (!row) throw new Error(`There is no id counter ${kind}`);
  return Array.from({ length: count }, (_, n) => String(row.next - count + n));
}
