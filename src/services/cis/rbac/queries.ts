import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

export type JobRoleRow = {
  role_code: string;
  name: string;
  group_code: string;
  staff_group: string;
  sub_group: string;
};
export type ActivityRow = { activity_code: string; name: string; is_verified: boolean; is_restricted: boolean };

export async function nationalRolesVersion(db: Queryable): Promise<number> {
  const [row] = await db.query<{ version: number }>(sql`select version from cis.national_roles_version where id = 1`);
  return row?.version ?? 0;
}
export function jobRoles(db: Queryable): Promise<JobRoleRow[]> {
  return db.query<JobRoleRow>(sql`
    select r.role_code, r.name, r.group_code, coalesce(g.staff_group, '') as staff_group, coalesce(g.sub_group, '') as sub_group
      from cis.job_role r left join cis.staff_group g on g.group_code = r.group_code`);
}
export function activities(db: Queryable): Promise<ActivityRow[]> {
  return db.query<ActivityRow>(sql`select activity_code, name, is_verified, is_restricted from cis.activity`);
}
export function inclusions(db: Queryable): Promise<{ activity_code: string; implies_code: string }[]> {
  return db.query(sql`select activity_code, implies_code from cis.activity_inclusion`);
}
export function baselines(db: Queryable): Promise<{ role_code: string; activity_code: string }[]> {
  return db.query(sql`select role_code, activity_code from cis.role_baseline`);
}
export function areasOfWork(db: Queryable): Promise<{ area_code: string; name: string }[]> {
  return db.query(sql`select area_code, name from cis.area_of_work`);
}

export type NationalLoadRows = {
  groups: readonly { code: string; staffGroup: string; subGroup: string }[];
  jobRoles: readonly { code: string; name: string; group: string }[];
  activities: readonly { code: string; name: string; isRestricted: boolean }[];
  inclusions: readonly { activity: string; implies: string }[];
  baselines: readonly { role: string; activity: string }[];
  /** Job roles whose whole baseline is replaced, activities whose inclusions are. */
  rolesReplaced: readonly string[];
  activitiesReplaced: readonly string[];
  areas: readonly { code: string; name: string }[];
};

/** Takes the load over what was there; inclusions and baselines of those named are replaced whole. */
export async function replaceNationalRoles(tx: Queryable, rows: NationalLoadRows): Promise<void> {
  const json = JSON.stringify;
  await tx.query(sql`update cis.national_roles_version set version = version + 1 where id = 1`);
  await tx.query(sql`
    insert into cis.staff_group (group_code, staff_group, sub_group)
    select r.code, r."staffGroup", r."subGroup" from json_to_recordset(${json(rows.groups)}::json) as r(code text, "staffGroup" text, "subGroup" text)
        on conflict (group_code) do update set staff_group = excluded.staff_group, sub_group = excluded.sub_group`);
  await tx.query(sql`
    insert into cis.job_role (role_code, name, group_code, is_group_published)
    select r.code, r.name, r."group", true from json_to_recordset(${json(rows.jobRoles)}::json) as r(code text, name text, "group" text)
        on conflict (role_code) do update
       set name = excluded.name, group_code = excluded.group_code, is_group_published = excluded.is_group_published`);
  await tx.query(sql`
    insert into cis.activity (activity_code, name, is_verified, is_restricted)
    select r.code, r.name, true, r."isRestricted"
      from json_to_recordset(${json(rows.activities)}::json) as r(code text, name text, "isRestricted" boolean)
        on conflict (activity_code) do update
       set name = excluded.name, is_verified = excluded.is_verified, is_restricted = excluded.is_restricted`);
  await tx.query(sql`delete from cis.activity_inclusion where activity_code = any(${rows.activitiesReplaced}::text[])`);
  await tx.query(sql`
    insert into cis.activity_inclusion (activity_code, implies_code)
    select distinct r.activity, r.implies from json_to_recordset(${json(rows.inclusions)}::json) as r(activity text, implies text)`);
  await tx.query(sql`delete from cis.role_baseline where role_code = any(${rows.rolesReplaced}::text[])`);
  await tx.query(sql`
    insert into cis.role_baseline (role_code, activity_code, is_ours)
    select distinct r.role, r.activity, false from json_to_recordset(${json(rows.baselines)}::json) as r(role text, activity text)`);
  await tx.query(sql`
    insert into cis.area_of_work (area_code, name)
    select r.code, r.name from json_to_recordset(${json(rows.areas)}::json) as r(code text, name text)
        on conflict (area_code) do update set name = excluded.name`);
}

/** Codes that something loaded refers to and nobody knows. */
export async function unknownCodes(tx: Queryable): Promise<string[]> {
  const rows = await tx.query<{ code: string }>(sql`
    select activity_code as code from cis.role_baseline where activity_code not in (select activity_code from cis.activity)
     union select role_code from cis.role_baseline where role_code not in (select role_code from cis.job_role)
     union select activity_code from cis.activity_inclusion where activity_code not in (select activity_code from cis.activity)
     union select implies_code from cis.activity_inclusion where implies_code not in (select activity_code from cis.activity)
     union select group_code from cis.job_role where group_code not in (select group_code from cis.staff_group)
     order by 1 limit 10`);
  return rows.map((row) => row.code);
}
