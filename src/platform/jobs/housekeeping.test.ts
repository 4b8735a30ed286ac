import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { Clock } from '../clock/clock.ts';
import { sql } from '../db/sql.ts';
import { Log } from '../telemetry/log.ts';
import { Housekeeping, keepHouse } from './housekeeping.ts';

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

const log = new Log({ level: 'silent', access: false });

test('chores that only some processes can do are done by one of those, whoever keeps the house', async () => {
  const done: string[] = [];
  const chore = (what: string) => async () => done.push(what);
  const clock = new Clock();
  const without = new Housekeeping({ db, clock, log, chores: [chore('first keeps house')] });
  const withStore = new Housekeeping({
    db,
    clock,
    log,
    chores: [chore('second keeps house')],
    apart: { payloads: [chore('payloads')] },
  });
  await without.round();
  await withStore.round();
  await withStore.round();
  expect(done).toEqual(['first keeps house', 'payloads']);
});

test('a sandbox whose clock was moved ahead and back goes on keeping house', async () => {
  const done: number[] = [];
  const clock = new Clock();
  const house = new Housekeeping({ db, clock, log, chores: [async (now) => done.push(now)] });
  await db.query(sql`delete from platform.lease`);
  const year = 365 * 24 * 3_600_000;
  clock.moveTo(year);
  await house.round();
  clock.moveTo(0);
  // by the wall an hour has gone
  await db.query(sql`update platform.lease set until_at = until_at - interval '1 hour'`);
  await house.round();
  expect(done.length).toBe(2);
  expect((done[0] as number) - (done[1] as number)).toBeGreaterThan(year / 2);
});
