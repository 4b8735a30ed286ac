import { type Statement, sql } from '../../../platform/db/sql.ts';

/** Remembers tokens; the keys that were not known before. */
export const insertUsedTokens = (keys: readonly Buffer[], now: Date): Statement => sql`
  insert into mesh.used_token (token_key, used_at)
  select key, ${now}::timestamptz from unnest(${keys}::bytea[]) as t(key)
  on conflict (token_key) do nothing
  returning token_key`;

export const forgetUsedTokens = (before: Date): Statement => sql`
  delete from mesh.used_token where used_at < ${before}`;
