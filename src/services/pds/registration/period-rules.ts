import type { Period } from '../../../platform/fhir/types.ts';
import { isDate } from '../../../platform/nhs/dates.ts';
import { invalidValue } from '../refused-values.ts';
import { object, type Shape, under, valueThat } from '../shape.ts';

const date = valueThat(isDate);

/** A business period of whole days: the start is required, the end is not. */
export const periodShape: Shape = object({ start: date, end: date }, { required: ['start'] });

/** The period as it is kept. Refuses a start in the future and an end before the start (INVALID_VALUE). */
export function parsePeriod(period: Period, path: string, today: string): Period {
  const { start = '', end } = period;
  if (start > today) throw invalidValue(start, under(path, 'start'));
  if (end === undefined) return { start };
  if (end < start) throw invalidValue(end, under(path, 'end'));
  return { start, end };
}

/** Whole days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 86_400_000;
}
