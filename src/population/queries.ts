import type { Queryable } from '../platform/db/database.ts';
import { raw, sql } from '../platform/db/sql.ts';

/** How far a load has come. */
export type ProgressRow = {
  readonly seed: number;
  readonly first_index: number;
  readonly next_index: number;
  readonly target: number;
  readonly stage: 'load' | 'index' | 'done';
  /** Statements that make the indexes taken away. */
  readonly rebuild: readonly string[];
};

export async function selectProgress(db: Queryable, seed: number): Promise<ProgressRow | undefined> {
  const rows = await db.query<ProgressRow>(sql`
    select seed, first_index, next_index, target, stage, rebuild from population.seed_progress where seed = ${seed}`);
  return rows[0];
}

export async function upsertProgress(db: Queryable, row: ProgressRow): Promise<void> {
  await db.query(sql`
    insert into population.seed_progress (seed, first_index, next_index, target, stage, rebuild)
    values (${row.seed}, ${row.first_index}, ${row.next_index}, ${row.target}, ${row.stage}, ${row.rebuild})
        on conflict (seed) do update
       set first_index = excluded.first_index, next_index = excluded.next_index, target = excluded.target,
           stage = excluded.stage, rebuild = excluded.rebuild`);
}

/** How many people there are, counted up to `most`. */
export async function countPeople(db: Queryable, most: number): Promise<number> {
  const rows = await db.query<{ n: number }>(sql`
    select count(*)::int as n from (select from pds.patient limit ${most}) as held`);
  return rows[0]?.n ?? 0;
}

/** All numbers held. */
export async function selectAllNumbers(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ nhs_number: string }>(sql`select nhs_number from pds.patient`);
  return rows.map((row) => row.nhs_number);
}

/** The numbers held between two numbers, both included. */
export async function selectNumbers(db: Queryable, first: string, last: string): Promise<string[]> {
  const rows = await db.query<{ nhs_number: string }>(sql`
    select nhs_number from pds.patient where nhs_number between ${first} and ${last}`);
  return rows.map((row) => row.nhs_number);
}

/** Statements that take the indexes of the two tables away, and those that make them again. */
export async function selectIndexes(db: Queryable): Promise<{ drop: string[]; rebuild: string[] }> {
  const rows = await db.query<{ drop: string; rebuild: string }>(sql`
    select case when c.oid is null then format('drop index %s', i.indexrelid::regclass)
                else format('alter table %s drop constraint %I', i.indrelid::regclass, c.conname) end as drop,
           case when c.oid is null then pg_get_indexdef(i.indexrelid)
                else format('alter table %s add constraint %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) end as rebuild
      from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
     where i.indrelid in ('pds.patient'::regclass, 'pds.trace'::regclass)
     order by i.indrelid::regclass::text, i.indisprimary desc`);
  return { drop: rows.map((row) => row.drop), rebuild: rows.map((row) => row.rebuild) };
}

/** Runs a statement that selectIndexes gave. */
export async function runIndexStatement(db: Queryable, statement: string): Promise<void> {
  await db.query({ ...sql`${raw(statement)}`, name: '' });
}

const columns = {
  patient: 'nhs_number, version, state, security, survivor, record, former',
  trace: 'born_on, family_sound, kind, family_key, given_key, nhs_number, gender, postcodes',
} as const;

export type SeededTable = keyof typeof columns;

/** COPY of lines into a table. Frozen rows need no vacuum; the table must have been emptied in the same transaction. */
export function copyInto(table: SeededTable, isFrozen: boolean): string {
  return `copy pds.${table} (${columns[table]}) from stdin${isFrozen ? ' with (freeze)' : ''}`;
}

/** Empties a table, having put the rows of these numbers aside. */
export async function emptyKeeping(tx: Queryable, table: SeededTable, numbers: readonly string[]): Promise<void> {
  await tx.query(sql`create temporary table ${raw(`kept_${table}`)} (like pds.${raw(table)}) on commit drop`);
  await tx.query(sql`insert into ${raw(`kept_${table}`)}
    select * from pds.${raw(table)} where nhs_number = any(${numbers}::text[])`);
  await tx.query(sql`truncate pds.${raw(table)}`);
}

/** Puts back what emptyKeeping put aside. */
export async function restoreKept(tx: Queryable, table: SeededTable): Promise<void> {
  await tx.query(sql`insert into pds.${raw(table)} (${raw(columns[table])})
    select ${raw(columns[table])} from ${raw(`kept_${table}`)}`);
}

/** What a session that loads wants: no wait for each commit, much memory for sorting. */
export async function prepareSession(db: Queryable, sortMegabytes: number): Promise<void> {
  await db.query(sql`set synchronous_commit = off`);
  await db.query(sql`set maintenance_work_mem = ${raw(`'${sortMegabytes}MB'`)}`);
}

export async function resetSession(db: Queryable): Promise<void> {
  await db.query(sql`reset all`);
}

export async function vacuum(db: Queryable, table: SeededTable): Promise<void> {
  await db.query(sql`vacuum (freeze, analyze) pds.${raw(table)}`);
}
