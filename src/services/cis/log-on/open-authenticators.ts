import type { Queryable } from '../../../platform/db/database.ts';
import type { Call, Service } from '../../../platform/http/operation.ts';
import { pagesDialect } from '../pages/dialect.ts';
import type { CisParts } from '../parts.ts';
import { accountOperations } from './account/account-operations.ts';
import { enrolOperations } from './account/enrol-operations.ts';
import { codeLifeMillis, hashOfCode, newEnrolmentCode } from './account/enrolment-code.ts';
import { removeAuthenticatorOf } from './account/remove-authenticator.ts';
import type { AuthenticatorSummary } from './authenticator.ts';
import { readAuthenticators, summaryOf } from './authenticators.ts';
import { passkeyWay } from './passkeys/passkey-way.ts';
import { passwordPolicy } from './password/password-policy.ts';
import { passwordWay } from './password/password-way.ts';
import {
  authenticatorsOf,
  forgetAuthenticators,
  forgetOldChallenges,
  forgetOldEnrolmentCodes,
  insertEnrolmentCode,
  withdrawEnrolmentCodes,
} from './queries-authenticators.ts';
import { accountPathOf, enrolPathOf, type Holder, type Holders, type Realm, staffRealm } from './realm.ts';
import { KnownBrowsers } from './throttle/known-browsers.ts';
import { deleteKnownBrowsers, forgetOldBrowsers, forgetOldTries } from './throttle/queries-throttle.ts';
import { Throttle } from './throttle/throttle.ts';
import type { BrowserSession, LogOnWay, SessionOf } from './way.ts';

/** A code for enrolment, shown once; only its hash is kept. */
export type EnrolmentCode = {
  readonly code: string;
  /** The page on which it is used. */
  readonly address: string;
  readonly expiresAt: number;
};

/** Who does something, by user id, and when (milliseconds). */
type Actor = { readonly actor: string; readonly now: number };

export type Authenticators = {
  /** Passkey, and password with authenticator app. */
  readonly ways: readonly LogOnWay[];
  /** Scripts of these ways, for the page they are on. */
  readonly scripts: readonly string[];
  /** Pages of account and enrolment. */
  readonly services: readonly Service[];
  /** What those do with the authenticators of others who may. */
  readonly desk: {
    /** What the user logs on with, oldest first. */
    list(db: Queryable, userId: string): Promise<AuthenticatorSummary[]>;
    /** A one-time code for this user, good for a day; earlier ones end. */
    issueEnrolmentCode(tx: Queryable, userId: string, by: Actor): Promise<EnrolmentCode>;
    /** Ends codes that were not used yet. */
    withdrawCodes(tx: Queryable, userId: string, now: number): Promise<void>;
    /** Removes one, and ends the user's sessions and tokens; false where there is no such one. */
    remove(tx: Queryable, of: { userId: string; authenticatorId: string }, by: Actor): Promise<boolean>;
    /** Removes all a user logs on with, codes not yet used too, and ends sessions and tokens. How many there were. */
    removeAllOf(tx: Queryable, userId: string, by: Actor): Promise<number>;
  };
  /** Forgets everything. Sandbox only. */
  forgetAll(tx: Queryable): Promise<void>;
  /** Forgets what has had its time. */
  readonly chore: (now: number) => Promise<void>;
};

export type AuthenticatorOptions = {
  /** Whose log-on it is; by default that of staff. */
  readonly realm?: Realm;
  readonly directory: Holders;
  readonly sessionOf: SessionOf;
  readonly endSession: (call: Call, session: BrowserSession) => Promise<void>;
  /** Ends every session of a user at the provider, but for one, in the caller's transaction. */
  readonly endSessionsIn: (tx: Queryable, userId: string, except?: string) => Promise<number>;
  /** Policy: for whom a password with an authenticator app is enough; by default as configured. */
  readonly mayUsePassword?: (account: Holder) => boolean;
};

const day = 86_400_000;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What people log on with, beside smartcards: enrolling, using and removing it. */
export function openAuthenticators(parts: CisParts, options: AuthenticatorOptions): Authenticators {
  const { db, vault, address, tokens, audit } = parts;
  const {
    realm = staffRealm,
    directory,
    sessionOf,
    endSession,
    endSessionsIn,
    mayUsePassword = passwordPolicy(parts.config.passwordLogOn),
  } = options;
  const browsers = new KnownBrowsers({ db, vault, address });
  const throttle = new Throttle(db, vault);
  const rooms = {
    db,
    audit,
    vault,
    address,
    realm,
    directory,
    throttle,
    browsers,
    mayUsePassword,
    sessionOf,
    endSession,
    endSessionsIn,
  };
  // what was removed may be in other hands, and logged on with at this moment
  const endAllIn = async (tx: Queryable, userId: string) => {
    await endSessionsIn(tx, userId);
    await tokens.revokeAllIn(tx, { userId });
  };
  return {
    ways: [passkeyWay(rooms), passwordWay(rooms)],
    scripts: ['passkey.js'],
    services: [
      {
        name: `${realm.home.slice(1)}-enrol`,
        title: 'Enrolment of authenticators',
        dialect: pagesDialect(enrolPathOf(realm)),
        operations: enrolOperations(rooms),
      },
      {
        name: `${realm.home.slice(1)}-account`,
        title: realm.hasLevels ? 'Own account of staff' : 'Own account of patients',
        dialect: pagesDialect(accountPathOf(realm)),
        operations: accountOperations(rooms),
      },
    ],
    desk: {
      list: async (queryable, userId) => (await readAuthenticators(queryable, userId)).map(summaryOf),
      async issueEnrolmentCode(tx, userId, { actor, now }) {
        const code = newEnrolmentCode();
        const expiresAt = now + codeLifeMillis;
        await withdrawEnrolmentCodes(tx, userId, now);
        await insertEnrolmentCode(tx, { hash: hashOfCode(code) as Buffer, userId, issuedBy: actor }, now, expiresAt);
        return { code, address: `${address.base}${enrolPathOf(realm)}/${code}`, expiresAt };
      },
      withdrawCodes: withdrawEnrolmentCodes,
      async remove(tx, { userId, authenticatorId }, { actor, now }) {
        if (!uuid.test(authenticatorId)) return false;
        if (!(await removeAuthenticatorOf(tx, userId, authenticatorId, actor, now))) return false;
        await endAllIn(tx, userId);
        return true;
      },
      async removeAllOf(tx, userId, { actor, now }) {
        const all = await authenticatorsOf(tx, userId);
        for (const { authenticator_id: id } of all) await removeAuthenticatorOf(tx, userId, id, actor, now);
        await withdrawEnrolmentCodes(tx, userId, now);
        await deleteKnownBrowsers(tx, userId);
        await endAllIn(tx, userId);
        return all.length;
      },
    },
    forgetAll: forgetAuthenticators,
    async chore(now) {
      await db.query(forgetOldChallenges(now));
      await db.query(forgetOldEnrolmentCodes(now - 30 * day));
      await db.query(forgetOldTries(now - 7 * day));
      await db.query(forgetOldBrowsers(now - 365 * day));
    },
  };
}
