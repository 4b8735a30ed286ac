import type { Postponement } from './queries-notices.ts';

const firstMillis = 2_000;
const mostMillis = 3_600_000;
/** An address that has failed for so long is told nothing any more. */
export const patienceMillis: number = 3 * 86_400_000;

/** What follows from one more failure: twice as long a pause each time, an hour at most; after three days, the end. */
export function afterFailure(
  before: { readonly failures: number; readonly since: number | undefined },
  fault: string,
  now: number,
): Postponement {
  const failures = before.failures + 1;
  const since = before.since ?? now;
  const pause = Math.min(mostMillis, firstMillis * 2 ** Math.min(before.failures, 20));
  return { dueAt: now + pause, failures, since, fault: fault.slice(0, 200), isOver: now - since >= patienceMillis };
}
