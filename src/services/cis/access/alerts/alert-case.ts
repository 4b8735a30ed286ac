import type { AlertCode } from './alert-codes.ts';

/** States of a case; `justified` is its end. Names are ours. */
export type AlertState = 'new' | 'assigned' | 'escalated' | 'justified';

/** An alert as it is kept. */
export type Alert = {
  readonly reference: string;
  /** The organisation of the viewing user, whose officers deal with it. */
  readonly odsCode: string;
  readonly code: AlertCode;
  readonly userId: string;
  /** Empty where it concerns no single patient. */
  readonly nhsNumber: string;
  readonly detail: string;
  /** Milliseconds since 1970, as all times here. */
  readonly raisedAt: number;
  readonly state: AlertState;
  readonly assignedTo: string | undefined;
  readonly closedAt: number | undefined;
};

/** What an officer does with a case. */
export type AlertAction = 'open' | 'assign' | 'note' | 'close' | 'escalate';

export type AlertMove =
  | { readonly is: 'done'; readonly state: AlertState; readonly isClosed: boolean }
  | { readonly is: 'refused'; readonly rule: 'own-access' | 'closed' | 'reason' };

/**
 * What becomes of a case by an action. Nobody deals with an alert about their own access, not even by opening it; closing
 * and escalating need a reason; a closed case takes notes only.
 */
export function moveAlert(
  alert: Pick<Alert, 'state' | 'userId' | 'closedAt'>,
  action: AlertAction,
  { by, reason }: { readonly by: string; readonly reason: string },
): AlertMove {
  if (by === alert.userId) return { is: 'refused', rule: 'own-access' };
  const isClosed = alert.closedAt !== undefined;
  if (isClosed && action !== 'open' && action !== 'note') return { is: 'refused', rule: 'closed' };
  if (action !== 'open' && action !== 'assign' && reason.trim() === '') return { is: 'refused', rule: 'reason' };
  if (action === 'close') return { is: 'done', state: 'justified', isClosed: true };
  if (action === 'escalate') return { is: 'done', state: 'escalated', isClosed: false };
  // an escalated case stays so whoever takes it on
  if (action === 'assign')
    return { is: 'done', state: alert.state === 'escalated' ? 'escalated' : 'assigned', isClosed: false };
  return { is: 'done', state: alert.state, isClosed };
}
