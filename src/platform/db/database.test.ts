import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { sql } from './sql.ts';

const db = await testDatabase();

test('statements sent together are each answered with their own rows', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => db.query<{ n: number }>(sql`select ${i}::int as n`)),
  );
  expect(answers.map((rows) => rows[0]?.n)).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

test('a failing statement fails alone', async () => {
  const [good, bad] = await Promise.allSettled([db.query(sql`select 1`), db.query(sql`select 1 / ${0}::int`)]);
  expect(good.status).toBe('fulfilled');
  expect(bad.status).toBe('rejected');
});

test('a transaction that throws leaves nothing behind', async () => {
  await db.query(sql`create table public.left_behind (n int primary key)`);
  await expect(
    db.transaction(async (tx) => {
      await tx.query(sql`insert into public.left_behind values (1)`);
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  expect(await db.query(sql`select * from public.left_behind`)).toEqual([]);
});

test('a read goes on after its connection was ended by the server', async () => {
  await db.query(sql`select 1`);
  await db.transaction((tx) =>
    tx.query(
      sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    ),
  );
  expect(await db.query(sql`select 2 as n`)).toEqual([{ n: 2 }]);
});
