import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { sql } from '../db/sql.ts';
import { keepHouse } from './housekeeping.ts';

const db = await testDatabase();
const now = Date.parse('2026-03-15T12:00:00Z');

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
