import { setTimeout as pause } from 'node:timers/promises';
import { ConnectionCut, Interrupted, Refusal } from './trouble.ts';

/** How often something is tried, and what is said before the next time. */
export type Patience = {
  readonly tries: number;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
};

/** Milliseconds before the next try, after `failures` in a row: doubling from 250 to a minute, longer if asked for. */
export function waitBefore(failures: number, retryAfter: number | undefined): number {
  const own = Math.min(60_000, 250 * 2 ** (failures - 1));
  return retryAfter === undefined ? own : Math.max(own, Math.min(retryAfter * 1000, 600_000));
}

/** True for what may be better at the next try: a cut connection, and the statuses published clients try again after. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ConnectionCut || (error instanceof Refusal && error.isPassing);

/**
 * Does the work, again and again while what goes wrong may pass. `attempt` counts from 1. Only for what may be done
 * twice. Rejects with Interrupted when patience ends, or we are told to stop.
 */
export async function patiently<Result>(
  patience: Patience,
  work: (attempt: number) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    if (patience.signal.aborted) throw new Interrupted('stopped');
    try {
      return await work(attempt);
    } catch (error) {
      if (patience.signal.aborted) throw new Interrupted('stopped');
      if (!isPassing(error)) throw error;
      const words = (error as Error).message;
      if (attempt >= patience.tries) throw new Interrupted(`given up after ${attempt} tries: ${words}`);
      const millis = waitBefore(attempt, error instanceof Refusal ? error.retryAfter : undefined);
      patience.tell(`${words}; again in ${millis / 1000} s`);
      await pause(millis, undefined, { signal: patience.signal }).catch(() => {});
    }
  }
}
