import { isDate } from '../../../platform/nhs/dates.ts';
import { parseOdsCode } from '../../../platform/nhs/ods-code.ts';
import { pdsErrors, refuse } from '../errors.ts';
import { pythonRepr } from '../python-repr.ts';
import { postcodeKey } from './keys.ts';
import { type DateRange, type Gender, genders, type SearchCriteria } from './search-criteria.ts';
import { hasWildcard } from './wildcard.ts';

/** How the caller may search. `onlyOne`: an application without a user, which gets one unique match or none. */
export type SearchMode = { readonly onlyOne: boolean };

type Query = ReadonlyArray<readonly [name: string, value: string]>;
type Check = (value: string) => boolean;

const dateNames = ['birthdate', 'death-date'];
const isBoolean: Check = (value) => value === 'true' || value === 'false';
const isText =
  (longest: number): Check =>
  (value) =>
    value.trim() !== '' && value.trim().length <= longest && !hasUnprintable(value);

/** What each parameter takes (published lengths where there are any); dates are looked at before these. */
const checks: Readonly<Record<string, Check>> = {
  birthdate: () => true,
  'death-date': () => true,
  family: isText(35),
  given: isText(35),
  gender: (value) => (genders as readonly string[]).includes(value),
  'address-postalcode': isText(20),
  'address-postcode': isText(20),
  'general-practitioner': (value) => parseOdsCode(value.trim()) !== undefined,
  email: isText(254),
  phone: isText(50),
  '_fuzzy-match': isBoolean,
  '_exact-match': isBoolean,
  _history: isBoolean,
  '_max-results': (value) => /^[0-9]{1,2}$/.test(value) && Number(value) >= 1 && Number(value) <= 50,
};
const repeatable = new Set(['birthdate', 'death-date', 'given']);
const wildcardNames = ['family', 'given', 'address-postalcode', 'address-postcode'];
const mostGivenNames = 10;

/**
 * Reads the query of a search: decoded pairs in their order. Throws the published refusals in the published order
 * (nothing, unknown names, dates, other values, no birth date, both postcodes, too little for a plain or a fuzzy search).
 */
export function parseSearch(query: Query, mode: SearchMode): SearchCriteria {
  if (query.length === 0) throw refuse(pdsErrors.unsupportedService);
  refuseUnknown(query);
  for (const [name, value] of query) if (dateNames.includes(name) && !isSearchDate(value)) throw invalid(name, value);
  const all = (name: string) => query.filter(([other]) => other === name).map(([, value]) => value);
  const one = (name: string) => all(name)[0];
  const isFuzzy = one('_fuzzy-match') === 'true';
  refuseBadValues(query, all, isFuzzy);
  if (one('birthdate') === undefined) {
    throw refuse(pdsErrors.missingValue, "Missing value - 'birth_date/birth_date_range_start/birth_date_range_end'");
  }
  const postcode = one('address-postalcode') ?? one('address-postcode');
  if (one('address-postalcode') !== undefined && one('address-postcode') !== undefined) {
    throw searchData('Only one of address-postalcode and address-postcode can be given');
  }
  const criteria: SearchCriteria = {
    family: singleBlanks(one('family')),
    given: all('given').map((value) => singleBlanks(value) as string),
    gender: one('gender') as Gender | undefined,
    birth: rangeOf(all('birthdate')),
    death: one('death-date') === undefined ? undefined : rangeOf(all('death-date')),
    postcode: postcode === undefined ? undefined : postcodeKey(postcode).replace(/\*+/g, '*'),
    generalPractitioner: one('general-practitioner')?.trim().toUpperCase(),
    email: one('email')?.trim().toLowerCase(),
    phone: one('phone')?.replace(/\s+/g, ''),
    isFuzzy,
    isExactOnly: one('_exact-match') === 'true',
    withHistory: isFuzzy || one('_history') === 'true',
    maxResults: mode.onlyOne ? 1 : Number(one('_max-results') ?? 50),
  };
  if (isFuzzy) refuseUnfitForFuzzy(criteria);
  else if (criteria.family === undefined) {
    throw searchData('No searches were performed as the search criteria did not meet the minimum requirements');
  }
  return criteria;
}

function refuseUnknown(query: Query): void {
  const unknown = [...new Set(query.map(([name]) => name))].filter((name) => !Object.hasOwn(checks, name));
  if (unknown.length === 0) return;
  const were = unknown.length === 1 ? 'was' : 'were';
  throw refuse(
    pdsErrors.additionalProperties,
    `Invalid request with error - Additional properties are not allowed (${unknown.map(pythonRepr).join(', ')} ${were} unexpected)`,
  );
}

function refuseBadValues(query: Query, all: (name: string) => string[], isFuzzy: boolean): void {
  for (const [name, value] of query) {
    if (!checks[name]?.(value)) throw invalid(name, value);
    // where the search is fuzzy, a wildcard anywhere has its own refusal
    if (!isFuzzy && wildcardNames.includes(name) && hasWildcard(value.trim().slice(0, 2))) throw invalid(name, value);
    const values = all(name);
    const isTooMany = repeatable.has(name) ? name === 'given' && values.length > mostGivenNames : values.length > 1;
    if (isTooMany) throw invalid(name, pythonRepr(values));
  }
}

function refuseUnfitForFuzzy({ family, given, gender, postcode }: SearchCriteria): void {
  const hasGiven = given.length > 0;
  const isPlaced = gender !== undefined && postcode !== undefined;
  const isEnough = family !== undefined ? hasGiven || isPlaced : hasGiven && isPlaced;
  const isWild = [family, ...given, postcode].some((value) => value !== undefined && hasWildcard(value));
  if (!isEnough || isWild) {
    throw searchData('A fuzzy search was requested however the data given did not meet the fuzzy search criteria');
  }
}

const invalid = (name: string, value: string) =>
  refuse(pdsErrors.invalidValue, `Invalid value - '${value}' in field '${name}'`);

const searchData = (why: string) => refuse(pdsErrors.invalidSearchData, `Invalid search data provided - '${why}'`);

const singleBlanks = (value: string | undefined): string | undefined => value?.replace(/\s+/g, ' ').trim();

function hasUnprintable(value: string): boolean {
  return /[\p{Cc}\p{Zl}\p{Zp}]/u.test(value) || !value.isWellFormed();
}

function isSearchDate(value: string): boolean {
  const day = dayOfSearch(value);
  return isDate(day) && day >= '0001';
}

const dayOfSearch = (value: string): string => value.replace(/^(eq|ge|le)/, '');

/** All conditions together: `eq` and no prefix are the one day, `ge` from, `le` to. */
function rangeOf(values: readonly string[]): DateRange {
  let from: string | undefined;
  let to: string | undefined;
  for (const value of values) {
    const day = dayOfSearch(value);
    if (!value.startsWith('le') && (from === undefined || day > from)) from = day;
    if (!value.startsWith('ge') && (to === undefined || day < to)) to = day;
  }
  return { from, to };
}
