import type { Queryable } from '../../../../platform/db/database.ts';
import { insertEvents } from '../../../../platform/events/outbox.ts';
import { type Alert, type AlertAction, moveAlert } from './alert-case.ts';
import type { AlertCode } from './alert-codes.ts';
import { hasStep, insertStep, lockAlert, updateAlert } from './queries-alerts.ts';

/** An officer's deed on a case. */
export type AlertDeed = {
  /** Id of the step; the same id is the same deed. */
  readonly id: string;
  readonly action: AlertAction;
  readonly by: string;
  readonly byRole: string;
  /** Why, or the note itself. */
  readonly note: string;
  /** Who takes the case on, where it is assigned. */
  readonly assignTo?: string | undefined;
  readonly now: number;
};

export type DeedOutcome =
  | { readonly is: 'done'; readonly alert: Alert }
  | { readonly is: 'refused'; readonly rule: 'own-access' | 'closed' | 'reason' | 'unknown' };

/**
 * Does it in the caller's transaction: state, case history and event. A case is known only to officers of its
 * organisation who receive its kind. A case goes to nobody about whom it is.
 */
export async function workOnAlertIn(
  tx: Queryable,
  {
    odsCode,
    reference,
    codes,
  }: {
    readonly odsCode: string;
    readonly reference: string;
    readonly codes: readonly AlertCode[];
  },
  deed: AlertDeed,
): Promise<DeedOutcome> {
  const alert = await lockAlert(tx, odsCode, reference);
  if (!alert || !codes.includes(alert.code)) return { is: 'refused', rule: 'unknown' };
  const move = moveAlert(alert, deed.action, { by: deed.by, reason: deed.note });
  if (deed.assignTo === alert.userId) return { is: 'refused', rule: 'own-access' };
  if (await hasStep(tx, alert, deed.id)) return { is: 'done', alert };
  if (move.is === 'refused') return move;
  const after: Alert = {
    ...alert,
    state: move.state,
    assignedTo: deed.action === 'assign' ? deed.assignTo : alert.assignedTo,
    closedAt: move.isClosed ? (alert.closedAt ?? deed.now) : undefined,
  };
  await updateAlert(tx, after);
  await insertStep(tx, alert, {
    id: deed.id,
    action: deed.action,
    by: deed.by,
    byRole: deed.byRole,
    note: deed.action === 'assign' ? [`to ${deed.assignTo}`, deed.note].filter(Boolean).join(': ') : deed.note,
    at: deed.now,
  });
  if (deed.action !== 'open' && deed.action !== 'note') {
    await tx.query(
      insertEvents([
        {
          subject: odsCode,
          kind: `cis.privacy-alert-${deed.action}`,
          happenedAt: deed.now,
          body: { reference, odsCode, state: after.state },
        },
      ]),
    );
  }
  return { is: 'done', alert: after };
}
