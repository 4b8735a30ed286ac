import type { Queryable } from '../../../../platform/db/database.ts';
import { insertEvents } from '../../../../platform/events/outbox.ts';
import { uuidv4 } from '../reference.ts';
import { type AlertCode, alertCodes } from './alert-codes.ts';
import { alertOfEntry, insertAlert, insertAlertAccess, openAlertLike } from './queries-alerts.ts';
import type { Access } from './suspicions.ts';

/** An access about which an officer shall be told. */
export type Suspicion = {
  readonly code: AlertCode;
  readonly access: Access;
  /** What the officer should know besides; not sent with the notification. */
  readonly detail?: string | undefined;
};

/** Where alerts go whose user and patient have no organisation we know: NHS England. Ours. */
export const nationalOfficers = 'X26';

const day = 86_400_000;

/**
 * Raises an alert in the caller's transaction; its reference. Accesses of one user to one patient that raise the same code
 * are one case while it is open and not a day old; the same entry never raises a code twice. The event that tells of a
 * new case holds nothing but the reference and who receives it.
 */
export async function raiseAlertIn(
  tx: Queryable,
  { code, access, detail = '' }: Suspicion,
  now: number,
): Promise<string> {
  const odsCode = access.odsCode === '' ? nationalOfficers : access.odsCode;
  const key = { odsCode, code, userId: access.userId, nhsNumber: access.nhsNumber };
  const raised = await alertOfEntry(tx, key, access.entry);
  if (raised !== undefined) return raised;
  let reference = await openAlertLike(tx, key, now - day);
  if (reference === undefined) {
    reference = uuidv4();
    await tx.query(
      insertEvents([
        {
          subject: odsCode,
          kind: 'cis.privacy-alert-raised',
          happenedAt: now,
          body: { reference, odsCode, receivedWith: alertCodes[code].receivedWith },
        },
      ]),
    );
    const open = {
      reference,
      detail,
      raisedAt: now,
      state: 'new',
      assignedTo: undefined,
      closedAt: undefined,
    } as const;
    await insertAlert(tx, { ...key, ...open });
  }
  await insertAlertAccess(tx, key, reference, access);
  return reference;
}
