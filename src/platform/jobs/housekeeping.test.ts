import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { sql } from '../db/sql.ts';
import { keepHouse, renewLease, takeLease } from './housekeeping.ts';

const db = await testDatabase();
const now = Date.parse('2026-03-15T12:00:00Z');

test('a lease is held by one, until it is over', async () => {
  expect(await takeLease(db, 'task', 'one', now, now + 1000)).toBe(true);
  expect(await takeLease(db, 'task', 'two', now + 999, now + 2000)).toBe(false);
  expect(await takeLease(db, 'task', 'two', now + 1000, now + 2000)).toBe(true);
});

test('a lease is prolonged by its holder alone, and only while it is held', async () => {
  expect(await takeLease(db, 'long', 'one', now, now + 1000)).toBe(true);
  expect(await renewLease(db, 'long', 'two', now + 500, now + 9000)).toBe(false);
  expect(await renewLease(db, 'long', 'one', now + 500, now + 2000)).toBe(true);
  expect(await takeLease(db, 'long', 'two', now + 1500, now + 9000)).toBe(false);
  expect(await renewLease(db, 'long', 'one', now + 2000, now + 9000)).toBe(false);
  expect(await takeLease(db, 'long', 'two', now + 2000, now + 9000)).toBe(true);
});

test('keeping house makes the months of the audit log, does the chores, and may be done again', async () => {
  const done: number[] = [];
  for (const at of [now, now + 1]) {
    await keepHouse(db, at, [
      async (when) => {
        done.push(when);
      },
    ]);
  }
  expect(done).toEqual([now, now + 1]);
  const partitions = await db.query<{ name: string }>(
    sql`select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit.entry'::regclass order by 1`,
  );
  expect(partitions.map((row) => row.name)).toEqual(
    expect.arrayContaining(['audit.entry_2026_03', 'audit.entry_2026_04']),
  );
});

test('a chore that fails keeps none of the others from being done, and is told of', async () => {
  const done: string[] = [];
  const failing = keepHouse(db, Date.now(), [
    async () => done.push('first'),
    async () => {
      throw new Error('the second cannot');
    },
    async () => done.push('third'),
  ]);
  await expect(failing).rejects.toThrow('the second cannot');
  expect(done).toEqual(['first', 'third']);
});
