import type { Queryable } from '../db/database.ts';
import { type Statement, sql } from '../db/sql.ts';
import type { Principal } from './principal.ts';

/** A row of `identity.refresh_token`. */
export type RefreshRow = {
  token_hash: Buffer;
  family_id: string;
  app_id: string;
  user_id: string;
  session_id: string | null;
  principal: Principal;
  refresh_count: number;
  first_issued_at: Date;
  expires_at: Date;
  spent_at: Date | null;
  revoked_at: Date | null;
};

export function insertRefreshToken(row: Omit<RefreshRow, 'spent_at' | 'revoked_at'>): Statement {
  return sql`
    insert into identity.refresh_token
      (token_hash, family_id, app_id, user_id, session_id, principal, refresh_count, first_issued_at, expires_at)
    values (${row.token_hash}, ${row.family_id}::uuid, ${row.app_id}, ${row.user_id}, ${row.session_id},
            ${JSON.stringify(row.principal)}::jsonb, ${row.refresh_count}, ${row.first_issued_at}, ${row.expires_at})`;
}

/** The refresh token, locked against others who would spend it at the same moment. */
export async function refreshTokenForUpdate(tx: Queryable, hash: Buffer): Promise<RefreshRow | undefined> {
  const [row] = await tx.query<RefreshRow>(sql`
    select token_hash, family_id::text, app_id, user_id, session_id, principal, refresh_count, first_issued_at, expires_at,
           spent_at, revoked_at
      from identity.refresh_token where token_hash = ${hash} for update`);
  return row;
}

export function spendRefreshToken(hash: Buffer, now: number): Statement {
  return sql`update identity.refresh_token set spent_at = ${new Date(now)} where token_hash = ${hash}`;
}
