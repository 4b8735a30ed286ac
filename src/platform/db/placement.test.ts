import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { raw, sql } from './sql.ts';

const db = await testDatabase();
const own = raw(`n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'public') and n.nspname !~ '^pg_'`);
const ownPlatform = new Set(['platform.migration', 'platform.placement']);

test('every table states its placement', async () => {
  const rows = await db.query<{ name: string }>(sql`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and ${own}
       and not exists (select from platform.placement p where p.table_name = n.nspname || '.' || c.relname)`);
  expect(rows.map((row) => row.name).filter((name) => !ownPlatform.has(name))).toEqual([]);
});

test('every placed table is there', async () => {
  const rows = await db.query(sql`select table_name from platform.placement where to_regclass(table_name) is null`);
  expect(rows).toEqual([]);
});

test('every table has a primary key, and every unique key contains the placement key', async () => {
  const without = await db.query<{ name: string }>(sql`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and ${own} and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`);
  expect(without).toEqual([]);
  const uncovered = await db.query(sql`
    select p.table_name, i.indexrelid::regclass::text as index
      from platform.placement p join pg_index i on i.indrelid = to_regclass(p.table_name) and i.indisunique
     where p.kind = 'key'
       and not exists (select from pg_attribute a where a.attrelid = i.indrelid and a.attname = p.key_column and a.attnum = any(i.indkey))`);
  expect(uncovered).toEqual([]);
});

test('placement keys are never null and of one type within a group', async () => {
  const nullable = await db.query(sql`
    select p.table_name from platform.placement p join pg_attribute a on a.attrelid = to_regclass(p.table_name) and a.attname = p.key_column
     where p.kind = 'key' and not a.attnotnull`);
  expect(nullable).toEqual([]);
  const mixed = await db.query(sql`
    select p.colocation_group from platform.placement p join pg_attribute a on a.attrelid = to_regclass(p.table_name) and a.attname = p.key_column
     where p.kind = 'key' group by 1 having count(distinct (a.atttypid, a.attcollation)) > 1`);
  expect(mixed).toEqual([]);
});

test('there are no triggers, rules, inheritance, unlogged tables, serials or free sequences', async () => {
  const triggers = await db.query(sql`
    select t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and ${own}`);
  expect(triggers).toEqual([]);
  const unlogged = await db.query(sql`
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where (c.relpersistence = 'u' or c.relkind = 'S') and ${own}`);
  expect(unlogged).toEqual([]);
  const inherited = await db.query(sql`
    select i.inhrelid::regclass::text as name from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and not c.relispartition and ${own}`);
  expect(inherited).toEqual([]);
});

test('every table says what it keeps and for how long; times are timestamptz named _at, dates _on', async () => {
  const silent = await db.query<{ name: string }>(sql`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and ${own} and obj_description(c.oid) is null`);
  expect(silent.map((row) => row.name).filter((name) => !ownPlatform.has(name))).toEqual([]);
  const misnamed = await db.query(sql`
    select c.relname, a.attname, t.typname
      from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace join pg_type t on t.oid = a.atttypid
     where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and ${own}
       and ((t.typname in ('timestamptz', 'timestamp') and (a.attname !~ '(_at|^at)$' or t.typname = 'timestamp')) or (t.typname = 'date' and a.attname !~ '_on$'))`);
  expect(misnamed).toEqual([]);
});
