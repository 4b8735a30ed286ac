import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { raw, sql } from '../../../platform/db/sql.ts';
import { isNhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { NhsNumberAllocator, sandboxRange, validNumbers } from './allocate-nhs-number.ts';

const db = await testDatabase();

const many = (count: number, allocator: NhsNumberAllocator) =>
  Promise.all(Array.from({ length: count }, () => allocator.allocate()));

test('a range gives every number with a valid check digit, once and in order, and then no more', async () => {
  const allocator = new NhsNumberAllocator(db, { name: 'small', first: 999_000_950, last: 999_001_180 });
  const expected = validNumbers(999_000_950, 999_001_181);
  const given = [];
  for (let i = 0; i < expected.length; i++) given.push(await allocator.allocate());
  expect(given).toEqual(expected);
  expect(given.every(isNhsNumber)).toBe(true);
  await expect(allocator.allocate()).rejects.toThrow('The range of NHS numbers "small" is used up');
});

test('processes that allocate at the same moment never give the same number', async () => {
  const processes = Array.from({ length: 8 }, () => new NhsNumberAllocator(db, sandboxRange));
  const given = (await Promise.all(processes.map((allocator) => many(250, allocator)))).flat();
  expect(new Set(given).size).toBe(2000);
  expect(given.every(isNhsNumber)).toBe(true);
});

test('a process that ends loses the rest of its block, and the next begins after it', async () => {
  const range = { name: 'crash', first: 998_000_000, last: 998_999_999 };
  const before = await new NhsNumberAllocator(db, range).allocate();
  const after = await new NhsNumberAllocator(db, range).allocate();
  expect([before, after].map((number) => number.slice(0, 9))).toEqual(['998000000', '998000100']);
});

test('numbers that PDS holds are passed over, whole blocks of them too', async () => {
  const range = { name: 'held', first: 997_000_000, last: 997_000_999 };
  const held = validNumbers(997_000_000, 997_000_250);
  await db.query(sql`
    insert into pds.patient (nhs_number, version, state, security, record)
    select n, 1, 'a', 'U', '' from unnest(${held}::text[]) as n`);
  const given = await many(100, new NhsNumberAllocator(db, range));
  expect(given.filter((number) => held.includes(number))).toEqual([]);
  expect([...given].sort()[0]).toBe(validNumbers(997_000_250, 997_000_260)[0]);
});

test('a block whose taking failed is taken anew', async () => {
  const range = { name: 'failing', first: 996_000_000, last: 996_000_999 };
  const allocator = new NhsNumberAllocator(db, range);
  const table = raw('pds.number_range');
  await db.query(sql`alter table ${table} rename to number_range_away`);
  await expect(allocator.allocate()).rejects.toThrow('does not exist');
  await db.query(sql`alter table ${raw('pds.number_range_away')} rename to number_range`);
  expect((await allocator.allocate()).slice(0, 9)).toBe('996000000');
});

test('the numbers of any stretch are all the valid ones and no other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_000 }), fc.integer({ min: 0, max: 50 }), (from, length) => {
      const numbers = validNumbers(from, from + length);
      const bodies = Array.from({ length }, (_, i) => String(from + i).padStart(9, '0'));
      const expected = bodies.flatMap((body) =>
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => body + digit).filter(isNhsNumber),
      );
      expect(numbers).toEqual(expected);
    }),
  );
});
