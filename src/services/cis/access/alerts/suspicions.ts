import { plainName } from '../../registration/person-keys.ts';
import type { AlertCode } from './alert-codes.ts';

/** An access that was allowed, as the audit has it. */
export type Access = {
  /** The audit entry: `<writer>-<seq>`. */
  readonly entry: string;
  readonly userId: string;
  readonly nhsNumber: string;
  readonly odsCode: string;
  readonly roleId: string;
  readonly operation: string;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
};

/** What is known of the user from the staff directory. */
export type UserFacts = {
  readonly nhsNumber: string | undefined;
  readonly familyName: string;
  readonly postcode: string | undefined;
};

/** What is known of the patient from PDS, and of who they are at work. */
export type PatientFacts = {
  readonly familyNames: readonly string[];
  readonly postcodes: readonly string[];
  /** Where a record is restricted, its address is compared with nobody's: the alert would tell where the patient lives. */
  readonly isRestricted: boolean;
  /** The patient as a member of staff, with the organisations they work in. */
  readonly asStaff: readonly { readonly userId: string; readonly odsCodes: readonly string[] }[];
};

/**
 * What is unusual about one access, judged by user and patient alone. Whoever looks at their own record raises that alert
 * and no other. What is not known raises nothing.
 */
export function suspicionsOf(
  access: Pick<Access, 'userId' | 'nhsNumber' | 'odsCode'>,
  user: UserFacts | undefined,
  patient: PatientFacts,
): AlertCode[] {
  const isOwn =
    (user?.nhsNumber !== undefined && user.nhsNumber === access.nhsNumber) ||
    patient.asStaff.some((one) => one.userId === access.userId);
  if (isOwn) return ['OWN_RECORD'];
  const codes: AlertCode[] = [];
  const names = new Set(patient.familyNames.map(plainName).filter((name) => name !== ''));
  if (user && names.has(plainName(user.familyName))) codes.push('SAME_SURNAME');
  const postcode = plainPostcode(user?.postcode ?? '');
  if (postcode !== '' && !patient.isRestricted && patient.postcodes.some((one) => plainPostcode(one) === postcode))
    codes.push('SAME_ADDRESS');
  if (access.odsCode !== '' && patient.asStaff.some((one) => one.odsCodes.includes(access.odsCode)))
    codes.push('COLLEAGUE');
  return codes;
}

function plainPostcode(postcode: string): string {
  return postcode.replace(/[^0-9A-Za-z]/g, '').toUpperCase();
}

const hour = 3_600_000;

/** The patients a user looked at lately, each with the time of the last look; under `quiet` when they were found too many. */
export type LookUps = ReadonlyMap<string, number>;
const quiet = '';

/**
 * Counts different patients within an hour before each access, in the order of time; more than `limit` raises an alert
 * for the access that made it so, and the user is not counted for the hour after it: one alert an hour tells enough. The
 * same accesses raise the same alerts however they are cut into rounds, as long as they come in order.
 */
export function countLookUps(
  before: LookUps,
  accesses: readonly Pick<Access, 'nhsNumber' | 'at'>[],
  limit: number,
): { readonly after: LookUps; readonly tooMany: readonly number[] } {
  let seen = new Map(before);
  const tooMany: number[] = [];
  for (const [index, { nhsNumber, at }] of accesses.entries()) {
    const foundAt = seen.get(quiet);
    if (foundAt !== undefined && at < foundAt + hour) continue;
    seen.delete(quiet);
    seen.set(nhsNumber, Math.max(at, seen.get(nhsNumber) ?? at));
    if (seen.size <= limit) continue;
    seen = new Map([...seen].filter(([, lookedAt]) => lookedAt > at - hour));
    if (seen.size <= limit) continue;
    tooMany.push(index);
    seen = new Map([[quiet, at]]);
  }
  return { after: seen, tooMany };
}
