import type { Queryable } from '../../../../platform/db/database.ts';
import { sql } from '../../../../platform/db/sql.ts';
import type { Alert } from './alert-case.ts';
import type { Access } from './suspicions.ts';

type AlertRow = {
  ods_code: string;
  reference: string;
  code: string;
  user_id: string;
  nhs_number: string;
  detail: string;
  raised_at: Date;
  state: string;
  assigned_to: string | null;
  closed_at: Date | null;
};

const alertOf = (row: AlertRow): Alert => ({
  reference: row.reference,
  odsCode: row.ods_code,
  code: row.code as Alert['code'],
  userId: row.user_id,
  nhsNumber: row.nhs_number,
  detail: row.detail,
  raisedAt: row.raised_at.getTime(),
  state: row.state as Alert['state'],
  assignedTo: row.assigned_to ?? undefined,
  closedAt: row.closed_at?.getTime(),
});

/** Whose accesses to what, as one case gathers them. */
export type AlertKey = Pick<Alert, 'odsCode' | 'code' | 'userId' | 'nhsNumber'>;

/** The reference of the alert this entry raised already. */
export async function alertOfEntry(
  tx: Queryable,
  { odsCode, code }: AlertKey,
  entry: string,
): Promise<string | undefined> {
  const [row] = await tx.query<{ reference: string }>(sql`
    select reference::text from cis.privacy_alert_access where ods_code = ${odsCode} and code = ${code} and entry = ${entry}`);
  return row?.reference;
}

/** An open alert of the same kind about the same user and patient, raised after an instant; locked. */
export async function openAlertLike(tx: Queryable, key: AlertKey, after: number): Promise<string | undefined> {
  const [row] = await tx.query<{ reference: string }>(sql`
    select reference::text from cis.privacy_alert
     where ods_code = ${key.odsCode} and user_id = ${key.userId} and nhs_number = ${key.nhsNumber} and code = ${key.code}
       and closed_at is null and raised_at > ${new Date(after)}
     order by raised_at desc limit 1 for update`);
  return row?.reference;
}

export async function insertAlert(tx: Queryable, alert: Alert): Promise<void> {
  await tx.query(sql`
    insert into cis.privacy_alert (ods_code, reference, code, user_id, nhs_number, detail, raised_at, state)
    values (${alert.odsCode}, ${alert.reference}::uuid, ${alert.code}, ${alert.userId}, ${alert.nhsNumber}, ${alert.detail},
            ${new Date(alert.raisedAt)}, ${alert.state})`);
}

export async function insertAlertAccess(
  tx: Queryable,
  { odsCode, code }: AlertKey,
  reference: string,
  access: Pick<Access, 'entry' | 'operation' | 'roleId' | 'requestId' | 'at'>,
): Promise<void> {
  await tx.query(sql`
    insert into cis.privacy_alert_access (ods_code, code, entry, reference, operation, role_id, request_id, looked_at)
    values (${odsCode}, ${code}, ${access.entry}, ${reference}::uuid, ${access.operation}, ${access.roleId}, ${access.requestId},
            ${new Date(access.at)})`);
}

/** Alerts of an organisation of these kinds, none about this user, newest first, those before an instant where given. */
export async function alertsAt(
  db: Queryable,
  search: {
    readonly odsCode: string;
    readonly codes: readonly string[];
    readonly notAbout: string;
    readonly isClosed: boolean;
    readonly before: { readonly raisedAt: number; readonly reference: string } | undefined;
    readonly limit: number;
  },
): Promise<Alert[]> {
  const { before } = search;
  const rows = await db.query<AlertRow>(sql`
    select ods_code, reference::text, code, user_id, nhs_number, detail, raised_at, state, assigned_to, closed_at
      from cis.privacy_alert
     where ods_code = ${search.odsCode} and code = any(${search.codes}::text[]) and user_id <> ${search.notAbout}
       and (closed_at is not null) = ${search.isClosed}
       and (${before ? new Date(before.raisedAt) : null}::timestamptz is null
            or (raised_at, reference) < (${before ? new Date(before.raisedAt) : null}::timestamptz, ${before?.reference ?? null}::uuid))
     order by raised_at desc, reference desc
     limit ${search.limit}`);
  return rows.map(alertOf);
}

