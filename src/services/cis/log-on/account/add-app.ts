import { randomUUID } from 'node:crypto';
import type { Call } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import { auditedChange } from '../audited-change.ts';
import { nameOf } from '../authenticator.ts';
import { codeOf, stepOf } from '../password/authenticator-app.ts';
import { commonestPasswords } from '../password/commonest-passwords.ts';
import { seedContext } from '../password/log-on-with-password.ts';
import { hashPassword } from '../password/password-hash.ts';
import { faultOf } from '../password/password-rules.ts';
import { insertApp, setPassword } from '../queries-authenticators.ts';
import { type Holder, usernameOf } from '../realm.ts';
import { claim, type EnrolmentParts, type Entitlement, tell } from './enrolment.ts';

const pendingMillis = 600_000;

/** A seed shown but not yet confirmed, sealed for the form of this enrolment; good for ten minutes. */
export function sealPending(parts: EnrolmentParts, { account, use }: Entitlement, seed: string, now: number): string {
  return parts.vault.seal(JSON.stringify([seed, now]), pendingContext(account, use));
}

/** The seed of a form that comes back; undefined when it is of another enrolment, altered, or too old. */
export function openPending(
  parts: EnrolmentParts,
  { account, use }: Entitlement,
  sealed: string,
  now: number,
): string | undefined {
  try {
    const [seed, at] = JSON.parse(parts.vault.open(sealed, pendingContext(account, use))) as [string, number];
    return now - at < pendingMillis ? seed : undefined;
  } catch {
    return undefined;
  }
}

const pendingContext = (account: Holder, use: Entitlement['use']): string =>
  JSON.stringify(['pending authenticator app', account.userId, use.boundTo, use.browser]);

/** What is wrong with a password this user chose, in words; undefined when nothing is. */
export function passwordFault(account: Holder, password: string): string | undefined {
  const organisations = account.roles.map((role) => role.odsCode);
  return faultOf(
    password,
    { userId: usernameOf(account), displayName: account.displayName, organisations },
    commonestPasswords,
  );
}

export type NewApp = {
  readonly seed: string;
  /** The code the app shows, to prove that it has the seed. */
  readonly code: string;
  /** A password to set; undefined where the user has one already. */
  readonly password: string | undefined;
  readonly name: string | undefined;
};

/**
 * Adds an authenticator app, and sets the password where one is given; in one transaction with the event and the audit
 * entry. Words of what is wrong, or undefined. Throws refusals.
 */
export async function addApp(
  parts: EnrolmentParts,
  call: Call,
  operation: { readonly name: string },
  entitlement: Entitlement,
  app: NewApp,
): Promise<string | undefined> {
  const { account } = entitlement;
  const { userId } = account;
  const fault = app.password === undefined ? undefined : passwordFault(account, app.password);
  if (fault !== undefined) return fault;
  const lastStep = await stepOf(codeOf(app.code), app.seed, 0, call.now);
  if (lastStep === undefined) return 'The code is not the one your app shows now. Check the time of your phone.';
  const hash = app.password === undefined ? undefined : await hashPassword(app.password);
  const authenticatorId = randomUUID();
  const name = nameOf(app.name, 'Authenticator app');
  const sealedSeed = parts.vault.seal(app.seed, seedContext(userId));
  await auditedChange(parts, noteOf(call, operation, '', 'allowed', 200), async (tx) => {
    await claim(tx, entitlement, call.now);
    await insertApp(tx, { userId, authenticatorId, name, sealedSeed, lastStep }, call.now);
    if (hash !== undefined) await setPassword(tx, userId, hash, call.now);
    await tell(tx, userId, 'cis.authenticator-added', { authenticatorId, kind: 'app', name, level: 2 }, call.now);
    if (hash !== undefined) await tell(tx, userId, 'cis.password-set', {}, call.now);
  });
  return undefined;
}
