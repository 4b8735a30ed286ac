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
