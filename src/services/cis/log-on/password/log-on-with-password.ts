import type { Call } from '../../../../platform/http/operation.ts';
import type { CisParts } from '../../parts.ts';
import type { AuthenticatorApp } from '../authenticator.ts';
import { readApps } from '../authenticators.ts';
import { nameCaller } from '../caller.ts';
import { passwordOf, spendStep } from '../queries-authenticators.ts';
import type { Holder, Holders, Realm } from '../realm.ts';
import type { KnownBrowsers } from '../throttle/known-browsers.ts';
import type { Throttle } from '../throttle/throttle.ts';
import type { LogOnAttempt, Proof } from '../way.ts';
import { codeOf, dayOfSteps, newSeed, stepOf } from './authenticator-app.ts';
import { isPassword } from './password-hash.ts';

/** The authenticator's name in `amr` and in `acr_values` (contract: cis2-acr-amr). */
export const appAmr = 'TOTP';

export type PasswordLogOnParts = Pick<CisParts, 'db' | 'vault'> & {
  readonly realm: Realm;
  readonly directory: Holders;
  readonly throttle: Throttle;
  readonly browsers: KnownBrowsers;
  /** Policy: for whom a password with an authenticator app is enough. */
  readonly mayUsePassword: (account: Holder) => boolean;
};

export type Typed = { readonly username: string; readonly password: string; readonly code: string };

export type PasswordLogOn =
  | { readonly is: 'proved'; readonly proof: Proof }
  /** Something of it was wrong; which is not told. */
  | { readonly is: 'wrong' }
  | { readonly is: 'throttled'; readonly waitMillis: number };

/** Context under which seeds of apps are sealed. */
export const seedContext = (userId: string): string => `authenticator app ${userId}`;

/** A seed of nobody, to take the same time where there is no user. */
const seedOfNobody = newSeed();

/** Judges password and code together, in a time that does not tell whether there is such a user. */
export async function logOnWithPassword(
  parts: PasswordLogOnParts,
  call: Call,
  attempt: LogOnAttempt,
  typed: Typed,
): Promise<PasswordLogOn> {
  const account =
    attempt.userId === undefined
      ? await parts.directory.findByUsername(typed.username)
      : await parts.directory.find(attempt.userId);
  const user = account?.userId ?? `${parts.realm.mark}${typed.username.slice(0, 200)}`;
  if (account) nameCaller(call, account, parts.realm);
  const knownBrowser = await parts.browsers.of(call, user);
  const admission = await parts.throttle.admit({ user, knownBrowser, address: call.remote }, call.now);
  if (!admission.isAdmitted) return { is: 'throttled', waitMillis: admission.waitMillis };
  const [hash, apps] = await Promise.all([passwordOf(parts.db, user), readApps(parts.db, user)]);
  const isRight = await isPassword(typed.password, hash);
  const match = await matchOf(parts, apps, codeOf(typed.code), call.now);
  if (!account || !isRight || !match) return { is: 'wrong' };
  if (account.status !== 'active' || !parts.mayUsePassword(account)) return { is: 'wrong' };
  // of two who send one code at the same moment only one is let in
  if (!(await spendStep(parts.db, match.app, { step: match.step, ahead: dayOfSteps }, call.now)))
    return { is: 'wrong' };
  await admission.succeeded(call.now);
  const authenticatorId = match.app.authenticatorId;
  return { is: 'proved', proof: { userId: account.userId, level: 2, amr: [appAmr], authenticatorId } };
}

async function matchOf(parts: PasswordLogOnParts, apps: readonly AuthenticatorApp[], code: string, now: number) {
  if (apps.length === 0) await stepOf(code, seedOfNobody, 0, now);
  for (const app of apps) {
    const seed = parts.vault.open(app.sealedSeed, seedContext(app.userId));
    const step = await stepOf(code, seed, app.lastStep, now);
    if (step !== undefined) return { app, step };
  }
  return undefined;
}
