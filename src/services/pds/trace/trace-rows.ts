import { isDate } from '../../../platform/nhs/dates.ts';
import type { StoredPatient } from '../patient.ts';
import { gendersOf, givenKeyOf, namesOf, postcodesOf } from './facts.ts';
import { soundCode } from './soundex.ts';

/** One name of one record in the trace index. */
export type TraceRow = {
  readonly nhsNumber: string;
  /** yyyy-mm-dd */
  readonly bornOn: string;
  readonly familyKey: string;
  readonly familySound: number;
  /** Keys of the given names, comma between. */
  readonly givenKey: string;
  /** c a current name, f a former one. */
  readonly kind: 'c' | 'f';
  /** First letters: the gender now (`-` for none), then former ones. */
  readonly gender: string;
  /** Postcode keys now and formerly, a comma before each; `*` where there are too many to say. */
  readonly postcodes: string;
};

/** Texts are cut here, so that no index entry outgrows what PostgreSQL holds; what matches is decided on the record. */
const longest = { family: 40, given: 200, postcode: 10, postcodes: 250 } as const;

/**
 * The rows under which a search finds a record: one for each of its names, now and formerly. None for a record that no
 * search finds: superseded, invalidated, very restricted, without a birth date or without a name. A restricted record
 * tells no postcodes, for no search by postcode finds it.
 */
export function traceRows(stored: StoredPatient): TraceRow[] {
  const bornOn = stored.patient.birthDate;
  if (stored.state !== 'active' || stored.security === 'V' || !isDate(bornOn) || bornOn < '0001') return [];
  const genders = gendersOf(stored);
  const gender = [genders.current?.[0] ?? '-', ...genders.former.map((one) => one[0] ?? '')].join('');
  const postcodes = stored.security === 'R' ? '' : writtenPostcodes(postcodesOf(stored));
  const rows = new Map<string, TraceRow>();
  for (const name of namesOf(stored)) {
    const familyKey = name.familyKey.slice(0, longest.family);
    const givenKey = givenKeyOf(name).slice(0, longest.given);
    const nameOnly = `${familyKey}|${givenKey}`;
    // a former name that is a current one too is found as the current one
    if (rows.has(nameOnly)) continue;
    rows.set(nameOnly, {
      nhsNumber: stored.nhsNumber,
      bornOn,
      familyKey,
      familySound: soundCode(familyKey),
      givenKey,
      kind: name.isFormer ? 'f' : 'c',
      gender,
      postcodes,
    });
  }
  return [...rows.values()];
}

function writtenPostcodes({ current, former }: { current: readonly string[]; former: readonly string[] }): string {
  const keys = [...current, ...former];
  const text = keys.map((key) => `,${key}`).join('');
  const isTooMuch =
    text.length > longest.postcodes || keys.some((key) => key.length > longest.postcode || key.includes(','));
  return isTooMuch ? '*' : text;
}
