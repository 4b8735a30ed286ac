import type { Queryable } from '../../../platform/db/database.ts';
import { type Statement, sql } from '../../../platform/db/sql.ts';

export type AuthenticatorRow = {
  user_id: string;
  authenticator_id: string;
  kind: string;
  name: string;
  credential_id: string | null;
  public_key: Buffer | null;
  transports: unknown;
  model: string | null;
  sign_count: number;
  is_backup_eligible: boolean;
  is_backed_up: boolean;
  sealed_seed: string | null;
  last_step: number;
  added_at: Date;
  last_used_at: Date | null;
  suspected_at: Date | null;
};

export function authenticatorsOf(db: Queryable, userId: string): Promise<AuthenticatorRow[]> {
  return db.query<AuthenticatorRow>(sql`
    select user_id, authenticator_id::text, kind, name, credential_id, public_key, transports, model, sign_count,
           is_backup_eligible, is_backed_up, sealed_seed, last_step, added_at, last_used_at, suspected_at
      from cis.authenticator where user_id = ${userId} order by added_at, authenticator_id`);
}

export async function ownerOfPasskey(
  db: Queryable,
  credentialId: string,
): Promise<{ userId: string; authenticatorId: string } | undefined> {
  const [row] = await db.query<{ user_id: string; authenticator_id: string }>(
    sql`select user_id, authenticator_id::text from cis.passkey_owner where credential_id = ${credentialId}`,
  );
  return row && { userId: row.user_id, authenticatorId: row.authenticator_id };
}

/** True when nobody had this passkey. */
export async function insertPasskeyOwner(
  tx: Queryable,
  credentialId: string,
  userId: string,
  authenticatorId: string,
): Promise<boolean> {
  const rows = await tx.query(sql`
    insert into cis.passkey_owner (credential_id, user_id, authenticator_id)
    values (${credentialId}, ${userId}, ${authenticatorId}::uuid) on conflict (credential_id) do nothing
    returning user_id`);
  return rows.length === 1;
}

export type NewPasskey = {
  readonly userId: string;
  readonly authenticatorId: string;
  readonly name: string;
  readonly credentialId: string;
  readonly publicKey: Buffer;
  readonly transports: readonly string[];
  readonly model: string;
  readonly signCount: number;
  readonly isBackupEligible: boolean;
  readonly isBackedUp: boolean;
};

export async function insertPasskey(tx: Queryable, passkey: NewPasskey, now: number): Promise<void> {
  await tx.query(sql`
    insert into cis.authenticator (user_id, authenticator_id, kind, name, credential_id, public_key, transports, model,
                                   sign_count, is_backup_eligible, is_backed_up, added_at)
    values (${passkey.userId}, ${passkey.authenticatorId}::uuid, 'passkey', ${passkey.name}, ${passkey.credentialId},
            ${passkey.publicKey}, ${JSON.stringify(passkey.transports)}::jsonb, ${passkey.model}, ${passkey.signCount},
            ${passkey.isBackupEligible}, ${passkey.isBackedUp}, ${new Date(now)})`);
}

export async function insertApp(
  tx: Queryable,
  app: { userId: string; authenticatorId: string; name: string; sealedSeed: string; lastStep: number },
  now: number,
): Promise<void> {
  await tx.query(sql`
    insert into cis.authenticator (user_id, authenticator_id, kind, name, sealed_seed, last_step, added_at)
    values (${app.userId}, ${app.authenticatorId}::uuid, 'app', ${app.name}, ${app.sealedSeed}, ${app.lastStep},
            ${new Date(now)})`);
}

/**
 * Takes over what a passkey said at a log-on. False when in the meantime it was removed, suspected, or used with this or
 * a higher count: of two log-ons with one count, one is a copy's.
 */
export async function usePasskey(
  tx: Queryable,
  passkey: { userId: string; authenticatorId: string },
  seen: { signCount: number; isBackedUp: boolean },
  now: number,
): Promise<boolean> {
  const rows = await tx.query(sql`
    update cis.authenticator set sign_count = ${seen.signCount}, is_backed_up = ${seen.isBackedUp}, last_used_at = ${new Date(now)}
     where user_id = ${passkey.userId} and authenticator_id = ${passkey.authenticatorId}::uuid and suspected_at is null
       and (sign_count < ${seen.signCount} or (sign_count = 0 and ${seen.signCount}::bigint = 0))
    returning authenticator_id`);
  return rows.length === 1;
}

/** True when it was not suspected before. */
export async function suspectPasskey(
  tx: Queryable,
  passkey: { userId: string; authenticatorId: string },
  now: number,
): Promise<boolean> {
  const rows = await tx.query(sql`
    update cis.authenticator set suspected_at = ${new Date(now)}
     where user_id = ${passkey.userId} and authenticator_id = ${passkey.authenticatorId}::uuid and suspected_at is null
    returning authenticator_id`);
  return rows.length === 1;
}

