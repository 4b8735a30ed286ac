import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Clock } from '../../../../platform/clock/clock.ts';
import type { Queryable } from '../../../../platform/db/database.ts';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';
import type { PatientIdentity } from '../../../pds/index.ts';
import type { KeptAccount } from '../../patient-accounts/account.ts';
import { accountBySub, openAccountOf } from '../../patient-accounts/kept-accounts.ts';
import { type SandboxUserRow, sandboxUserByName, sandboxUserBySub } from '../queries-sandbox-users.ts';
import type { Proofing } from './vectors.ts';

/** A person as the identity provider of patients sees them at this moment. */
export type PatientAccount = {
  readonly sub: string;
  readonly proofing: Proofing;
  /** Only of somebody whose record PDS holds under this number. */
  readonly nhsNumber: string | undefined;
  readonly displayName: string;
  /** What they type to log on. */
  readonly username: string;
  /** Every claim there is of them. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Claims a sandbox wants in ID tokens besides; they win. */
  readonly idTokenClaims: Readonly<Record<string, unknown>>;
  /** The user information is answered as it was given, whatever the scopes. */
  readonly isUserInfoWhole: boolean;
};

/** Who a patient is by PDS, on a day (yyyy-mm-dd); undefined where there is no such patient (any more). */
export type PatientDirectory = (nhsNumber: string, day: string) => Promise<PatientIdentity | undefined>;

export type PatientAccounts = {
  find(sub: string): Promise<PatientAccount | undefined>;
  findByUsername(username: string): Promise<PatientAccount | undefined>;
};

/** The published test users, by NHS number and level of proof (claims-examples, testUsers); names and ids are ours. */
const testPatients = [
  { nhsNumber: '9912003071', proofing: 'P9', sub: '8dc9fc1d-c3cb-48e1-ba62-b1532539ab6d' },
  { nhsNumber: '9912003072', proofing: 'P5', sub: '5b1b0a0e-6c1d-4c2f-9d62-0a3f7f3c2e72' },
  { nhsNumber: '9912003073', proofing: 'P0', sub: 'c1f3d0ab-2f4e-4b7b-8a7e-5d4b9c0e6f73' },
] as const;

/** The accounts that practices opened, while they are active; what they may be tied to is what PDS says now. */
export function keptPatients(parts: {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly directory: PatientDirectory;
}): PatientAccounts {
  const { db, clock, directory } = parts;
  const today = () => new Date(clock.now()).toISOString().slice(0, 10);
  const asOfNow = async (kept: KeptAccount | undefined) =>
    kept?.state === 'active'
      ? accountOf(kept.sub, kept.proofing, kept.nhsNumber, await directory(kept.nhsNumber, today()))
      : undefined;
  return {
    find: async (sub) => asOfNow(await accountBySub(db, sub)),
    findByUsername: async (username) => asOfNow(await openAccountOf(db, username)),
  };
}

/** First in one place, then in the other. */
export function eitherOf(first: PatientAccounts, second: PatientAccounts): PatientAccounts {
  return {
    find: async (sub) => (await first.find(sub)) ?? second.find(sub),
    findByUsername: async (username) => (await first.findByUsername(username)) ?? second.findByUsername(username),
  };
}

/**
 * The accounts of a sandbox: users it was given, the published test users, and everybody in PDS by NHS number (ours),
 * whose word is taken that they are who they say. Somebody proofed (P9) whose record PDS does not hold any more is told
 * apart from nobody else: P5 at most, and no NHS number.
 */
