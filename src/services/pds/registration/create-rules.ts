import type { Address, ContactPoint, Extension, HumanName } from '../../../platform/fhir/types.ts';
import { isDate } from '../../../platform/nhs/dates.ts';
import { invalidValue, missingValue, unsupportedValue } from '../refused-values.ts';
import { byUrl, check, isObject, list, object, oneOf, type Shape, under, valueThat } from '../shape.ts';
import { addressShape, parseAddresses } from './address-rules.ts';
import {
  parsePreferences,
  parseRegisteringAuthority,
  type RegisteringAuthority,
  readExtensions,
  unreadExtensions,
} from './extension-rules.ts';
import { nameShape, parseName } from './name-rules.ts';
import { parseTelecom, telecomShape } from './telecom-rules.ts';

/** What a request to create a record says, checked and as it will be kept; objects have no ids yet. */
export type NewPatient = {
  readonly name: HumanName;
  readonly address: readonly Address[];
  readonly gender: 'male' | 'female' | 'unknown';
  readonly birthDate: string;
  readonly telecom: readonly ContactPoint[];
  /** Extensions to be stored. */
  readonly extension: readonly Extension[];
  readonly registeringAuthority: RegisteringAuthority;
};

export const genderShape: Shape = oneOf('male', 'female', 'unknown', 'other');
export const birthDateShape: Shape = valueThat(isDate);

/** The members every new record is made of. */
export const personMembers = {
  name: list(nameShape, { min: 1, max: 1 }),
  address: list(addressShape, { min: 1, max: 3 }),
} as const;

const createShape = object(
  {
    resourceType: oneOf('Patient'),
    ...personMembers,
    gender: genderShape,
    birthDate: birthDateShape,
    telecom: list(telecomShape),
    extension: list(byUrl({ ...readExtensions, ...unreadExtensions })),
  },
  { required: ['name', 'address', 'gender', 'birthDate'], isClosed: true },
);

type SentPatient = {
  name: unknown[];
  address: unknown[];
  gender: string;
  birthDate: string;
  telecom?: unknown[];
  extension?: Extension[];
};

/**
 * The body of `POST /Patient`, anything, as a new patient; `today` is `yyyy-mm-dd`. Throws the published refusals: what
 * is missing first (in the published order), then what should not be there, then wrong values from the top down, then
 * the rules of each part. The mandatory registering authority is looked for last.
 */
export function parseCreate(body: unknown, today: string): NewPatient {
  const sent = isObject(body) ? body : {};
  check(createShape, sent);
  return parsePerson(sent as SentPatient, '', today);
}

/** What create and birth have in common, from a body that has the shape and stands at `path`. */
export function parsePerson(sent: SentPatient, path: string, today: string): NewPatient {
  const at = (member: string) => under(path, member);
  const gender = settableGender(sent.gender);
  const birthDate = pastBirthDate(sent.birthDate, today);
  const name = parseName(sent.name[0], at('name/0'), today);
  const address = parseAddresses(sent.address, at('address'), today);
  const telecom = parseTelecom(sent.telecom ?? [], at('telecom'), today);
  if (sent.extension === undefined) throw missingValue(at('extension'));
  return {
    name,
    address,
    gender,
    birthDate,
    telecom,
    extension: parsePreferences(sent.extension, at('extension')),
    registeringAuthority: parseRegisteringAuthority(sent.extension, at('extension')),
  };
}

/** `other` may be read, never set. Reported without a path, as published for births. */
function settableGender(gender: string): NewPatient['gender'] {
  if (gender === 'other') throw unsupportedValue(gender, 'gender');
  return gender as NewPatient['gender'];
}

/** Nobody alive was born before this; a year 0 no calendar has. */
const earliestBirth = '1850-01-01';

function pastBirthDate(birthDate: string, today: string): string {
  if (birthDate > today || birthDate < earliestBirth) throw invalidValue(birthDate, 'birthDate');
  return birthDate;
}
