import type { Queryable } from '../../platform/db/database.ts';
import { sql } from '../../platform/db/sql.ts';
import type { TraceRow } from './trace/trace-rows.ts';

/** What every look-up in the trace index may ask. The patterns are LIKE's; `%` asks nothing. */
export type TraceFilter = {
  /** Born from this day (yyyy-mm-dd) to that, both included. */
  readonly from: string;
  readonly to: string;
  /** Former names too. */
  readonly withFormer: boolean;
  /** Each must fit the given names, which are written `,jane,anne,`. */
  readonly givenLike: readonly string[];
  readonly genderLike: string;
  /** To fit `,ls16ae,dn174aa`. */
  readonly postcodesLike: string;
};

/** By family name: `family` to the letter where `familyLike` isn't given, otherwise what it begins with. */
export type TraceLookup = TraceFilter & {
  readonly family: string;
  readonly familySound: number | undefined;
  readonly familyLike: string | undefined;
};

export type SoundLookup = TraceFilter & { readonly familySounds: readonly number[] };

/** An entry of the index as read back. */
export type TraceEntry = {
  readonly nhs_number: string;
  readonly kind: 'c' | 'f';
  readonly family_key: string;
  readonly given_key: string;
  readonly gender: string;
  readonly postcodes: string;
};

/** Numbers found, in the order of the index, and whether there was more to read than is ever read. */
export type Found = { readonly numbers: readonly string[]; readonly isOverflow: boolean };

/** How many entries of the index one look-up reads at most; whoever has more candidates is asked to refine. */
export const mostRead = 20_000;

type Read = { numbers: string[]; read: number };

const found = (rows: readonly Read[], most: number): Found => {
  const { numbers, read } = rows[0] as Read;
  return { numbers, isOverflow: read > mostRead || numbers.length > most };
};

/** Candidates by family name, at most `most` and one more. */
export async function candidatesByFamily(db: Queryable, wanted: TraceLookup, most: number): Promise<Found> {
  if (wanted.familyLike !== undefined) return byBeginning(db, wanted, most);
  return wanted.from === wanted.to ? byFamilyAndDay(db, wanted, most) : byFamily(db, wanted, most);
}

/** A day and a family name are one place in the index, and by far the most frequent search. */
async function byFamilyAndDay(db: Queryable, wanted: TraceLookup, most: number): Promise<Found> {
  const rows = await db.query<{ nhs_number: string }>(sql`
    select nhs_number from pds.trace
     where born_on = ${wanted.from}::date and family_key = ${wanted.family}
       and (kind = 'c' or ${wanted.withFormer}::boolean)
       and (',' || given_key || ',') like all(${wanted.givenLike}::text[])
       and gender like ${wanted.genderLike}
       and (postcodes like ${wanted.postcodesLike} or postcodes = '*')
     limit ${most + 1}`);
  return { numbers: rows.map((row) => row.nhs_number), isOverflow: rows.length > most };
}

/** Over many days the sound leads to the name: one index range instead of one a day. */
async function byFamily(db: Queryable, wanted: TraceLookup, most: number): Promise<Found> {
  const rows = await db.query<Read>(sql`
    with read as materialized (
      select nhs_number, kind, given_key, gender, postcodes, family_key from pds.trace
       where family_sound = ${wanted.familySound}::smallint
         and born_on between ${wanted.from}::date and ${wanted.to}::date
       limit ${mostRead + 1})
    select (select count(*) from read)::int as read, array(
      select nhs_number from read
       where family_key = ${wanted.family} and (kind = 'c' or ${wanted.withFormer}::boolean)
         and (',' || given_key || ',') like all(${wanted.givenLike}::text[])
         and gender like ${wanted.genderLike}
         and (postcodes like ${wanted.postcodesLike} or postcodes = '*')
       limit ${most + 1}) as numbers`);
  return found(rows, most);
}

