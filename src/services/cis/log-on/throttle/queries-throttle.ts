import type { Queryable } from '../../../../platform/db/database.ts';
import { type Statement, sql } from '../../../../platform/db/sql.ts';

export type TriesRow = { throttle_key: Buffer; tries: number; counted_at: Date };

/** The counts of these keys, made where there are none; nobody else changes them until the transaction ends. */
export async function lockTries(tx: Queryable, key: Buffer, now: number): Promise<TriesRow | undefined> {
  await tx.query(sql`
    insert into cis.failed_tries (throttle_key, tries, counted_at) values (${key}, 0, ${new Date(now)})
    on conflict (throttle_key) do nothing`);
  const [row] = await tx.query<TriesRow>(sql`
    select throttle_key, tries, counted_at from cis.failed_tries where throttle_key = ${key} for update`);
  return row;
}

export async function writeTries(tx: Queryable, key: Buffer, tries: number, countedAt: number): Promise<void> {
  await tx.query(sql`
    update cis.failed_tries set tries = ${tries}, counted_at = ${new Date(countedAt)} where throttle_key = ${key}`);
}

export function forgetOldTries(before: number): Statement {
  return sql`delete from cis.failed_tries where counted_at < ${new Date(before)}`;
}

export async function isKnownBrowser(db: Queryable, userId: string, browser: Buffer, since: number): Promise<boolean> {
  const rows = await db.query(sql`
    select 1 as known from cis.known_browser
     where user_id = ${userId} and browser_hash = ${browser} and last_used_at >= ${new Date(since)}`);
  return rows.length > 0;
}

export async function insertKnownBrowser(db: Queryable, userId: string, browser: Buffer, now: number): Promise<void> {
  await db.query(sql`
    insert into cis.known_browser (user_id, browser_hash, last_used_at)
    values (${userId}, ${browser}, ${new Date(now)})
    on conflict (user_id, browser_hash) do update set last_used_at = excluded.last_used_at`);
}

export async function deleteKnownBrowsers(tx: Queryable, userId: string): Promise<void> {
  await tx.query(sql`delete from cis.known_browser where user_id = ${userId}`);
}

export function forgetOldBrowsers(before: number): Statement {
  return sql`delete from cis.known_browser where last_used_at < ${new Date(before)}`;
}
