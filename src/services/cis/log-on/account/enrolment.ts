import type { Queryable } from '../../../../platform/db/database.ts';
import { insertEvents, type SpineEvent } from '../../../../platform/events/outbox.ts';
import type { CisParts } from '../../parts.ts';
import { mostAuthenticators } from '../authenticator.ts';
import type { ChallengeUse } from '../passkeys/challenges.ts';
import { refusePasskey } from '../passkeys/errors.ts';
import { authenticatorsOf, useEnrolmentCode } from '../queries-authenticators.ts';
import type { Holder, Holders, Realm } from '../realm.ts';

export type EnrolmentParts = Pick<CisParts, 'db' | 'audit' | 'vault' | 'address'> & {
  readonly realm: Realm;
  readonly directory: Holders;
};

/** By what right somebody adds an authenticator: a code that was given out, or a log-on of that level. */
export type Entitlement = {
  readonly account: Holder;
  readonly by: { readonly codeHash: Buffer } | { readonly level: 1 | 2 | 3 };
  /** What challenges and half-done enrolments belong to. */
  readonly use: ChallengeUse;
};

/** Whether an authenticator of this level may be added: by a code any, else none above the level of the log-on. Ours. */
export function mayAdd(by: Entitlement['by'], level: 2 | 3): boolean {
  return 'codeHash' in by || by.level >= level;
}

/** Spends the code, where it is by one, and sees that there is room. In the transaction that adds. Throws refusals. */
export async function claim(tx: Queryable, { account, by }: Entitlement, now: number): Promise<void> {
  if ('codeHash' in by && !(await useEnrolmentCode(tx, by.codeHash, now))) throw refusePasskey('ENROLMENT_CODE');
  if ((await authenticatorsOf(tx, account.userId)).length >= mostAuthenticators) throw refusePasskey('TOO_MANY');
}

/** Tells that an authenticator was added or removed, or a password set; in the transaction that does it. */
export async function tell(
  tx: Queryable,
  userId: string,
  kind: 'cis.authenticator-added' | 'cis.authenticator-removed' | 'cis.password-set',
  body: object,
  now: number,
): Promise<void> {
  const event: SpineEvent = { subject: userId, kind, happenedAt: now, body: { userId, ...body } };
  await tx.query(insertEvents([event]));
}
