import type { HumanName } from '../../../platform/fhir/types.ts';
import { isDate } from '../../../platform/nhs/dates.ts';
import type { StoredPatient } from '../patient.ts';
import { nameKey, postcodeKey } from './keys.ts';

/** One row of the trace index: a name under which a person can be found. */
export type TraceRow = {
  readonly bornOn: string;
  readonly familyKey: string;
  readonly givenKey: string;
  readonly nhsNumber: string;
  /** `c` a current name, `f` a former one. */
  readonly kind: 'c' | 'f';
  readonly gender: 'm' | 'f' | 'o' | 'u' | '-';
  /** Current postcodes, in key form, a blank between. */
  readonly postcodes: string;
};

const currentUses: ReadonlySet<string | undefined> = new Set(['usual', 'nickname', 'temp', undefined]);

/** Usual, nickname and temporary names are searched as current; any other is a former one (contract, section 5). */
export function isCurrentName(name: HumanName): boolean {
  return currentUses.has(name.use);
}

const genderLetters: Record<string, TraceRow['gender']> = { male: 'm', female: 'f', other: 'o', unknown: 'u' };

export function genderLetter(gender: string | undefined): TraceRow['gender'] {
  return genderLetters[gender ?? ''] ?? '-';
}

/** Keys are cut here, so that no index entry grows beyond what PostgreSQL can hold; a match is decided on the record. */
const longestKey = 120;

/**
 * The rows by which a record is found: none for superseded, invalidated and very restricted records, nor without a birth
 * date or any name.
 */
export function traceRows(stored: StoredPatient): TraceRow[] {
  const { patient, former } = stored;
  if (stored.state !== 'active' || stored.security === 'V' || !isDate(patient.birthDate)) return [];
  const bornOn = patient.birthDate;
  const gender = genderLetter(patient.gender);
  const postcodes = (patient.address ?? [])
    .map((address) => postcodeKey(address.postalCode ?? ''))
    .filter((postcode, i, all) => postcode !== '' && all.indexOf(postcode) === i)
    .join(' ');
  const rows = new Map<string, TraceRow>();
  const add = (name: HumanName, kind: 'c' | 'f') => {
    const familyKey = nameKey(name.family ?? '').slice(0, longestKey);
    const givenKey = nameKey((name.given ?? []).join(' ')).slice(0, longestKey);
    if (familyKey === '' && givenKey === '') return;
    rows.set(`${kind}|${familyKey}|${givenKey}`, { bornOn, familyKey, givenKey, nhsNumber: stored.nhsNumber, kind, gender, postcodes });
  };
  for (const name of patient.name ?? []) add(name, isCurrentName(name) ? 'c' : 'f');
  for (const name of former?.name ?? []) add(name, 'f');
  return [...rows.values()];
}