/** Spends the code of a time step; false when it or a later one, up to `ahead`, was spent before. */
export async function spendStep(
  tx: Queryable,
  app: { userId: string; authenticatorId: string },
  { step, ahead }: { step: number; ahead: number },
  now: number,
): Promise<boolean> {
  const rows = await tx.query(sql`
    update cis.authenticator set last_step = ${step}, last_used_at = ${new Date(now)}
     where user_id = ${app.userId} and authenticator_id = ${app.authenticatorId}::uuid
       and (last_step < ${step} or last_step > ${step}::bigint + ${ahead}::bigint)
    returning authenticator_id`);
  return rows.length === 1;
}

/** Removes one authenticator of this user; what it was. */
export async function deleteAuthenticator(
  tx: Queryable,
  userId: string,
  authenticatorId: string,
): Promise<{ kind: string; name: string } | undefined> {
  const [row] = await tx.query<{ kind: string; name: string; credential_id: string | null }>(sql`
    delete from cis.authenticator where user_id = ${userId} and authenticator_id = ${authenticatorId}::uuid
    returning kind, name, credential_id`);
  if (row?.credential_id) await tx.query(sql`delete from cis.passkey_owner where credential_id = ${row.credential_id}`);
  return row && { kind: row.kind, name: row.name };
}

export async function passwordOf(db: Queryable, userId: string): Promise<string | undefined> {
  const [row] = await db.query<{ hash: string }>(sql`select hash from cis.staff_password where user_id = ${userId}`);
  return row?.hash;
}

export async function setPassword(tx: Queryable, userId: string, hash: string, now: number): Promise<void> {
  await tx.query(sql`
    insert into cis.staff_password (user_id, hash, set_at) values (${userId}, ${hash}, ${new Date(now)})
    on conflict (user_id) do update set hash = excluded.hash, set_at = excluded.set_at`);
}

export async function deletePassword(tx: Queryable, userId: string): Promise<void> {
  await tx.query(sql`delete from cis.staff_password where user_id = ${userId}`);
}

export type ChallengeRow = { boundTo: string; challengeHash: Buffer; browser: string };

export function insertChallenge(challenge: ChallengeRow, issuedAt: number, expiresAt: number): Statement {
  return sql`
    insert into cis.passkey_challenge (bound_to, challenge_hash, browser, issued_at, expires_at)
    values (${challenge.boundTo}, ${challenge.challengeHash}, ${challenge.browser}, ${new Date(issuedAt)}, ${new Date(expiresAt)})`;
}

/** Spends a challenge; true for exactly one caller, in time and in the right browser. */
export async function spendChallenge(db: Queryable, challenge: ChallengeRow, now: number): Promise<boolean> {
  const rows = await db.query<{ is_good: boolean }>(sql`
    delete from cis.passkey_challenge
     where bound_to = ${challenge.boundTo} and challenge_hash = ${challenge.challengeHash} and browser = ${challenge.browser}
    returning expires_at > ${new Date(now)} and issued_at <= ${new Date(now)} as is_good`);
  return rows[0]?.is_good ?? false;
}

export function forgetOldChallenges(before: number): Statement {
  return sql`delete from cis.passkey_challenge where expires_at < ${new Date(before)}`;
}

/** Withdraws the user's unused codes. */
export async function withdrawEnrolmentCodes(tx: Queryable, userId: string, now: number): Promise<void> {
  await tx.query(sql`
    update cis.enrolment_code set withdrawn_at = ${new Date(now)}
     where user_id = ${userId} and used_at is null and withdrawn_at is null`);
}

export async function insertEnrolmentCode(
  tx: Queryable,
  code: { hash: Buffer; userId: string; issuedBy: string },
  now: number,
  expiresAt: number,
): Promise<void> {
  await tx.query(sql`
    insert into cis.enrolment_code (code_hash, user_id, issued_by, issued_at, expires_at)
    values (${code.hash}, ${code.userId}, ${code.issuedBy}, ${new Date(now)}, ${new Date(expiresAt)})`);
}

/** Whose code this is, while it can be used. */
export async function holderOfCode(db: Queryable, hash: Buffer, now: number): Promise<string | undefined> {
  const [row] = await db.query<{ user_id: string }>(sql`
    select user_id from cis.enrolment_code
     where code_hash = ${hash} and used_at is null and withdrawn_at is null and expires_at > ${new Date(now)}`);
  return row?.user_id;
}

/** True for exactly one caller. */
export async function useEnrolmentCode(tx: Queryable, hash: Buffer, now: number): Promise<boolean> {
  const rows = await tx.query(sql`
    update cis.enrolment_code set used_at = ${new Date(now)}
     where code_hash = ${hash} and used_at is null and withdrawn_at is null and expires_at > ${new Date(now)}
    returning user_id`);
  return rows.length === 1;
}

export function forgetOldEnrolmentCodes(before: number): Statement {
  return sql`delete from cis.enrolment_code where expires_at < ${new Date(before)}`;
}

/** Empties all of it. Sandbox only. */
export async function forgetAuthenticators(tx: Queryable): Promise<void> {
  await tx.query(sql`
    truncate cis.authenticator, cis.passkey_owner, cis.staff_password, cis.passkey_challenge, cis.enrolment_code,
             cis.known_browser, cis.failed_tries`);
}
