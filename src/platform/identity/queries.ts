import type { Queryable } from '../db/database.ts';
import { type Raw, raw, type Statement, sql } from '../db/sql.ts';
import type { Principal } from './principal.ts';

export type TokenRow = {
  token_hash: Buffer;
  principal: Principal;
  session_id: string | null;
  family_id: string | null;
  expires_at: Date;
  revoked_at: Date | null;
};

/** Of whose log-on a token is, beside what its principal says. */
export type TokenDescent = { readonly familyId?: string | undefined };

/** What shall be forgotten or revoked: one token, or all of an application, a user, a log-on, a family. */
export type RevocationTarget =
  | { readonly tokenHash: Buffer }
  | { readonly appId: string }
  | { readonly userId: string }
  | { readonly sessionId: string }
  | { readonly familyId: string };

/** The session of a principal as tokens are found by it: the issuer with its `sid`. */
export const sessionKeyOf = (issuer: string, sid: string): string => `${issuer} ${sid}`;

export function insertToken(
  hash: Buffer,
  principal: Principal,
  descent: TokenDescent,
  issuedAt: number,
  expiresAt: number,
): Statement {
  const { issuer, sessionId } = principal;
  const session = issuer === undefined || sessionId === undefined ? null : sessionKeyOf(issuer, sessionId);
  return sql`
    insert into identity.token (token_hash, app_id, principal, user_id, session_id, family_id, issued_at, expires_at)
    values (${hash}, ${principal.appId}, ${JSON.stringify(principal)}::jsonb, ${principal.userId ?? principal.nhsNumber ?? null},
            ${session}, ${descent.familyId ?? null}::uuid, ${new Date(issuedAt)}, ${new Date(expiresAt)})`;
}

export function tokensByHash(db: Queryable, hashes: readonly Buffer[]): Promise<TokenRow[]> {
  return db.query<TokenRow>(
    sql`select token_hash, principal, session_id, family_id::text, expires_at, revoked_at from identity.token where token_hash = any(${hashes}::bytea[])`,
  );
}

/** Revokes access and refresh tokens, and tells every process to forget them; `id` a UUIDv7 of now. How many it revoked. */
export async function revokeTokens(tx: Queryable, target: RevocationTarget, id: string, now: number): Promise<number> {
  const at = new Date(now);
  let revoked = 0;
  let mayHaveMore = false;
  do {
    // a refresh token is never the token named by its own hash: those are spent, not revoked
    const refresh = 'tokenHash' in target ? [] : await tx.query(revokeIn(raw('identity.refresh_token'), target, at));
    const access = await tx.query(revokeIn(raw('identity.token'), target, at));
    revoked += refresh.length + access.length;
    // a refresh under way holds the token it spends: waited for, it has given tokens that only another look can see
    mayHaveMore = refresh.length > 0;
  } while (mayHaveMore);
  await tellToForget(tx, target, id, now);
  return revoked;
}

function revokeIn(table: Raw, target: RevocationTarget, at: Date): Statement {
  const [column, value] =
    'tokenHash' in target
      ? [raw('token_hash'), target.tokenHash]
      : 'appId' in target
        ? [raw('app_id'), target.appId]
        : 'userId' in target
          ? [raw('user_id'), target.userId]
          : 'sessionId' in target
            ? [raw('session_id'), target.sessionId]
            : [raw('family_id'), target.familyId];
  return sql`update ${table} set revoked_at = ${at} where ${column} = ${value} and revoked_at is null returning 1 as one`;
}

/** Tells every process to read anew what it remembers of these tokens, such as a user's roles. */
export async function tellToForget(tx: Queryable, target: RevocationTarget, id: string, now: number): Promise<void> {
  const of = target as { tokenHash?: Buffer; appId?: string; userId?: string; sessionId?: string; familyId?: string };
  await tx.query(sql`
    insert into identity.revocation (id, token_hash, app_id, user_id, session_id, family_id, revoked_at)
    values (${id}::uuid, ${of.tokenHash ?? null}::bytea, ${of.appId ?? null}, ${of.userId ?? null}, ${of.sessionId ?? null},
            ${of.familyId ?? null}::uuid, ${new Date(now)})`);
}

/** Whether a session was told to have ended at `since` or after (milliseconds), within the day that is remembered. */
export async function hasSessionEnded(db: Queryable, sessionKey: string, since: number): Promise<boolean> {
  const rows = await db.query(sql`
    select 1 as one from identity.revocation
     where session_id = ${sessionKey} and revoked_at >= ${new Date(since)} limit 1`);
  return rows.length > 0;
}

export type RevocationRow = {
  id: string;
  token_hash: Buffer | null;
  app_id: string | null;
  user_id: string | null;
  session_id: string | null;
  family_id: string | null;
};

/** Revocations with an id above the one given, in the order of their ids. */
export function revocationsAfter(db: Queryable, id: string): Promise<RevocationRow[]> {
  return db.query<RevocationRow>(sql`
    select id::text, token_hash, app_id, user_id, session_id, family_id::text
      from identity.revocation where id > ${id}::uuid order by id`);
}

export function forgetOldTokens(before: number): Statement {
  return sql`delete from identity.token where expires_at < ${new Date(before)}`;
}
export function forgetOldRefreshTokens(before: number): Statement {
  return sql`delete from identity.refresh_token where expires_at < ${new Date(before)}`;
}
export function forgetOldRevocations(before: number): Statement {
  return sql`delete from identity.revocation where revoked_at < ${new Date(before)}`;
}
export function forgetOldAssertions(before: number): Statement {
  return sql`delete from identity.assertion where spent_at < ${new Date(before)}`;
}
