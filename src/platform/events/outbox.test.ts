import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { sql } from '../db/sql.ts';
import { insertEvents, moveCursor, nextEvents, replay } from './outbox.ts';
import { uuidv7 } from './uuidv7.ts';

const db = await testDatabase();
const event = (n: number) => ({
  subject: '9000000009',
  kind: 'pds.patient-updated',
  happenedAt: 1_760_000_000_000 + n,
  body: { n },
});

/** The next events once there are so many: transactions in other databases of the server hold them back while open. */
async function eventually(consumer: string, many: number) {
  const next = () => nextEvents(db, consumer, many);
  await expect.poll(async () => (await next()).length, { timeout: 20_000 }).toBe(many);
  return next();
}

test('a consumer reads each event once, in order, and everything again after a replay', async () => {
  await db.transaction((tx) => tx.query(insertEvents([event(1), event(2)])));
  await db.transaction((tx) => tx.query(insertEvents([event(3)])));
  const first = await eventually('reader', 2);
  expect(first.map((e) => e.body)).toEqual([{ n: 1 }, { n: 2 }]);
  await moveCursor(db, 'reader', first[1] as { tx: string; id: string }, 0);
  const second = await eventually('reader', 1);
  expect(second.map((e) => e.body)).toEqual([{ n: 3 }]);
  expect(await nextEvents(db, 'reader', 10)).toHaveLength(1);
  await replay(db, 'reader', 0);
  expect(await nextEvents(db, 'reader', 10)).toHaveLength(3);
});

test('events of a transaction begun earlier and committed later are not passed over', async () => {
  const before = (await eventually('late', 3)).at(-1) as { tx: string; id: string };
  await moveCursor(db, 'late', before, 0);
  await db.transaction(async (tx) => {
    await tx.query(insertEvents([event(10)]));
    await db.transaction((other) => other.query(insertEvents([event(11)])));
    expect(await nextEvents(db, 'late', 10)).toEqual([]);
  });
  expect((await eventually('late', 2)).map((e) => e.body)).toEqual([{ n: 10 }, { n: 11 }]);
});

test('transactions come in the order of their numbers, not of their digits', async () => {
  await db.query(sql`
    insert into events.event (subject, id, happened_at, kind, body, tx)
    select 'ORDER', uuidv7(), now(), 'order', n::text, n::text::xid8 from generate_series(8, 11) as n`);
  const read: object[] = [];
  for (let n = 0; n < 4; n++) {
    const [next] = await nextEvents(db, 'digits', 1);
    if (!next) break;
    read.push(next.body);
    await moveCursor(db, 'digits', next, 0);
  }
  expect(read).toEqual([8, 9, 10, 11]);
});

test('ids made in one millisecond differ and carry version and variant', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => uuidv7(1_760_000_000_000)));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
