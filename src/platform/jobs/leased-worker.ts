import type { Clock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import { Lease } from './lease.ts';

/** Told of failures; what failed is tried again by a later round. */
export type OnTrouble = (error: Error) => void;

/**
 * A round of work. One that takes longer asks `goesOn` again and again, and ends soon when the answer is no: the process
 * stops, or the lease is lost. `onTrouble` is for failures that do not end the round.
 */
export type Round = (goesOn: () => Promise<boolean>, onTrouble: OnTrouble) => Promise<unknown>;

type WorkerParts = {
  readonly db: Database;
  readonly clock: Clock;
  /** Name of the lease. */
  readonly lease: string;
  readonly leaseMillis: number;
  /** Pause before each round. */
  readonly everyMillis: number;
  readonly round: Round;
};

/**
 * Work that one process of several does, round after round: the one that holds the lease. Rounds never overlap in a
 * process; where a process is cut off they may overlap with those of the next holder, and must bear that.
 */
export class LeasedWorker {
  readonly #parts: WorkerParts;
  readonly #lease: Lease;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #isStopped = false;
  #isTroubled = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#lease = new Lease({ ...parts, name: parts.lease, millis: parts.leaseMillis });
  }

  /** `onTrouble` is told when a round fails, once until one ends well. */
  start(onTrouble: OnTrouble): void {
    this.#timer = setTimeout(() => {
      this.#running = this.#work(onTrouble).finally(() => {
        if (!this.#isStopped) this.start(onTrouble);
      });
    }, this.#parts.everyMillis);
    this.#timer.unref();
  }

  /** Waits for the round under way to end, and gives the lease back. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    // without a database it runs out by itself
    await this.#lease.release().catch(() => undefined);
  }

  async #work(onTrouble: OnTrouble): Promise<void> {
    const goesOn = async () => !this.#isStopped && (await this.#lease.holds());
    try {
      if (!(await goesOn())) return;
      await this.#parts.round(goesOn, onTrouble);
      this.#isTroubled = false;
    } catch (error) {
      if (!this.#isTroubled) onTrouble(error as Error);
      this.#isTroubled = true;
    }
  }
}
