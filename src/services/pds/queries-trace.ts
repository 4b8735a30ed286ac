import type { Queryable } from '../../platform/db/database.ts';
import { sql } from '../../platform/db/sql.ts';
import type { TraceRow } from './trace/trace-rows.ts';

const wire = (rows: readonly TraceRow[]) =>
  JSON.stringify(
    rows.map((row) => ({ b: row.bornOn, f: row.familyKey, g: row.givenKey, n: row.nhsNumber, k: row.kind, s: row.gender, p: row.postcodes })),
  );

/** Takes rows out and puts rows in, of many people at once; in the transaction that changes their records. */
export async function replaceTrace(tx: Queryable, remove: readonly TraceRow[], add: readonly TraceRow[]): Promise<void> {
  const running: Promise<unknown>[] = [];
  if (remove.length > 0) {
    running.push(
      tx.query(sql`
        delete from pds.trace t
         using json_to_recordset(${wire(remove)}::json) as r(b date, f text, g text, n text, k text)
         where t.born_on = r.b and t.family_key = r.f and t.given_key = r.g and t.nhs_number = r.n and t.kind = r.k::"char"`),
    );
  }
  if (add.length > 0) {
    running.push(
      tx.query(sql`
        insert into pds.trace (born_on, family_key, given_key, nhs_number, kind, gender, postcodes)
        select b, f, g, n, k::"char", s::"char", p
          from json_to_recordset(${wire(add)}::json) as r(b date, f text, g text, n text, k text, s text, p text)
            on conflict (born_on, family_key, given_key, nhs_number, kind)
            do update set gender = excluded.gender, postcodes = excluded.postcodes`),
    );
  }
  await Promise.all(running);
}

/** The most candidates a search looks at; beyond it the answer is that there are too many. */
export const mostCandidates = 2000;

/** How many entries of a wide date range a fuzzy search without a family name reads at most. */
const mostRead = 50_000;

export type ExactCandidates = {
  readonly from: string;
  readonly to: string;
  readonly family: string;
  readonly history: boolean;
  readonly gender: string | undefined;
  /** Given names that must occur, in key form. */
  readonly given: readonly string[];
  /** Current postcode, in key form; undefined when any will do or former ones count. */
  readonly postcode: string | undefined;
};

/** Numbers of the people of this family name, born between these days. One index range a day, or a skip scan. */
export async function exactCandidates(db: Queryable, wanted: ExactCandidates): Promise<string[]> {
  const { from, to, family, history, gender, postcode } = wanted;
  const given = wanted.given.map((name) => `% ${likeText(name)} %`);
  const rows = await db.query<{ nhs_number: string }>(
    from === to
      ? sql`
    select nhs_number from pds.trace
     where born_on = ${from}::date and family_key = ${family}
       and (kind = 'c' or ${history}) and (${gender ?? null}::text is null or gender = ${gender ?? null}::"char")
       and (' ' || given_key || ' ') like all(${given}::text[])
       and (${postcode ?? null}::text is null or ${postcode ?? null} = any(string_to_array(postcodes, ' ')))
     limit ${mostCandidates + 1}`
      : sql`
    select nhs_number from pds.trace
     where born_on between ${from}::date and ${to}::date and family_key = ${family}
       and (kind = 'c' or ${history}) and (${gender ?? null}::text is null or gender = ${gender ?? null}::"char")
       and (' ' || given_key || ' ') like all(${given}::text[])
       and (${postcode ?? null}::text is null or ${postcode ?? null} = any(string_to_array(postcodes, ' ')))
     limit ${mostCandidates + 1}`,
  );
  return distinct(rows);
}

export type WildcardCandidates = Omit<ExactCandidates, 'family' | 'given' | 'postcode'> & {
  /** The family name with its `*`, in key form. */
  readonly family: string;
  /** The given name's beginning, where it was given with `*`. */
  readonly given: readonly string[];
};

/** Numbers of the people whose family name fits a pattern; its beginning bounds the index range. */
export async function wildcardCandidates(db: Queryable, wanted: WildcardCandidates): Promise<string[]> {
  const prefix = wanted.family.slice(0, wanted.family.indexOf('*'));
  const pattern = likePattern(wanted.family);
  const rows = await db.query<{ nhs_number: string }>(sql`
    select nhs_number from pds.trace
     where born_on between ${wanted.from}::date and ${wanted.to}::date
       and family_key >= ${prefix} and family_key < ${`${prefix}\u{10FFFF}`} and family_key like ${pattern}
       and (kind = 'c' or ${wanted.history})
       and (${wanted.gender ?? null}::text is null or gender = ${wanted.gender ?? null}::"char")
     limit ${mostCandidates + 1}`);
  return distinct(rows);
}

/** Numbers of people whose family name sounds like one of these, born between these days; by the sound index. */
export async function soundingCandidates(db: Queryable, wanted: { from: string; to: string; names: readonly string[] }): Promise<string[]> {
  const rows = await db.query<{ nhs_number: string }>(sql`
    select nhs_number from pds.trace
     where soundex(family_key) = any(array(select soundex(name) from unnest(${wanted.names}::text[]) as name))
       and born_on between ${wanted.from}::date and ${wanted.to}::date
     limit ${mostCandidates + 1}`);
  return distinct(rows);
}

/**
 * Numbers of the people born on one day (or read from a range, up to a bound) one of whose names is near one of these:
 * same sound, or at most two letters apart.
 */
export async function nearCandidates(db: Queryable, wanted: { from: string; to: string; names: readonly string[] }): Promise<string[]> {
  const rows = await db.query<{ nhs_number: string }>(sql`
    select nhs_number
      from (select nhs_number, family_key, given_key from pds.trace
             where born_on between ${wanted.from}::date and ${wanted.to}::date limit ${mostRead}) as born
     where exists (
       select from unnest(${wanted.names}::text[]) as name
        where soundex(family_key) = soundex(name)
           or levenshtein_less_equal(left(family_key, 60), name, 2) <= 2
           or soundex(split_part(given_key, ' ', 1)) = soundex(name)
           or levenshtein_less_equal(left(split_part(given_key, ' ', 1), 60), name, 2) <= 2
           or given_key like name || '%')
     limit ${mostCandidates + 1}`);
  return distinct(rows);
}

const distinct = (rows: readonly { nhs_number: string }[]): string[] => [...new Set(rows.map((row) => row.nhs_number))];

const likeText = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
const likePattern = (text: string): string => likeText(text).replaceAll('*', '%');
