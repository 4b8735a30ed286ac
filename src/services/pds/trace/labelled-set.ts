import { isDate } from '../../../platform/nhs/dates.ts';
import type { StoredPatient } from '../patient.ts';
import { type NameFacts, namesOf, postcodesOf } from './facts.ts';
import { shortFormsOf } from './short-names.ts';

/** What goes wrong between a person and the record when somebody searches. */
export const variations = [
  'as recorded',
  'slip in given name',
  'slip in family name',
  'names exchanged',
  'short form',
  'moved house',
  'day and month exchanged',
  'accents left out',
  'former name',
  'further given name',
  'slip in postcode',
  'somebody else',
] as const;
export type Variation = (typeof variations)[number];

/** A search with what ought to come of it. */
export type LabelledSearch = {
  readonly variation: Variation;
  readonly query: ReadonlyArray<readonly [name: string, value: string]>;
  readonly nhsNumber: string;
  /** Whether the record ought to be among the results. */
  readonly isExpected: boolean;
};

type Person = {
  readonly family: string;
  readonly given: readonly string[];
  readonly birthDate: string;
  readonly gender: string;
  readonly postcode: string | undefined;
};

/**
 * Fuzzy searches for a person as they are made in life, each with one thing amiss, and whether they ought to find the
 * record. Variations that the person doesn't allow (no accent to leave out, no former name) are left out. `random` gives
 * numbers from 0 up to 1; the same numbers make the same searches.
 */
export function labelledSearches(stored: StoredPatient, random: () => number): LabelledSearch[] {
  const person = personOf(stored);
  if (!person) return [];
  return variations.flatMap((variation) => {
    const varied = varyBy[variation](person, stored, random);
    if (!varied) return [];
    return [{ variation, query: queryOf(varied), nhsNumber: stored.nhsNumber, isExpected: !isUnwanted.has(variation) }];
  });
}

/** A wrong birth date never matches; and another person's details must not. */
const isUnwanted: ReadonlySet<Variation> = new Set<Variation>(['day and month exchanged', 'somebody else']);

type Vary = (person: Person, stored: StoredPatient, random: () => number) => Person | undefined;

const withoutPostcode = (person: Person): Person => ({ ...person, postcode: undefined });

const varyBy: Readonly<Record<Variation, Vary>> = {
  'as recorded': (person) => person,
  'slip in given name': (person, _, random) => {
    const [first = '', ...rest] = person.given;
    return first.length < 4 ? undefined : withoutPostcode({ ...person, given: [slipIn(first, random), ...rest] });
  },
  // a slip that changes the sound is made good by all the rest
  'slip in family name': (person, _, random) =>
    person.postcode === undefined || person.family.length < 4
      ? undefined
      : { ...person, family: slipIn(person.family, random) },
  'names exchanged': (person) =>
    withoutPostcode({ ...person, family: person.given[0] as string, given: [person.family] }),
  'short form': (person, _, random) => {
    const forms = shortFormsOf((person.given[0] as string).toLowerCase());
    const form = forms[Math.floor(random() * forms.length)];
    return form === undefined ? undefined : withoutPostcode({ ...person, given: [form] });
  },
  'moved house': (person, stored) =>
    person.postcode === undefined ? undefined : { ...person, postcode: farFrom(postcodesOf(stored).current) },
  'day and month exchanged': (person) => {
    const [year, month, day] = person.birthDate.split('-') as [string, string, string];
    const birthDate = `${year}-${day}-${month}`;
    return day === month || !isDate(birthDate) ? undefined : withoutPostcode({ ...person, birthDate });
  },
  'accents left out': (person) => {
    const plain = withoutPostcode({ ...person, family: bare(person.family), given: person.given.map(bare) });
    const isSame = plain.family === person.family && plain.given.every((name, i) => name === person.given[i]);
    return isSame ? undefined : plain;
  },
  'former name': (person, stored) => {
    const former = namesOf(stored).find((name) => name.isFormer && isWhole(name));
    return former && withoutPostcode({ ...person, family: former.family, given: former.given.slice(0, 1) });
  },
  'further given name': (person) =>
    person.given.length < 2 ? undefined : withoutPostcode({ ...person, given: person.given.slice(0, 1) }),
  'slip in postcode': (person, _, random) =>
    person.postcode === undefined || person.postcode.length < 5
      ? undefined
      : { ...person, postcode: slipIn(person.postcode, random) },
  // of the same day, gender and family name, as twins and cousins are
  'somebody else': (person) =>
    withoutPostcode({ ...person, given: [person.given[0]?.toLowerCase().startsWith('z') ? 'Quimby' : 'Zuleika'] }),
};

const isWhole = (name: NameFacts): boolean => name.familyKey !== '' && name.givenKeys.length > 0;

function personOf(stored: StoredPatient): Person | undefined {
  const { name, birthDate, gender, address } = stored.patient;
  const usual = name?.find((one) => one.use === 'usual');
  if (!usual?.family || !usual.given?.[0] || birthDate === undefined || gender === undefined) return undefined;
  // a restricted record is found by no place
  const postcode = stored.security === 'U' ? address?.find((one) => one.use === 'home')?.postalCode : undefined;
  return { family: usual.family, given: usual.given, birthDate, gender, postcode };
}

function queryOf({ family, given, birthDate, gender, postcode }: Person): [string, string][] {
  return [
    ['family', family],
    ...given.map((name): [string, string] => ['given', name]),
    ['birthdate', birthDate],
    ['gender', gender],
    ...(postcode === undefined ? [] : ([['address-postalcode', postcode]] as [string, string][])),
    ['_fuzzy-match', 'true'],
  ];
}

/** One slip after the first letter: two neighbours exchanged, a letter left out, or one doubled. */
function slipIn(text: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (text.length - 2));
  const [before, one, next, after] = [
    text.slice(0, at),
    text[at] as string,
    text[at + 1] as string,
    text.slice(at + 2),
  ];
  const kind = Math.floor(random() * 3);
  if (kind === 0 && one !== next) return before + next + one + after;
  return kind === 1 ? before + next + after : before + one + one + next + after;
}

function farFrom(postcodes: readonly string[]): string {
  return postcodes.some((key) => key.startsWith('tr')) ? 'BT1 5GS' : 'TR19 7AA';
}

const bare = (name: string): string => name.normalize('NFD').replace(/\p{M}/gu, '');
