import { timingSafeEqual } from 'node:crypto';
import { insertEvents } from '../../../../platform/events/outbox.ts';
import type { Call } from '../../../../platform/http/operation.ts';
import type { CisParts } from '../../parts.ts';
import type { Passkey } from '../authenticator.ts';
import { readPasskeys, userHandleOf } from '../authenticators.ts';
import { nameCaller } from '../caller.ts';
import { ownerOfPasskey, suspectPasskey, usePasskey } from '../queries-authenticators.ts';
import { type Holders, isOf, type Realm } from '../realm.ts';
import type { LogOnAttempt, Proof } from '../way.ts';
import { type Assertion, readAssertion, relyingPartyOf, verifyAssertion } from './ceremony.ts';
import { takeChallenge } from './challenges.ts';
import { refusePasskey } from './errors.ts';
import { isAccepted, judge, reaches } from './passkey-rules.ts';

/** The authenticator's name in `amr` and in `acr_values` (contract: cis2-acr-amr). */
export const passkeyAmr = 'FIDO2';

export type PasskeyLogOnParts = Pick<CisParts, 'db' | 'vault' | 'address'> & {
  readonly realm: Realm;
  readonly directory: Holders;
};

export const logOnUse = (attempt: Pick<LogOnAttempt, 'id' | 'browser'>) => ({
  boundTo: `log-on ${attempt.id}`,
  browser: attempt.browser,
});

/**
 * Checks a passkey's answer to a challenge of this attempt; what it proves. The challenge is spent before anything else is
 * looked at. A genuine answer that shows that there may be a copy of the key ends its use. Throws refusals.
 */
export async function logOnWithPasskey(parts: PasskeyLogOnParts, call: Call, attempt: LogOnAttempt): Promise<Proof> {
  const assertion = readAssertion(call.body);
  if (!(await takeChallenge(parts.db, logOnUse(attempt), assertion.challenge, call.now)))
    throw refusePasskey('PASSKEY_CHALLENGE');
  const passkey = await passkeyOf(parts, assertion, attempt);
  const { userId, authenticatorId } = passkey;
  const seen = await verifyAssertion(relyingPartyOf(parts.address.base), assertion, passkey);
  // only now is it known that the user is there: before, anybody could put a name into the audit
  nameCaller(call, { userId }, parts.realm);
  if (passkey.suspectedAt !== undefined) throw refusePasskey('PASSKEY_SUSPECTED');
  const judgement = judge(passkey, seen);
  if (judgement.is === 'suspected') throw await suspect(parts, passkey, judgement.why, call.now);
  const account = await parts.directory.find(userId);
  if (account) nameCaller(call, account, parts.realm);
  if (account?.status !== 'active') throw refusePasskey('USER_INACTIVE');
  const used = { signCount: seen.signCount, isBackedUp: judgement.isBackedUp };
  if (!(await usePasskey(parts.db, passkey, used, call.now))) throw await overtaken(parts, passkey, call.now);
  if (attempt.userId !== undefined && attempt.userId !== userId) throw refusePasskey('PASSKEY_OF_ANOTHER');
  if (!isAccepted(attempt, passkeyAmr)) throw refusePasskey('PASSKEY_NOT_ACCEPTED');
  if (!reaches(attempt, judgement.level)) throw refusePasskey('PASSKEY_LEVEL');
  return { userId, level: judgement.level, amr: [passkeyAmr], authenticatorId };
}

async function passkeyOf(parts: PasskeyLogOnParts, assertion: Assertion, attempt: LogOnAttempt): Promise<Passkey> {
  const owner = await ownerOfPasskey(parts.db, assertion.id);
  // a passkey of staff is none to the provider of patients, and the reverse
  const passkeys = owner && isOf(parts.realm, owner.userId) ? await readPasskeys(parts.db, owner.userId) : [];
  const passkey = passkeys.find((one) => one.credentialId === assertion.id);
  if (!owner || !passkey) throw refusePasskey('PASSKEY_UNKNOWN');
  const { userHandle } = assertion.response;
  // who was not named before names himself by the handle; where both are there they must agree
  if (!userHandle && attempt.userId === undefined) throw refusePasskey('PASSKEY_INVALID');
  if (userHandle && !isHandle(userHandle, userHandleOf(parts.vault, owner.userId)))
    throw refusePasskey('PASSKEY_INVALID');
  return passkey;
}

function isHandle(given: string, right: Buffer): boolean {
  const bytes = Buffer.from(given, 'base64url');
  return bytes.length === right.length && timingSafeEqual(bytes, right);
}

/** Between our look and our write the passkey was used elsewhere, or removed. */
async function overtaken(parts: PasskeyLogOnParts, passkey: Passkey, now: number) {
  const still = (await readPasskeys(parts.db, passkey.userId)).find(
    (one) => one.authenticatorId === passkey.authenticatorId,
  );
  if (!still) return refusePasskey('PASSKEY_UNKNOWN');
  return suspect(parts, passkey, 'counter', now);
}

async function suspect(parts: PasskeyLogOnParts, passkey: Passkey, why: 'counter' | 'backup', now: number) {
  const { userId, authenticatorId } = passkey;
  await parts.db.transaction(async (tx) => {
    if (!(await suspectPasskey(tx, passkey, now))) return;
    const body = { userId, authenticatorId, why };
    await tx.query(insertEvents([{ subject: userId, kind: 'cis.passkey-suspected', happenedAt: now, body }]));
  });
  return refusePasskey('PASSKEY_SUSPECTED');
}
