import type { Queryable } from '../db/database.ts';
import { type Statement, sql } from '../db/sql.ts';
import type { Principal } from './principal.ts';

export type TokenRow = { token_hash: Buffer; principal: Principal; expires_at: Date; revoked_at: Date | null };

export function insertToken(hash: Buffer, principal: Principal, issuedAt: number, expiresAt: number): Statement {
  return sql`
    insert into identity.token (token_hash, app_id, principal, issued_at, expires_at)
    values (${hash}, ${principal.appId}, ${JSON.stringify(principal)}::jsonb, ${new Date(issuedAt)}, ${new Date(expiresAt)})`;
}

export function tokensByHash(db: Queryable, hashes: readonly Buffer[]): Promise<TokenRow[]> {
  return db.query<TokenRow>(
    sql`select token_hash, principal, expires_at, revoked_at from identity.token where token_hash = any(${hashes}::bytea[])`,
  );
}

/** Revokes one token and tells every process to forget it. */
export async function revokeToken(tx: Queryable, hash: Buffer, id: string, now: number): Promise<void> {
  await tx.query(
    sql`update identity.token set revoked_at = ${new Date(now)} where token_hash = ${hash} and revoked_at is null`,
  );
  await tx.query(
    sql`insert into identity.revocation (id, token_hash, revoked_at) values (${id}::uuid, ${hash}, ${new Date(now)})`,
  );
}

/** Revokes every token of an application and tells every process to forget them. */
export async function revokeApplication(tx: Queryable, appId: string, id: string, now: number): Promise<void> {
  await tx.query(
    sql`update identity.token set revoked_at = ${new Date(now)} where app_id = ${appId} and revoked_at is null`,
  );
  await tx.query(
    sql`insert into identity.revocation (id, app_id, revoked_at) values (${id}::uuid, ${appId}, ${new Date(now)})`,
  );
}

/** Revocations with an id above the one given, in the order of their ids. */
export function revocationsAfter(
  db: Queryable,
  id: string,
): Promise<{ id: string; token_hash: Buffer | null; app_id: string | null }[]> {
  return db.query(sql`select id::text, token_hash, app_id from identity.revocation where id > ${id}::uuid order by id`);
}

export function forgetOldTokens(before: number): Statement {
  return sql`delete from identity.token where expires_at < ${new Date(before)}`;
}
export function forgetOldRevocations(before: number): Statement {
  return sql`delete from identity.revocation where revoked_at < ${new Date(before)}`;
}
export function forgetOldAssertions(before: number): Statement {
  return sql`delete from identity.assertion where spent_at < ${new Date(before)}`;
}
