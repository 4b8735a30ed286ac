import type { Queryable } from '../../../../platform/db/database.ts';
import { authenticatorsOf, deleteAuthenticator, deletePassword } from '../queries-authenticators.ts';
import { tell } from './enrolment.ts';

/**
 * Removes an authenticator of a user; the password goes with the last app, since it is of no use alone. False when the user
 * has no such one. `by` is the user id of who does it.
 */
export async function removeAuthenticatorOf(
  tx: Queryable,
  userId: string,
  authenticatorId: string,
  by: string,
  now: number,
): Promise<boolean> {
  const removed = await deleteAuthenticator(tx, userId, authenticatorId);
  if (!removed) return false;
  const left = await authenticatorsOf(tx, userId);
  if (!left.some((one) => one.kind === 'app')) await deletePassword(tx, userId);
  await tell(tx, userId, 'cis.authenticator-removed', { authenticatorId, ...removed, by }, now);
  return true;
}
