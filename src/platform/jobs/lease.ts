import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';
import type { Database } from '../db/database.ts';
import { sql } from '../db/sql.ts';

/** Takes the lease when it is free or over; true when taken. Times in milliseconds. */
export async function takeLease(
  db: Database,
  name: string,
  holder: string,
  now: number,
  until: number,
): Promise<boolean> {
  const rows = await db.query(sql`
    insert into platform.lease (name, holder, until_at) values (${name}, ${holder}, ${new Date(until)})
    on conflict (name) do update set holder = excluded.holder, until_at = excluded.until_at
     where platform.lease.until_at <= ${new Date(now)}
    returning name`);
  return rows.length === 1;
}

type LeaseParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly name: string;
  /** How long it lasts; who was killed holds up the others for so long. */
  readonly millis: number;
};

/**
 * A lease as one process sees it: a row that says who does what only one process may do, and until when. By the wall
 * clock: a sandbox's clock may be moved far ahead and back.
 */
export class Lease {
  readonly #parts: LeaseParts;
  readonly #holder = randomUUID();
  #heldSince = 0;
  #heldUntil = 0;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  /** Whether this process has it; takes it when it is free, and prolongs it when half of it is over. */
  async holds(): Promise<boolean> {
    const { db, clock, name, millis } = this.#parts;
    const now = clock.wall();
    // a clock that was set back tells nothing of how long it was held
    const isBack = now < this.#heldSince;
    if (!isBack && now < this.#heldUntil - millis / 2) return true;
    const until = now + millis;
    const isHeld =
      (now < this.#heldUntil && (await this.#renew(now, until))) ||
      (await takeLease(db, name, this.#holder, now, until));
    this.#heldSince = now;
    this.#heldUntil = isHeld ? until : 0;
    return isHeld;
  }

  async #renew(now: number, until: number): Promise<boolean> {
    const { db, name } = this.#parts;
    const rows = await db.query(sql`
      update platform.lease set until_at = ${new Date(until)}
       where name = ${name} and holder = ${this.#holder} and until_at > ${new Date(now)}
      returning name`);
    return rows.length === 1;
  }

  /** Gives it back, so that nobody waits until it is over; nothing where this process has it not. */
  async release(): Promise<void> {
    if (this.#heldUntil === 0) return;
    this.#heldUntil = 0;
    const { db, name } = this.#parts;
    await db.query(sql`delete from platform.lease where name = ${name} and holder = ${this.#holder}`);
  }
}
