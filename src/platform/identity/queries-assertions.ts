import type { Queryable } from '../db/database.ts';
import { sql } from '../db/sql.ts';

/**
 * Spends the keys that are free: never used, or used before `forgottenAt`. Answers those it spent; of several callers
 * with the same key exactly one gets it. The keys given must differ from each other.
 */
export function spendAssertionKeys(
  db: Queryable,
  keys: readonly string[],
  now: number,
  forgottenAt: number,
): Promise<{ jti_key: string }[]> {
  return db.query<{ jti_key: string }>(sql`
    insert into identity.assertion as spent (jti_key, spent_at)
    select key, ${new Date(now)}::timestamptz from unnest(${keys}::text[]) as key
    on conflict (jti_key) do update set spent_at = excluded.spent_at where spent.spent_at < ${new Date(forgottenAt)}
    returning jti_key`);
}
