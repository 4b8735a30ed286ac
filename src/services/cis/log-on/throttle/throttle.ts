import { createHmac } from 'node:crypto';
import type { Database } from '../../../../platform/db/database.ts';
import type { Vault } from '../../../../platform/identity/vault.ts';
import { lockTries, writeTries } from './queries-throttle.ts';
import { type Allowance, countedAgainst, forgive, rule, type Try } from './throttle-rules.ts';

export type Admission =
  | { readonly isAdmitted: true; succeeded(now: number): Promise<void> }
  | { readonly isAdmitted: false; readonly waitMillis: number };

/**
 * Counts tries to log on, for all processes together. A try is counted before it is looked at and taken back when it was
 * right, so that many at once get no more than many in turn.
 */
export class Throttle {
  readonly #db: Database;
  readonly #key: Buffer;

  constructor(db: Database, vault: Vault) {
    this.#db = db;
    this.#key = vault.derive('log-on throttle');
  }

  /** Lets one try through, or says how long to wait. `now` in milliseconds. */
  admit(one: Try, now: number): Promise<Admission> {
    return this.#count(countedAgainst(one), now);
  }

  /** The same for anything else that is guessed at, such as enrolment codes, from one network. */
  admitGuess(what: string, network: string, allowance: Allowance, now: number): Promise<Admission> {
    return this.#count([{ key: JSON.stringify([what, network]), allowance }], now);
  }

  async #count(against: { key: string; allowance: Allowance }[], now: number): Promise<Admission> {
    // in one order in every process, so that transactions wait for each other and never in a circle
    const counted = against
      .map(({ key, allowance }) => ({ key: this.#hash(key), allowance }))
      .sort((a, b) => Buffer.compare(a.key, b.key));
    return this.#db.transaction<Admission>(async (tx) => {
      const allowed = [];
      for (const { key, allowance } of counted) {
        const row = await lockTries(tx, key, now);
        const ruling = rule(row && { tries: row.tries, countedAt: row.counted_at.getTime() }, allowance, now);
        if (!ruling.isAllowed) return { isAdmitted: false, waitMillis: ruling.waitMillis };
        allowed.push({ key, tries: ruling.tries });
      }
      for (const { key, tries } of allowed) await writeTries(tx, key, tries.tries, tries.countedAt);
      return { isAdmitted: true, succeeded: (at) => this.#forgive(counted, at) };
    });
  }

  async #forgive(counted: { key: Buffer; allowance: Allowance }[], now: number): Promise<void> {
    await this.#db.transaction(async (tx) => {
      for (const { key, allowance } of counted) {
        const row = await lockTries(tx, key, now);
        if (!row) continue;
        const after = forgive({ tries: row.tries, countedAt: row.counted_at.getTime() }, allowance, now);
        await writeTries(tx, key, after.tries, after.countedAt);
      }
    });
  }

  /** Neither names typed at log-on nor addresses are kept as such. */
  #hash(key: string): Buffer {
    return createHmac('sha256', this.#key).update(key).digest();
  }
}
