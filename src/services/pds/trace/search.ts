import type { Queryable } from '../../../platform/db/database.ts';
import type { StoredPatient } from '../patient.ts';
import {
  entriesByPlace,
  entriesBySound,
  type FamilyLookup,
  type Found,
  numbersByFamilyAlongDays,
  numbersByFamilyAndDay,
  numbersByFamilySound,
  type TraceEntry,
} from '../queries-trace.ts';
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
export async function candidateNumbers(db: Queryable, criteria: SearchCriteria, most: number): Promise<Found> {
  const results = await Promise.all(lookupsOf(criteria).map((lookup) => lookUp(db, criteria, lookup, most)));
  const numbers = [...new Set(results.flatMap((found) => found.numbers))];
  return { numbers, isOverflow: numbers.length > most || results.some((found) => found.isOverflow) };
}

async function lookUp(db: Queryable, criteria: SearchCriteria, lookup: Lookup, most: number): Promise<Found> {
  if (lookup.by === 'family') return byFamily(db, lookup.lookup, most);
  const { entries, isOverflow } = await (lookup.by === 'sound'
    ? entriesBySound(db, lookup.lookup)
    : entriesByPlace(db, lookup.lookup));
  // where the family name was asked too, a wide range is searched by it alone
  if (lookup.by === 'place' && lookup.isExtra && isOverflow) return { numbers: [], isOverflow: false };
  return { numbers: isOverflow ? [] : fitting(criteria, fuzzyNames(criteria), entries), isOverflow };
}

/** Up to here the days themselves are gone along; a wider range is entered by the sound of the name. */
const daysGoneAlong = 366;

async function byFamily(db: Queryable, lookup: FamilyLookup, most: number): Promise<Found> {
  const days = (Date.parse(lookup.to) - Date.parse(lookup.from)) / 86_400_000;
  if (days === 0 && lookup.familyLike === undefined) return numbersByFamilyAndDay(db, lookup, most);
  if (days > daysGoneAlong && lookup.sounds !== undefined) {
    const bySound = await numbersByFamilySound(db, lookup, most);
    if (!bySound.isOverflow || bySound.numbers.length > most) return bySound;
  }
  return numbersByFamilyAlongDays(db, lookup, most);
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
