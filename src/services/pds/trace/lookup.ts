import type { FamilyLookup, SoundLookup, TraceFilter } from '../queries-trace.ts';
import { nameKey } from './keys.ts';
import type { SearchCriteria } from './search-criteria.ts';
import { soundCode, soundCodesOfBeginning } from './soundex.ts';
import { fixedStart, hasWildcard, likePattern } from './wildcard.ts';

/** How the index is asked for the candidates of a search: each look-up finds some of them. */
export type Lookup =
  /** A family name, to the letter or by wildcard, with all else that can be asked of the index. */
  | { readonly by: 'family'; readonly lookup: FamilyLookup }
  /** Family names that sound like one of the names asked for. */
  | { readonly by: 'sound'; readonly lookup: SoundLookup }
  /** Everybody of a gender and postcode, whatever the name; `isExtra` where sounds find most of them anyway. */
  | { readonly by: 'place'; readonly lookup: TraceFilter; readonly isExtra: boolean };

/** What to ask the index for a search, so that no match is missed but a bound is kept. */
export function lookupsOf(criteria: SearchCriteria): Lookup[] {
  return criteria.isFuzzy ? fuzzyLookups(criteria) : [{ by: 'family', lookup: familyLookup(criteria) }];
}

const everyDay = { from: '0001-01-01', to: '9999-12-31' } as const;

function filterOf(criteria: SearchCriteria, given: readonly string[]): TraceFilter {
  const { birth, gender, postcode, withHistory } = criteria;
  const letter = gender?.[0];
  return {
    from: birth.from ?? everyDay.from,
    to: birth.to ?? everyDay.to,
    withFormer: withHistory,
    givenLike: given.map(givenPattern),
    genderLike: letter === undefined ? '%' : withHistory ? `%${letter}%` : `${letter}%`,
    postcodesLike: postcode === undefined ? '%' : `%,${likePattern(postcode)}%`,
  };
}

function familyLookup(criteria: SearchCriteria): FamilyLookup {
  const family = nameKey(criteria.family as string);
  const filter = filterOf(criteria, criteria.given.map(nameKey));
  if (hasWildcard(family)) {
    const start = fixedStart(family);
    return { ...filter, family: start, familyLike: likePattern(family), sounds: soundCodesOfBeginning(start) };
  }
  const sound = soundCode(family);
  return { ...filter, family, familyLike: undefined, sounds: [sound, sound] };
}

/** The given names stand in one key, a comma before, between and after: a wildcard begins at the first. */
function givenPattern(key: string): string {
  return hasWildcard(key) ? `,${likePattern(key)},%` : `%,${likePattern(key)},%`;
}

function fuzzyLookups(criteria: SearchCriteria): Lookup[] {
  const { family, given, gender, postcode } = criteria;
  const filter = filterOf({ ...criteria, postcode: undefined }, []);
  const lookups: Lookup[] = [];
  if (family !== undefined) {
    // the given name may stand where the family name ought to
    const names = given[0] === undefined ? [family] : [family, given[0]];
    const familySounds = [...new Set(names.map(soundCode))];
    lookups.push({ by: 'sound', lookup: { ...filter, familySounds } });
  }
  if (given.length > 0 && gender !== undefined && postcode !== undefined) {
    lookups.push({ by: 'place', lookup: filterOf(criteria, []), isExtra: family !== undefined });
  }
  return lookups;
}
