import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

/** Active assignments to a manager's position of the organisation. */
export function managersOf(tx: Queryable, odsCode: string): Promise<{ user_id: string; position_id: string }[]> {
  return tx.query(sql`
    select a.user_id, a.position_id from cis.assignment a join cis.position p on p.position_id = a.position_id
     where a.ods_code = ${odsCode} and a.state = 'active' and p.state = 'approved' and p.content->>'roleCode' = 'R5080'
       and not exists (select from cis.person x where x.user_id = a.user_id and x.status = 'closed')`);
}

export type StaffListRow = {
  user_id: string;
  status: string;
  name: string;
  ods_code: string | null;
  position: string | null;
  role_profile_id: string | null;
};

/** People with each position they hold, of one organisation or (null) of all; at most `limit` rows. */
export function staffList(db: Queryable, odsCode: string | null, limit: number): Promise<StaffListRow[]> {
  return db.query<StaffListRow>(sql`
    select x.user_id, x.status, concat_ws(' ', x.title, x.given_name, x.family_name) as name, a.ods_code,
           p.content->>'name' as position, a.role_profile_id
      from cis.person x
      left join cis.assignment a on a.user_id = x.user_id and a.state = 'active'
      left join cis.position p on p.position_id = a.position_id and p.state = 'approved'
     where ${odsCode}::text is null or a.ods_code = ${odsCode}
     order by x.user_id, a.role_profile_id limit ${limit}`);
}
