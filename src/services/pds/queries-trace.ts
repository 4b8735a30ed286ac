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
export type FamilyLookup = TraceFilter & {
  readonly family: string;
  readonly familyLike: string | undefined;
  /** The sounds the name can have, from and to; undefined where its beginning leaves them open. */
  readonly sounds: readonly [least: number, greatest: number] | undefined;
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

export type FoundEntries = { readonly entries: readonly TraceEntry[]; readonly isOverflow: boolean };

/** Numbers found, in the order of the index, and whether there was more to read than is ever read. */
export type Found = { readonly numbers: readonly string[]; readonly isOverflow: boolean };

/**
 * How many rows one look-up reads at most: fetched one by one (by sound), or along the index alone (by day). Whoever has
 * more candidates is asked to refine.
 */
export const mostFetched = 20_000;
const mostPassed = 100_000;

type Read = { numbers: string[] | null; read: number };

const found = ([row]: readonly Read[], most: number, mostRead: number): Found => {
  const { numbers, read } = row as Read;
  return { numbers: numbers ?? [], isOverflow: read > mostRead || (numbers?.length ?? 0) > most };
};

/** A day and a family name: one place in the index, and by far the most frequent search. */
export async function numbersByFamilyAndDay(db: Queryable, wanted: FamilyLookup, most: number): Promise<Found> {
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

/**
 * By family name, or its beginning, along the days of the range. Reads the index alone; PostgreSQL 18 skips from day to
 * day once a day fills pages of its own, earlier releases read the whole range.
 */
export async function numbersByFamilyAlongDays(db: Queryable, wanted: FamilyLookup, most: number): Promise<Found> {
  const end = wanted.familyLike === undefined ? wanted.family : `${wanted.family}\u{10FFFF}`;
  const rows = await db.query<Read>(sql`
    select count(*)::int as read, (array_agg(nhs_number) filter (
             where family_key like ${wanted.familyLike ?? '%'} and (kind = 'c' or ${wanted.withFormer}::boolean)
               and (',' || given_key || ',') like all(${wanted.givenLike}::text[])
               and gender like ${wanted.genderLike}
               and (postcodes like ${wanted.postcodesLike} or postcodes = '*')))[1:${most + 1}::int] as numbers
      from (select nhs_number, kind, family_key, given_key, gender, postcodes from pds.trace
             where born_on between ${wanted.from}::date and ${wanted.to}::date
               and family_key >= ${wanted.family} and family_key <= ${end}
             limit ${mostPassed + 1}) as passed`);
  return found(rows, most, mostPassed);
}

/** By family name, or its beginning, over many days: the sound leads to it in one or a few ranges of the index. */
export async function numbersByFamilySound(db: Queryable, wanted: FamilyLookup, most: number): Promise<Found> {
  const [least, greatest] = wanted.sounds as readonly [number, number];
  const rows = await db.query<Read>(sql`
    select count(*)::int as read, (array_agg(nhs_number) filter (
             where family_key like ${wanted.familyLike ?? '%'} and (${wanted.familyLike ?? null}::text is not null or family_key = ${wanted.family})
               and (kind = 'c' or ${wanted.withFormer}::boolean)
               and (',' || given_key || ',') like all(${wanted.givenLike}::text[])
               and gender like ${wanted.genderLike}
               and (postcodes like ${wanted.postcodesLike} or postcodes = '*')))[1:${most + 1}::int] as numbers
      from (select nhs_number, kind, family_key, given_key, gender, postcodes from pds.trace
             where family_sound between ${least}::smallint and ${greatest}::smallint
               and born_on between ${wanted.from}::date and ${wanted.to}::date
             limit ${mostFetched + 1}) as fetched`);
  return found(rows, most, mostFetched);
}

/** Entries whose family name has one of these sounds; `isOverflow` when there are more than are ever fetched. */
export async function entriesBySound(db: Queryable, wanted: SoundLookup): Promise<FoundEntries> {
  const entries = await db.query<TraceEntry>(sql`
    select nhs_number, kind, family_key, given_key, gender, postcodes from pds.trace
     where family_sound = any(${wanted.familySounds}::smallint[])
       and born_on between ${wanted.from}::date and ${wanted.to}::date
       and gender like ${wanted.genderLike}
     limit ${mostFetched + 1}`);
  return { entries, isOverflow: entries.length > mostFetched };
}

/** Entries of a gender and postcode among those born in the range, as far as they are read. */
export async function entriesByPlace(db: Queryable, wanted: TraceFilter): Promise<FoundEntries> {
  const [row] = await db.query<{ read: number; entries: TraceEntry[] | null }>(sql`
    select count(*)::int as read,
           json_agg(json_build_object('nhs_number', nhs_number, 'kind', kind, 'family_key', family_key,
             'given_key', given_key, 'gender', gender, 'postcodes', postcodes)) filter (
             where gender like ${wanted.genderLike} and (postcodes like ${wanted.postcodesLike} or postcodes = '*')) as entries
      from (select nhs_number, kind, family_key, given_key, gender, postcodes from pds.trace
             where born_on between ${wanted.from}::date and ${wanted.to}::date
             limit ${mostPassed + 1}) as passed`);
  return { entries: row?.entries ?? [], isOverflow: (row?.read ?? 0) > mostPassed };
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