/** An alert of an organisation. */
export async function findAlert(db: Queryable, odsCode: string, reference: string): Promise<Alert | undefined> {
  const [row] = await db.query<AlertRow>(sql`
    select ods_code, reference::text, code, user_id, nhs_number, detail, raised_at, state, assigned_to, closed_at
      from cis.privacy_alert where ods_code = ${odsCode} and reference = ${reference}::uuid`);
  return row && alertOf(row);
}

/** An alert of an organisation, locked until the transaction ends. */
export async function lockAlert(tx: Queryable, odsCode: string, reference: string): Promise<Alert | undefined> {
  const [row] = await tx.query<AlertRow>(sql`
    select ods_code, reference::text, code, user_id, nhs_number, detail, raised_at, state, assigned_to, closed_at
      from cis.privacy_alert where ods_code = ${odsCode} and reference = ${reference}::uuid for update`);
  return row && alertOf(row);
}

export async function updateAlert(
  tx: Queryable,
  { odsCode, reference, state, assignedTo, closedAt }: Alert,
): Promise<void> {
  await tx.query(sql`
    update cis.privacy_alert set state = ${state}, assigned_to = ${assignedTo ?? null},
           closed_at = ${closedAt === undefined ? null : new Date(closedAt)}
     where ods_code = ${odsCode} and reference = ${reference}::uuid`);
}

/** One step of a case; `id` a UUIDv7. */
export type AlertStep = {
  readonly id: string;
  readonly action: string;
  readonly by: string;
  readonly byRole: string;
  readonly note: string;
  /** Milliseconds since 1970. */
  readonly at: number;
};

export async function insertStep(
  tx: Queryable,
  { odsCode, reference }: Pick<Alert, 'odsCode' | 'reference'>,
  step: AlertStep,
): Promise<void> {
  await tx.query(sql`
    insert into cis.privacy_alert_step (ods_code, reference, step_id, action, by_user, by_role, note, happened_at)
    values (${odsCode}, ${reference}::uuid, ${step.id}::uuid, ${step.action}, ${step.by}, ${step.byRole}, ${step.note}, ${new Date(step.at)})`);
}

export async function hasStep(
  tx: Queryable,
  { odsCode, reference }: Pick<Alert, 'odsCode' | 'reference'>,
  id: string,
): Promise<boolean> {
  const rows = await tx.query(sql`
    select step_id from cis.privacy_alert_step
     where ods_code = ${odsCode} and reference = ${reference}::uuid and step_id = ${id}::uuid`);
  return rows.length > 0;
}

/** The history of a case, in its order. */
export async function stepsOf(db: Queryable, odsCode: string, reference: string): Promise<AlertStep[]> {
  const rows = await db.query<{
    step_id: string;
    action: string;
    by_user: string;
    by_role: string;
    note: string;
    happened_at: Date;
  }>(sql`
    select step_id::text, action, by_user, by_role, note, happened_at
      from cis.privacy_alert_step where ods_code = ${odsCode} and reference = ${reference}::uuid order by happened_at, step_id`);
  return rows.map((row) => ({
    id: row.step_id,
    action: row.action,
    by: row.by_user,
    byRole: row.by_role,
    note: row.note,
    at: row.happened_at.getTime(),
  }));
}

/** The accesses a case gathers, the first thousand. */
export async function accessesOf(
  db: Queryable,
  odsCode: string,
  reference: string,
): Promise<Pick<Access, 'entry' | 'operation' | 'roleId' | 'requestId' | 'at'>[]> {
  const rows = await db.query<{
    entry: string;
    operation: string;
    role_id: string;
    request_id: string;
    looked_at: Date;
  }>(sql`
    select entry, operation, role_id, request_id, looked_at
      from cis.privacy_alert_access where ods_code = ${odsCode} and reference = ${reference}::uuid
     order by looked_at, entry limit 1000`);
  return rows.map((row) => ({
    entry: row.entry,
    operation: row.operation,
    roleId: row.role_id,
    requestId: row.request_id,
    at: row.looked_at.getTime(),
  }));
}
