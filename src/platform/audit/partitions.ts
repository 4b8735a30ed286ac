import type { Queryable } from '../db/database.ts';
import { raw, sql } from '../db/sql.ts';

/**
 * Makes the partitions of this month and the next, unless they are there. Entries of a month without one (a sandbox's
 * moved clock) go to the default partition; a month that already has some there keeps them there.
 */
export async function makePartitions(db: Queryable, now: number): Promise<void> {
  for (const ahead of [0, 1]) {
    const date = new Date(now);
    const from = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1));
    const to = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead + 1, 1));
    const name = `audit.entry_${from.toISOString().slice(0, 7).replace('-', '_')}`;
    const bounds = `from ('${from.toISOString()}') to ('${to.toISOString()}')`;
    try {
      await db.query(sql`create table if not exists ${raw(name)} partition of audit.entry for values ${raw(bounds)}`);
    } catch (error) {
      // 23514: the default partition has entries of that month; 42P07, 23505: another process was quicker
      if (!['23514', '42P07', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
    }
  }
}
