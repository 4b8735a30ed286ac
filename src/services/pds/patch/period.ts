import type { Period } from '../../../platform/fhir/types.ts';
import { isDate } from '../../../platform/nhs/dates.ts';
import type { Touched } from './field.ts';
import { isTouched } from './field.ts';
import { invalidUpdate, invalidValue, missingValue } from './refusals.ts';
import { chosen } from './texts.ts';

/**
 * The period of a touched object by the published "Business rules for period": defaults to a start today, must have a
 * start that is no later than today, and an end no earlier than the start. A period that was not touched is kept.
 */
export function settledPeriod(touched: Touched<{ period?: Period }>, startMayBeAbsent = false): Period | undefined {
  const { after, path, today } = touched;
  const isDefaulted = after.period === undefined && touched.kind !== 'edited';
  if (!isDefaulted && !isTouched(touched, 'period')) return after.period;
  return checkedPeriod(after.period, `${path}/period`, today, startMayBeAbsent);
}

/** The period with its defaults; refuses one that breaks the rules. */
function checkedPeriod(period: Period | undefined, path: string, today: string, startMayBeAbsent = false): Period {
  if (!period) return { start: today };
  if (period.start === undefined && !startMayBeAbsent) throw missingValue(`${path}/start`);
  const start = period.start ?? today;
  if (!isDate(start)) throw invalidValue(start, `${path}/start`);
  if (start > today) throw invalidUpdate(chosen.startInFuture(`${path}/start`));
  if (period.end === undefined) return { start };
  if (!isDate(period.end)) throw invalidValue(period.end, `${path}/end`);
  if (period.end < start) throw invalidUpdate(chosen.endBeforeStart(`${path}/end`));
  return { start, end: period.end };
}

/** The days from one date to another. */
export function daysBetween(start: string, end: string): number {
  return (Date.parse(end) - Date.parse(start)) / 86_400_000;
}
