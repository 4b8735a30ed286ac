import { isDate } from '../../../platform/nhs/dates.ts';
import type { Patient } from '../patient.ts';
import { deathCode } from './extension.ts';
import { invalidUpdate, invalidValue, unsupportedValue } from './refusals.ts';
import { chosen } from './texts.ts';

/** The gender of an update. `other` may be read but never set. */
export function settledGender(value: unknown): string {
  if (value === 'other') throw unsupportedValue(value, 'gender');
  if (value !== 'male' && value !== 'female' && value !== 'unknown') throw invalidValue(value, 'gender');
  return value;
}

/** 1 to 7 the order of birth, 8 not applicable, 9 not known. */
export function settledMultipleBirth(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 9) {
    throw invalidValue(value, 'multipleBirthInteger');
  }
  return value;
}

/** A birth date: a real day, not in the future. */
export function settledBirthDate(value: unknown, today: string): string {
  if (!isDate(value)) throw invalidValue(value, 'birthDate');
  if (value > today) throw invalidUpdate(chosen.birthInFuture());
  return value;
}

/**
 * A date of death, in UTC, as it is shown: `yyyy-mm-ddThh:mm:ss+00:00`. The time may be left out, and so may the
 * offset; another offset than zero is refused.
 */
export function settledDeath(value: unknown, today: string): string {
  const match =
    typeof value === 'string'
      ? /^([12][0-9]{3}-[0-9]{2}-[0-9]{2})(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\+00:00)?)?$/.exec(value)
      : null;
  const day = match?.[1];
  if (!isDate(day)) throw invalidValue(value, 'deceasedDateTime');
  if (day > today) throw invalidUpdate(chosen.deathInFuture());
  return `${day}${match?.[2]?.slice(0, 9) ?? 'T00:00:00'}+00:00`;
}

/**
 * What birth, death and death notification say of one another, asked of what the request changed: no death before
 * birth, none without its notification and no notification without a death, no change of a death once it is formal.
 */
export function checkLife(before: Patient, after: Patient, touchedMembers: ReadonlySet<string>): void {
  const isDeathTouched = touchedMembers.has('deceasedDateTime');
  const isChanged = before.deceasedDateTime !== undefined && before.deceasedDateTime !== after.deceasedDateTime;
  if (isDeathTouched && isChanged && deathCode(before.extension) === '2') {
    throw invalidUpdate(chosen.deathFormal('deceasedDateTime'));
  }
  if (isBefore(after.deceasedDateTime, after.birthDate)) {
    if (isDeathTouched) throw invalidUpdate(chosen.deathBeforeBirth());
    if (touchedMembers.has('birthDate')) throw invalidUpdate(chosen.birthAfterDeath());
  }
  const code = deathCode(after.extension);
  const isNotified = code === '1' || code === '2';
  const isDeathAdded = before.deceasedDateTime === undefined && after.deceasedDateTime !== undefined;
  if (isDeathAdded && !isNotified) throw invalidUpdate(chosen.deathNeedsNotification());
  if (isNotified && code !== deathCode(before.extension) && after.deceasedDateTime === undefined) {
    throw invalidUpdate(chosen.notificationNeedsDeath());
  }
}

/** Compares as much of two dates as both say: some records know only the year or month. */
function isBefore(death: string | undefined, birth: string | undefined): boolean {
  if (death === undefined || birth === undefined) return false;
  const length = Math.min(10, death.length, birth.length);
  return death.slice(0, length) < birth.slice(0, length);
}
