import type { Queryable } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import type { Permission } from '../../../platform/identity/access.ts';
import type { AlertCode } from './alerts/alert-codes.ts';
import { raiseAlertIn } from './alerts/raise-alert.ts';
import type { Access } from './alerts/suspicions.ts';
import { isPersonal, type KeptPermission, viewMillis } from './permission.ts';
import { insertPermission } from './queries-relationships.ts';

/** What is to be recorded of the patient's permission. */
export type NewPermission = Pick<
  KeptPermission,
  'nhsNumber' | 'id' | 'value' | 'odsCode' | 'recordedBy' | 'reason' | 'note'
>;

/** The alert a new permission raises, given what stood before; undefined: none. */
export function alertFor(value: Permission['value'], before: Permission | undefined): AlertCode | undefined {
  if (value === 'emergency') return 'DISSENT_OVERRIDE';
  return before?.value === 'refused' && value !== 'refused' ? 'DISSENT_REVERSED' : undefined;
}

/**
 * Records a permission in the caller's transaction, with its event and, for an emergency or a refusal turned round by
 * staff, the alert; false when it was recorded before. `before` is what stood for the whole organisation.
 */
export async function recordPermissionIn(
  tx: Queryable,
  wanted: NewPermission,
  {
    now,
    before,
    by,
  }: {
    readonly now: number;
    readonly before: Permission | undefined;
    /** Undefined when the patient says so themselves. */
    readonly by: Pick<Access, 'roleId' | 'requestId'> | undefined;
  },
): Promise<boolean> {
  const isForOne = isPersonal(wanted.value);
  const one: KeptPermission = {
    ...wanted,
    userId: isForOne ? wanted.recordedBy : undefined,
    recordedAt: now,
    expiresAt: isForOne ? now + viewMillis : undefined,
  };
  if (!(await insertPermission(tx, one))) return false;
  await tx.query(
    insertEvents([
      {
        subject: one.nhsNumber,
        kind: 'cis.permission-recorded',
        happenedAt: now,
        body: { permissionId: one.id, value: one.value, odsCode: one.odsCode },
      },
    ]),
  );
  const code = by && alertFor(one.value, before);
  if (by && code) {
    const access = {
      ...by,
      entry: one.id,
      userId: one.recordedBy,
      nhsNumber: one.nhsNumber,
      odsCode: one.odsCode,
      operation: 'access.record-permission',
      at: now,
    };
    await raiseAlertIn(tx, { code, access, detail: [one.reason, one.note].filter(Boolean).join(': ') }, now);
  }
  return true;
}
