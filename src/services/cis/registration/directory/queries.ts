import type { Queryable } from '../../../../platform/db/database.ts';
import { sql } from '../../../../platform/db/sql.ts';
import type { PositionContent } from '../position-content.ts';

export type PersonRow = {
  user_id: string;
  version: number;
  status: 'active' | 'suspended' | 'closed';
  registered_by_ods: string;
  title: string | null;
  given_name: string;
  middle_names: string | null;
  family_name: string;
  email: string | null;
  professional_ids: Record<string, string>;
  id_assurance_level: number;
  evidence: unknown;
  born_on: string;
  postcode: string | null;
  nhs_number: string | null;
  national_insurance_sealed: string | null;
  sandbox_level: number | null;
};

/** An assignment that is active, with its position. */
export type HeldRow = {
  user_id: string;
  role_profile_id: string;
  ods_code: string;
  org_name: string;
  person_orgid: string;
  valid_from_on: string | null;
  valid_to_on: string | null;
  content: PositionContent;
};

export function personsById(db: Queryable, userIds: readonly string[]): Promise<PersonRow[]> {
  return db.query<PersonRow>(sql`
    select p.user_id, p.version, p.status, p.registered_by_ods, p.title, p.given_name, p.middle_names, p.family_name, p.email,
           p.professional_ids, p.id_assurance_level, p.evidence, p.born_on, p.postcode, p.nhs_number, p.national_insurance_sealed,
           s.level as sandbox_level
      from cis.person p left join cis.sandbox_person s on s.user_id = p.user_id
     where p.user_id = any(${userIds}::text[])`);
}

/** Active assignments of these people to approved positions, in the order in which they were given. */
export function heldBy(db: Queryable, userIds: readonly string[]): Promise<HeldRow[]> {
  return db.query<HeldRow>(sql`
    select a.user_id, a.role_profile_id, a.ods_code, coalesce(o.name, a.ods_code) as org_name, m.person_orgid,
           a.valid_from_on, a.valid_to_on, p.content
      from cis.assignment a
      join cis.membership m on m.user_id = a.user_id and m.ods_code = a.ods_code
      join cis.position p on p.position_id = a.position_id
      left join cis.organisation o on o.ods_code = a.ods_code
     where a.user_id = any(${userIds}::text[]) and a.state = 'active' and p.state = 'approved'
     order by a.decided_at, a.role_profile_id`);
}

export function workgroupNames(
  db: Queryable,
  codes: readonly string[],
): Promise<{ workgroup_code: string; name: string }[]> {
  return db.query(sql`select workgroup_code, name from cis.workgroup where workgroup_code = any(${codes}::text[])`);
}
