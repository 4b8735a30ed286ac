import { randomUUID } from 'node:crypto';
import { makePartitions } from '../audit/partitions.ts';
import type { Clock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import {
  forgetOldAssertions,
  forgetOldRefreshTokens,
  forgetOldRevocations,
  forgetOldTokens,
} from '../identity/queries.ts';
import type { Log } from '../telemetry/log.ts';
import { takeLease } from './lease.ts';

/** Something a service wants done hourly; told what time it is, in milliseconds. */
export type Chore = (now: number) => Promise<unknown>;

const hour = 3_600_000;
const day = 24 * hour;

/**
 * Forgets what has had its time: tokens a day after they ended, revocations after a day, client assertions after 30
 * days; and what services ask. Done hourly by whichever process holds the lease, a row that expires.
 */
export class Housekeeping {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #chores: readonly Chore[];
  readonly #holder = randomUUID();
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Database, clock: Clock, log: Log, chores: readonly Chore[] = []) {
    this.#db = db;
    this.#chores = chores;
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#run(), hour / 6);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #run(): Promise<void> {
    try {
      const now = this.#clock.now();
      if (await takeLease(this.#db, 'housekeeping', this.#holder, now, now + hour))
        await keepHouse(this.#db, now, this.#chores);
    } catch (error) {
      this.#log.warn('housekeeping was put off', { why: (error as Error).message });
    }
  }
}

/** One round of forgetting, by this Spine's clock. */
export async function keepHouse(db: Database, now: number, chores: readonly Chore[] = []): Promise<void> {
  await makePartitions(db, now);
  await db.query(forgetOldTokens(now - day));
  await db.query(forgetOldRefreshTokens(now - day));
  await db.query(forgetOldRevocations(now - day));
  await db.query(forgetOldAssertions(now - 30 * day));
  // one that fails keeps none of the others from being done
  const failures: unknown[] = [];
  for (const chore of chores) await chore(now).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
