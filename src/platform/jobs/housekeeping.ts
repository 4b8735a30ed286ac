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

type HouseParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** What any process can do. */
  readonly chores: readonly Chore[];
  /** What not every process can do, by the name of a lease of their own: whoever keeps the house may be one that cannot. */
  readonly apart?: Readonly<Record<string, readonly Chore[]>>;
};

/**
 * Forgets what has had its time: tokens a day after they ended, revocations after a day, client assertions after 30
 * days; and what services ask. Done hourly by whichever process holds the lease, a row that expires by the wall clock.
 */
export class Housekeeping {
  readonly #parts: HouseParts;
  readonly #holder = randomUUID();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: HouseParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => void this.round(), hour / 6);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Does what is to be done in this hour, unless somebody did; what fails is logged, and done in the next. */
  async round(): Promise<void> {
    const { db, chores, apart = {} } = this.#parts;
    await this.#hourly('housekeeping', (now) => keepHouse(db, now, chores));
    for (const [lease, own] of Object.entries(apart)) await this.#hourly(lease, (now) => doAll(own, now));
  }

  async #hourly(lease: string, work: Chore): Promise<void> {
    const { db, clock, log } = this.#parts;
    try {
      const wall = clock.wall();
      if (await takeLease(db, lease, this.#holder, wall, wall + hour)) await work(clock.now());
    } catch (error) {
      log.warn('housekeeping was put off', { why: (error as Error).message });
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
  await doAll(chores, now);
}

/** One that fails keeps none of the others from being done. */
async function doAll(chores: readonly Chore[], now: number): Promise<void> {
  const failures: unknown[] = [];
  for (const chore of chores) await chore(now).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
