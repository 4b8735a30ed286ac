/** True for a `yyyy-mm-dd` that names a real day of the Gregorian calendar. */
export function isDate(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(value);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The instant as the published bundles write it: `2019-12-25T12:00:00+00:00` (UTC, whole seconds). */
export function fhirInstant(epochMillis: number): string {
  return `${new Date(epochMillis).toISOString().slice(0, 19)}+00:00`;
}

/** The instant's UTC day as `yyyy-mm-dd`. */
export function dayOf(epochMillis: number): string {
  return new Date(epochMillis).toISOString().slice(0, 10);
}
