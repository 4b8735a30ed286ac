import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/db/database.ts';
import { readOffset, writeOffset } from './queries.ts';

/**
 * The sandbox's clock, the same in every worker: its offset is a row that each worker looks at. Who moves it waits until
 * the others have looked.
 */
export class SharedClock {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #workers: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Database, clock: Clock, workers: number) {
    this.#db = db;
    this.#clock = clock;
    this.#workers = workers;
  }

  /** Takes over what was set before; with several workers, begins to look for what the others set. */
  async start(): Promise<void> {
    this.#clock.moveTo(await readOffset(this.#db));
    if (this.#workers > 1) this.#look();
  }

  async moveTo(offset: number): Promise<void> {
    await writeOffset(this.#db, offset);
    this.#clock.moveTo(offset);
    if (this.#workers > 1) await new Promise((resolve) => setTimeout(resolve, 2 * lookEvery));
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    this.#timer = setTimeout(async () => {
      try {
        this.#clock.moveTo(await readOffset(this.#db));
      } catch {
        // the database is away for a moment; the clock runs on
      }
      this.#look();
    }, lookEvery);
    this.#timer.unref();
  }
}

const lookEvery = 200;
