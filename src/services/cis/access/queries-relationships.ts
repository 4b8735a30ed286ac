import type { Queryable } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';
import type { KeptPermission } from './permission.ts';
import type { KeptRelationship, Viewer } from './relationship.ts';

type RelationshipRow = {
  nhs_number: string;
  relationship_id: string;
  kind: string;
  ods_code: string;
  workgroup_code: string | null;
  user_id: string | null;
  established_by: string;
  reason: string;
  starts_at: Date;
  expires_at: Date | null;
  ended_at: Date | null;
  end_reason: string | null;
};

const relationshipOf = (row: RelationshipRow): KeptRelationship => ({
  nhsNumber: row.nhs_number,
  id: row.relationship_id,
  kind: row.kind as KeptRelationship['kind'],
  odsCode: row.ods_code,
  workgroup: row.workgroup_code ?? undefined,
  userId: row.user_id ?? undefined,
  establishedBy: row.established_by,
  reason: row.reason,
  startsAt: row.starts_at.getTime(),
  expiresAt: row.expires_at?.getTime(),
  endedAt: row.ended_at?.getTime(),
  endReason: row.end_reason ?? undefined,
});

const at = (millis: number | undefined): Date | null => (millis === undefined ? null : new Date(millis));

/** Relationships of a patient, newest first; of one organisation where one is given. */
export async function relationshipsOf(
  db: Queryable,
  nhsNumber: string,
  odsCode: string | undefined,
): Promise<KeptRelationship[]> {
  const rows = await db.query<RelationshipRow>(sql`
    select nhs_number, relationship_id::text, kind, ods_code, workgroup_code, user_id, established_by, reason, starts_at,
           expires_at, ended_at, end_reason
      from cis.relationship
     where nhs_number = ${nhsNumber} and (${odsCode ?? null}::text is null or ods_code = ${odsCode ?? null}::text)
     order by starts_at desc, relationship_id
     limit 1000`);
  return rows.map(relationshipOf);
}

/** Relationships of a patient that hold for a member of staff of an organisation now; nobody else's can crowd them out. */
export async function relationshipsHolding(
  db: Queryable,
  nhsNumber: string,
  { userId, odsCode, workgroups = [] }: Viewer,
  now: number,
): Promise<KeptRelationship[]> {
  const rows = await db.query<RelationshipRow>(sql`
    select nhs_number, relationship_id::text, kind, ods_code, workgroup_code, user_id, established_by, reason, starts_at,
           expires_at, ended_at, end_reason
      from cis.relationship
     where nhs_number = ${nhsNumber} and ods_code = ${odsCode} and (user_id is null or user_id = ${userId})
       and (workgroup_code is null or workgroup_code = any(${workgroups}::text[]))
       and ended_at is null and starts_at <= ${new Date(now)} and (expires_at is null or expires_at > ${new Date(now)})`);
  return rows.map(relationshipOf);
}

/** Inserts it; false when one with this id is there already. */
export async function insertRelationship(tx: Queryable, one: KeptRelationship): Promise<boolean> {
  const rows = await tx.query(sql`
    insert into cis.relationship (nhs_number, relationship_id, kind, ods_code, workgroup_code, user_id, established_by, reason,
                                  starts_at, expires_at)
    values (${one.nhsNumber}, ${one.id}::uuid, ${one.kind}, ${one.odsCode}, ${one.workgroup ?? null}, ${one.userId ?? null}, ${one.establishedBy}, ${one.reason},
            ${new Date(one.startsAt)}, ${at(one.expiresAt)})
    on conflict (nhs_number, relationship_id) do nothing returning relationship_id`);
  return rows.length === 1;
}

/** Ends a relationship that has not ended; false when there is none such. */
export async function endRelationshipRow(
  tx: Queryable,
  { nhsNumber, id }: { readonly nhsNumber: string; readonly id: string },
  { by, reason, now }: { readonly by: string; readonly reason: string; readonly now: number },
): Promise<boolean> {
  const rows = await tx.query(sql`
    update cis.relationship set ended_at = ${new Date(now)}, ended_by = ${by}, end_reason = ${reason}
     where nhs_number = ${nhsNumber} and relationship_id = ${id}::uuid and ended_at is null returning relationship_id`);
  return rows.length === 1;
}

type PermissionRow = {
  nhs_number: string;
  permission_id: string;
  value: string;
  ods_code: string;
  user_id: string | null;
  recorded_by: string;
  reason: string | null;
  note: string;
  recorded_at: Date;
  expires_at: Date | null;
};

const permissionOf = (row: PermissionRow): KeptPermission => ({
  nhsNumber: row.nhs_number,
  id: row.permission_id,
  value: row.value as KeptPermission['value'],
  odsCode: row.ods_code,
  userId: row.user_id ?? undefined,
  recordedBy: row.recorded_by,
  reason: (row.reason ?? undefined) as KeptPermission['reason'],
  note: row.note,
  recordedAt: row.recorded_at.getTime(),
  expiresAt: row.expires_at?.getTime(),
});

/** Permissions of a patient, newest first; of one organisation where one is given. */
export async function permissionsOf(
  db: Queryable,
  nhsNumber: string,
  odsCode: string | undefined,
): Promise<KeptPermission[]> {
  const rows = await db.query<PermissionRow>(sql`
    select nhs_number, permission_id::text, value, ods_code, user_id, recorded_by, reason, note, recorded_at, expires_at
      from cis.permission
     where nhs_number = ${nhsNumber} and (${odsCode ?? null}::text is null or ods_code = ${odsCode ?? null}::text)
     order by recorded_at desc, permission_id
     limit 1000`);
  return rows.map(permissionOf);
}

/** The newest permissions that apply to a member of staff of an organisation now. */
export async function permissionsStanding(
  db: Queryable,
  nhsNumber: string,
  { userId, odsCode }: Viewer,
  now: number,
): Promise<KeptPermission[]> {
  const rows = await db.query<PermissionRow>(sql`
    select nhs_number, permission_id::text, value, ods_code, user_id, recorded_by, reason, note, recorded_at, expires_at
      from cis.permission
     where nhs_number = ${nhsNumber} and ods_code = ${odsCode} and (user_id is null or user_id = ${userId})
       and recorded_at <= ${new Date(now)} and (expires_at is null or expires_at > ${new Date(now)})
     order by recorded_at desc, (value = 'refused') desc
     limit 1`);
  return rows.map(permissionOf);
}

/** Inserts it; false when one with this id is there already. */
export async function insertPermission(tx: Queryable, one: KeptPermission): Promise<boolean> {
  const rows = await tx.query(sql`
    insert into cis.permission (nhs_number, permission_id, value, ods_code, user_id, recorded_by, reason, note, recorded_at, expires_at)
    values (${one.nhsNumber}, ${one.id}::uuid, ${one.value}, ${one.odsCode}, ${one.userId ?? null}, ${one.recordedBy},
            ${one.reason ?? null}, ${one.note}, ${new Date(one.recordedAt)}, ${at(one.expiresAt)})
    on conflict (nhs_number, permission_id) do nothing returning permission_id`);
  return rows.length === 1;
}
