import type { Queryable } from '../../../platform/db/database.ts';
import type { StoredPatient } from '../patient.ts';
import { candidatesByFamily, entriesByPlace, entriesBySound, mostRead, type TraceEntry } from '../queries-trace.ts';
import { nameOfKeys } from './facts.ts';
import { postcodeLikeness } from './likeness-of-postcodes.ts';
import { type Lookup, lookupsOf } from './lookup.ts';
import { scoreCandidate } from './match.ts';
import { type FuzzyNames, fuzzyFit, fuzzyNames } from './match-fuzzy.ts';
import type { Reason } from './score.ts';
import type { SearchCriteria } from './search-criteria.ts';

export type SearchDeps = {
  readonly db: Queryable;
  readonly loadPatients: (numbers: readonly string[]) => Promise<readonly StoredPatient[]>;
};

/** A record that matches, how well, and why. */
export type Match = { readonly stored: StoredPatient; readonly score: number; readonly because: readonly Reason[] };

/** More candidates than this are not looked at: the answer then is that there are too many. */
const mostCandidates = 500;
/** The same where phone, e-mail, practice or date of death, which the index doesn't hold, may yet single them out. */
const mostToSingleOut = 5_000;
const loadedAtOnce = 100;

/**
 * The records that match, best first, then by NHS number; `too-many` when more match than may be answered, or when there
 * are more candidates than one search may read.
 */
export async function searchPatients(
  deps: SearchDeps,
  criteria: SearchCriteria,
): Promise<{ readonly matches: Match[] } | 'too-many'> {
  const { phone, email, generalPractitioner, death } = criteria;
  const isSingledOut = [phone, email, generalPractitioner, death].some((asked) => asked !== undefined);
  const { numbers, isOverflow } = await candidateNumbers(
    deps.db,
    criteria,
    isSingledOut ? mostToSingleOut : mostCandidates,
  );
  if (isOverflow) return 'too-many';
  const matches: Match[] = [];
  for (let i = 0; i < numbers.length; i += loadedAtOnce) {
    for (const stored of await deps.loadPatients(numbers.slice(i, i + loadedAtOnce))) {
      const scored = scoreCandidate(criteria, stored);
      if (scored) matches.push({ stored, ...scored });
    }
    if (matches.length > criteria.maxResults) return 'too-many';
  }
  return { matches: matches.sort(byScore) };
}

const byScore = (a: Match, b: Match): number => b.score - a.score || (a.stored.nhsNumber < b.stored.nhsNumber ? -1 : 1);

/**
 * Numbers of the people who may match, at most about `most`; `isOverflow` when there are more, or more than may be read
 * to find out.
 */
export async function candidateNumbers(db: Queryable, criteria: SearchCriteria, most: number): Promise<Candidates> {
  const results = await Promise.all(lookupsOf(criteria).map((lookup) => lookUp(db, criteria, lookup, most)));
  const numbers = [...new Set(results.flatMap((found) => found.numbers))];
  return { numbers, isOverflow: numbers.length > most || results.some((found) => found.isOverflow) };
}

export type Candidates = { readonly numbers: readonly string[]; readonly isOverflow: boolean };

async function lookUp(db: Queryable, criteria: SearchCriteria, lookup: Lookup, most: number): Promise<Candidates> {
  if (lookup.by === 'family') return candidatesByFamily(db, lookup.lookup, most);
  const asked = fuzzyNames(criteria);
  if (lookup.by === 'sound') {
    const entries = await entriesBySound(db, lookup.lookup);
    return { numbers: fitting(criteria, asked, entries), isOverflow: entries.length > mostRead };
  }
  const { entries, isOverflow } = await entriesByPlace(db, lookup.lookup);
  // where the family name was asked too, a wide range is searched by it alone
  if (lookup.isExtra && isOverflow) return { numbers: [], isOverflow: false };
  return { numbers: fitting(criteria, asked, entries), isOverflow };
}

/** The entries that may match by what the index holds, before any record is read. */
function fitting(criteria: SearchCriteria, asked: FuzzyNames, entries: readonly TraceEntry[]): string[] {
  return entries.filter((entry) => mayFit(criteria, asked, entry)).map((entry) => entry.nhs_number);
}

function mayFit(criteria: SearchCriteria, asked: FuzzyNames, entry: TraceEntry): boolean {
  const name = nameOfKeys(entry.family_key, entry.given_key, entry.kind === 'f');
  const isGenderRight = criteria.gender !== undefined;
  const isPostcodeKnown = criteria.postcode !== undefined && entry.postcodes !== '*';
  if (criteria.postcode !== undefined && !isPostcodeKnown) return true;
  const held = { current: entry.postcodes.split(',').filter((key) => key !== ''), former: [] };
  const postcode = criteria.postcode === undefined ? undefined : postcodeLikeness(criteria.postcode, held);
  return fuzzyFit(asked, name, isGenderRight, postcode) !== undefined;
}
