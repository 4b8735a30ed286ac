import { randomUUID } from 'node:crypto';
import type { Answer, Call } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import { auditedChange } from '../audited-change.ts';
import { nameOf } from '../authenticator.ts';
import { readPasskeys, userHandleOf } from '../authenticators.ts';
import { creationOptions, readAttestation, relyingPartyOf, verifyAttestation } from '../passkeys/ceremony.ts';
import { issueChallenge, takeChallenge } from '../passkeys/challenges.ts';
import { refusePasskey } from '../passkeys/errors.ts';
import { levelOf } from '../passkeys/passkey-rules.ts';
import { insertPasskey, insertPasskeyOwner } from '../queries-authenticators.ts';
import { usernameOf } from '../realm.ts';
import { claim, type EnrolmentParts, type Entitlement, mayAdd, tell } from './enrolment.ts';

/** What the browser needs to make a passkey for this user; JSON. */
export async function passkeyCreation(parts: EnrolmentParts, call: Call, entitlement: Entitlement): Promise<Answer> {
  const { account, use } = entitlement;
  const challenge = await issueChallenge(parts.db, use, call.now);
  const user = {
    handle: userHandleOf(parts.vault, account.userId),
    name: usernameOf(account),
    displayName: account.displayName,
  };
  const existing = await readPasskeys(parts.db, account.userId);
  return { status: 200, body: await creationOptions(relyingPartyOf(parts.address.base), user, challenge, existing) };
}

/**
 * Adds the passkey the browser made, spends what entitled to it, tells and records it, in one transaction. The level is
 * what the passkey says of itself: no attestation is asked for. Throws refusals.
 */
export async function addPasskey(
  parts: EnrolmentParts,
  call: Call,
  operation: { readonly name: string },
  entitlement: Entitlement,
): Promise<{ readonly authenticatorId: string; readonly level: 2 | 3 }> {
  const { account, by, use } = entitlement;
  const attestation = readAttestation(call.body);
  if (!(await takeChallenge(parts.db, use, attestation.challenge, call.now))) throw refusePasskey('PASSKEY_CHALLENGE');
  const made = await verifyAttestation(relyingPartyOf(parts.address.base), attestation);
  const level = levelOf(made);
  if (!mayAdd(by, level)) throw refusePasskey('ENROL_LEVEL');
  const { userId } = account;
  const authenticatorId = randomUUID();
  const name = nameOf(attestation.name, level === 3 ? 'Security key' : 'Passkey');
  await auditedChange(parts, noteOf(call, operation, '', 'allowed', 200), async (tx) => {
    await claim(tx, entitlement, call.now);
    if (!(await insertPasskeyOwner(tx, made.credentialId, userId, authenticatorId)))
      throw refusePasskey('PASSKEY_REGISTERED');
    await insertPasskey(tx, { ...made, userId, authenticatorId, name }, call.now);
    await tell(tx, userId, 'cis.authenticator-added', { authenticatorId, kind: 'passkey', name, level }, call.now);
  });
  return { authenticatorId, level };
}