export function sandboxPatients(parts: {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly directory: PatientDirectory;
  /** Secret from which the ids of people in PDS are made, so that an id tells nobody the number. */
  readonly idKey: Buffer;
}): PatientAccounts {
  const { db, clock, directory, idKey } = parts;
  const today = () => new Date(clock.now()).toISOString().slice(0, 10);
  const ofTestUser = async (user: (typeof testPatients)[number]) =>
    accountOf(user.sub, user.proofing, user.nhsNumber, await directory(user.nhsNumber, today()));
  const ofPds = async (nhsNumber: string) => {
    const identity = await directory(nhsNumber, today());
    return identity && accountOf(subOf(idKey, nhsNumber), 'P9', nhsNumber, identity);
  };
  return {
    async find(sub) {
      const loaded = await sandboxUserBySub(db, 'nhs-login', sub);
      if (loaded) return givenAccount(loaded);
      const test = testPatients.find((user) => user.sub === sub);
      if (test) return ofTestUser(test);
      const nhsNumber = numberOf(idKey, sub);
      return nhsNumber === undefined ? undefined : ofPds(nhsNumber);
    },
    async findByUsername(username) {
      const loaded = await sandboxUserByName(db, 'nhs-login', username);
      if (loaded) return givenAccount(loaded);
      const typed = username.replaceAll(' ', '');
      const test = testPatients.find((user) => user.nhsNumber === typed);
      if (test) return ofTestUser(test);
      return isNhsNumber(typed) ? ofPds(typed) : undefined;
    },
  };
}

/** An account of what PDS says now. */
function accountOf(
  sub: string,
  proved: Proofing,
  nhsNumber: string,
  identity: PatientIdentity | undefined,
): PatientAccount {
  const proofing = proved === 'P9' && !identity ? 'P5' : proved;
  const isTied = identity !== undefined && proofing !== 'P0';
  const name = [identity?.givenName, identity?.familyName].filter(Boolean).join(' ');
  return {
    sub,
    proofing,
    nhsNumber: isTied ? identity.nhsNumber : undefined,
    displayName: name === '' || !isTied ? 'a patient' : name,
    username: nhsNumber,
    claims: {
      identity_proofing_level: proofing,
      ...(isTied ? tiedClaims(identity) : {}),
    },
    idTokenClaims: {},
    isUserInfoWhole: false,
  };
}

function tiedClaims(identity: PatientIdentity): Record<string, unknown> {
  const { email, mobile, practice } = identity;
  return {
    nhs_number: identity.nhsNumber,
    family_name: identity.familyName,
    given_name: identity.givenName,
    birthdate: identity.bornOn,
    ...(email === undefined ? {} : { email, email_verified: true }),
    ...(mobile === undefined
      ? {}
      : { phone_number: mobile, phone_number_verified: true, phone_number_pds_matched: 'true' }),
    ...(practice === undefined ? {} : { gp_registration_details: { gp_ods_code: practice } }),
  };
}

/** A user exactly as loaded. */
function givenAccount({ sub, username, claims, userinfo }: SandboxUserRow): PatientAccount {
  const given = String(claims.identity_proofing_level ?? userinfo.identity_proofing_level ?? 'P9').slice(0, 2);
  const number = claims.nhs_number ?? userinfo.nhs_number;
  return {
    sub,
    proofing: given === 'P0' || given === 'P5' ? given : 'P9',
    nhsNumber: typeof number === 'string' ? number : undefined,
    displayName: username,
    username,
    claims: { ...userinfo, ...claims },
    idTokenClaims: claims,
    isUserInfoWhole: true,
  };
}

const marked = 'NHSNO:';

/** An id made of an NHS number that only we can take apart again: one block of AES. */
export function subOf(key: Buffer, nhsNumber: string): string {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const hex = Buffer.concat([cipher.update(`${marked}${nhsNumber}`, 'latin1'), cipher.final()]).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The NHS number in such an id; undefined when it is none of ours. */
export function numberOf(key: Buffer, sub: string): string | undefined {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(sub)) return undefined;
  const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const text = Buffer.concat([decipher.update(sub.replaceAll('-', ''), 'hex'), decipher.final()]).toString('latin1');
  return text.startsWith(marked) && isNhsNumber(text.slice(marked.length)) ? text.slice(marked.length) : undefined;
}
