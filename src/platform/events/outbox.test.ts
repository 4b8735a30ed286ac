import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { insertEvents, moveCursor, nextEvents, replay } from './outbox.ts';
import { uuidv7 } from './uuidv7.ts';

const db = await testDatabase();
const event = (n: number) => ({
  subject: '9000000009',
  kind: 'pds.patient-updated',
  happenedAt: 1_760_000_000_000 + n,
  body: { n },
});

test('a consumer reads each event once, in order, and everything again after a replay', async () => {
  await db.transaction((tx) => tx.query(insertEvents([event(1), event(2)])));
  await db.transaction((tx) => tx.query(insertEvents([event(3)])));
  const first = await nextEvents(db, 'reader', 2);
  expect(first.map((e) => e.body)).toEqual([{ n: 1 }, { n: 2 }]);
  await moveCursor(db, 'reader', first[1] as { tx: string; id: string }, 0);
  const second = await nextEvents(db, 'reader', 10);
  expect(second.map((e) => e.body)).toEqual([{ n: 3 }]);
  await replay(db, 'reader', 0);
  expect(await nextEvents(db, 'reader', 10)).toHaveLength(3);
});

test('events of a transaction begun earlier and committed later are not passed over', async () => {
  const before = (await nextEvents(db, 'late', 10)).at(-1) as { tx: string; id: string };
  await moveCursor(db, 'late', before, 0);
  await db.transaction(async (tx) => {
    await tx.query(insertEvents([event(10)]));
    await db.transaction((other) => other.query(insertEvents([event(11)])));
    expect(await nextEvents(db, 'late', 10)).toEqual([]);
  });
  // transactions in other databases of the server hold them back as well, for as long as they are open
  const seen = async () => (await nextEvents(db, 'late', 10)).map((e) => e.body);
  await expect.poll(seen, { timeout: 20_000 }).toEqual([{ n: 10 }, { n: 11 }]);
});

test('ids made in one millisecond differ and carry version and variant', () => {
  const ids = new Set(Array.from({ length: 1000 }, () => uuidv7(1_760_000_000_000)));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