async function byBeginning(db: Queryable, wanted: TraceLookup, most: number): Promise<Found> {
  const rows = await db.query<Read>(sql`
    with read as materialized (
      select nhs_number, kind, given_key, gender, postcodes, family_key from pds.trace
       where born_on between ${wanted.from}::date and ${wanted.to}::date
         and family_key >= ${wanted.family} and family_key < ${`${wanted.family}\u{10FFFF}`}
       limit ${mostRead + 1})
    select (select count(*) from read)::int as read, array(
      select nhs_number from read
       where family_key like ${wanted.familyLike} and (kind = 'c' or ${wanted.withFormer}::boolean)
         and (',' || given_key || ',') like all(${wanted.givenLike}::text[])
         and gender like ${wanted.genderLike}
         and (postcodes like ${wanted.postcodesLike} or postcodes = '*')
       limit ${most + 1}) as numbers`);
  return found(rows, most);
}

/** Entries whose family name has one of these sounds; at most `mostRead` and one more. */
export function entriesBySound(db: Queryable, wanted: SoundLookup): Promise<TraceEntry[]> {
  return db.query<TraceEntry>(sql`
    select nhs_number, kind, family_key, given_key, gender, postcodes from pds.trace
     where family_sound = any(${wanted.familySounds}::smallint[])
       and born_on between ${wanted.from}::date and ${wanted.to}::date
       and gender like ${wanted.genderLike}
     limit ${mostRead + 1}`);
}

/** Entries of a gender and postcode among those born in the range, of which at most `mostRead` are read. */
export async function entriesByPlace(
  db: Queryable,
  wanted: TraceFilter,
): Promise<{ entries: TraceEntry[]; isOverflow: boolean }> {
  const rows = await db.query<TraceEntry & { read: number }>(sql`
    with read as materialized (
      select nhs_number, kind, family_key, given_key, gender, postcodes from pds.trace
       where born_on between ${wanted.from}::date and ${wanted.to}::date
       limit ${mostRead + 1})
    select read.*, size.read from (select count(*)::int as read from read) as size left join read
        on gender like ${wanted.genderLike} and (postcodes like ${wanted.postcodesLike} or postcodes = '*')`);
  return { entries: rows.filter((row) => row.nhs_number !== null), isOverflow: (rows[0]?.read ?? 0) > mostRead };
}

const written = (rows: readonly TraceRow[]): string =>
  JSON.stringify(
    rows.map((row) => ({
      b: row.bornOn,
      x: row.familySound,
      k: row.kind,
      f: row.familyKey,
      g: row.givenKey,
      n: row.nhsNumber,
      s: row.gender,
      p: row.postcodes,
    })),
  );

/**
 * Takes rows out and puts rows in, of many people at once. To be called in the transaction that changes their records:
 * both statements go down its connection in order, neither waiting for the other.
 */
export async function replaceTrace(
  tx: Queryable,
  remove: readonly TraceRow[],
  add: readonly TraceRow[],
): Promise<void> {
  const running: Promise<unknown>[] = [];
  if (remove.length > 0) {
    running.push(
      tx.query(sql`
        delete from pds.trace t
         using json_to_recordset(${written(remove)}::json) as r(b date, k text, f text, g text, n text)
         where t.born_on = r.b and t.family_key = r.f and t.given_key = r.g and t.nhs_number = r.n and t.kind = r.k::"char"`),
    );
  }
  if (add.length > 0) {
    running.push(
      tx.query(sql`
        insert into pds.trace (born_on, family_sound, kind, family_key, given_key, nhs_number, gender, postcodes)
        select b, x, k::"char", f, g, n, s, p
          from json_to_recordset(${written(add)}::json) as r(b date, x smallint, k text, f text, g text, n text, s text, p text)
            on conflict (born_on, family_key, given_key, nhs_number, kind)
            do update set gender = excluded.gender, postcodes = excluded.postcodes`),
    );
  }
  await Promise.all(running);
}
