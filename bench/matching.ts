import type { Database } from '../src/platform/db/database.ts';
import { sql } from '../src/platform/db/sql.ts';
import type { PatientRow } from '../src/services/pds/queries.ts';
import { recordOf } from '../src/services/pds/records.ts';
import { labelledSearches } from '../src/services/pds/trace/labelled-set.ts';

/** How searches of one kind came out: searches made, those that found whom they should, results that were somebody else. */
export type Quality = {
  readonly variation: string;
  readonly searches: number;
  /** Of the searches that ought to find the record: the share that did. */
  readonly recall: number | undefined;
  /** Of the records found: the share that were the right one. */
  readonly precision: number | undefined;
  /** Of the searches that ought not to find the record: the share that did all the same. */
  readonly falseMatches: number | undefined;
  /** Searches answered with too many matches. */
  readonly tooMany: number;
};

/** Makes labelled searches for so many people over HTTP and counts; the same people and slips at every run. */
export async function matchingQuality(
  db: Database,
  port: number,
  token: string,
  numbers: readonly string[],
  people: number,
): Promise<Quality[]> {
  const rows = await db.query<PatientRow>(sql`
    select nhs_number, version, state, security, survivor, record, former from pds.patient
     where nhs_number = any(${numbers}::text[]) and state = 'a' and security = 'U' order by hashtext(nhs_number || 'quality') limit ${people}`);
  const random = seeded(20_161_124);
  const tallies = new Map<
    string,
    {
      searches: number;
      wanted: number;
      hits: number;
      results: number;
      right: number;
      unwanted: number;
      wrong: number;
      tooMany: number;
    }
  >();
  for (const row of rows) {
    for (const search of labelledSearches(recordOf(row), random)) {
      const tally = tallies.get(search.variation) ?? {
        searches: 0,
        wanted: 0,
        hits: 0,
        results: 0,
        right: 0,
        unwanted: 0,
        wrong: 0,
        tooMany: 0,
      };
      tallies.set(search.variation, tally);
      const response = await fetch(
        `http://127.0.0.1:${port}/personal-demographics/FHIR/R4/Patient?${new URLSearchParams(search.query as [string, string][])}`,
        {
          headers: { authorization: `Bearer ${token}`, 'x-request-id': crypto.randomUUID() },
        },
      );
      const bundle = (await response.json()) as { resourceType: string; entry?: { resource: { id: string } }[] };
      const found = (bundle.entry ?? []).map((entry) => entry.resource.id);
      tally.searches++;
      if (bundle.resourceType !== 'Bundle') tally.tooMany++;
      tally.results += found.length;
      const isHit = found.includes(search.nhsNumber);
      if (search.isExpected) {
        tally.wanted++;
        if (isHit) {
          tally.hits++;
          tally.right++;
        }
      } else {
        tally.unwanted++;
        if (isHit) tally.wrong++;
      }
    }
  }
  return [...tallies].map(([variation, tally]) => ({
    variation,
    searches: tally.searches,
    recall: share(tally.hits, tally.wanted),
    precision: tally.wanted > 0 ? share(tally.right, tally.results) : undefined,
    falseMatches: share(tally.wrong, tally.unwanted),
    tooMany: tally.tooMany,
  }));
}

const share = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : Math.round((part / whole) * 1000) / 1000;

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The table for reading. */
export function qualityLines(qualities: readonly Quality[]): string[] {
  const cell = (value: number | undefined) => (value === undefined ? '-' : value.toFixed(3)).padStart(9);
  return [
    `${'fuzzy search'.padEnd(26)}searches   recall precision    false  too many`,
    ...qualities.map(
      (q) =>
        `${q.variation.padEnd(26)}${String(q.searches).padStart(8)}${cell(q.recall)}${cell(q.precision)}${cell(q.falseMatches)}${String(q.tooMany).padStart(10)}`,
    ),
  ];
}
