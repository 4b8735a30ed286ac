import type { Clock } from '../clock/clock.ts';
import { Batch } from '../db/batch.ts';
import type { Database, Queryable } from '../db/database.ts';
import { Chain } from './chain.ts';
import type { AuditNote } from './entry.ts';
import { endWriter, insertEntries, insertSeal, insertWriter } from './queries.ts';
import { type Sealer, sealOf } from './seal.ts';

/**
 * Where accesses are recorded. Reads are written by group commit: what many callers note in the same moment is one
 * durable insert, and each caller waits for it. Writes are recorded inside their own transaction, on a second chain.
 */
export class AuditLog {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #sealer: Sealer;
  readonly #reads: Chain = new Chain();
  /** Chains of transactions: one is taken for each that is open, so there are as many as were ever open at once. */
  readonly #writes: Chain[] = [];
  readonly #free: Chain[] = [];
  readonly #batch: Batch<readonly AuditNote[], undefined>;
  readonly #sealed = new Map<string, { seq: number; hash: Buffer }>();

  constructor(db: Database, clock: Clock, sealer: Sealer) {
    this.#db = db;
    this.#clock = clock;
    this.#sealer = sealer;
    const lane = db.lane();
    this.#batch = new Batch({ maxItems: 500, maxInFlight: 1 }, async (groups) => {
      const entries = this.#reads.extend(groups.flat());
      try {
        if (!this.#reads.isRegistered) {
          await lane.query(insertWriter(this.#reads.writer, this.#sealer.instance, this.#clock.now()));
        }
        await lane.query(insertEntries(entries));
        this.#reads.keep(entries);
      } catch (error) {
        this.#reads.renew();
        throw error;
      }
      return groups.map(() => undefined);
    });
  }

  /** Records accesses; resolves when they are durable. Rejects when they could not be: then nothing may be answered. */
  async record(notes: readonly AuditNote[]): Promise<void> {
    if (notes.length === 0) return;
    try {
      await this.#batch.add(notes);
    } catch {
      // a lost connection or a database restarting: the entries go to a new chain; nothing was acknowledged yet
      await new Promise((resolve) => setTimeout(resolve, 200));
      await this.#batch.add(notes);
    }
  }

  /**
   * Records the notes in the caller's transaction, on a chain that no other open transaction writes. `ended` must be called
   * with its outcome, whatever it was.
   */
  recordIn(
    tx: Queryable,
    notes: readonly AuditNote[],
  ): { recorded: Promise<unknown>; ended(isCommitted: boolean): void } {
    if (notes.length === 0) return { recorded: Promise.resolve(), ended: () => {} };
    let chain = this.#free.pop();
    if (!chain) {
      chain = new Chain();
      this.#writes.push(chain);
    }
    const own = chain;
    const entries = own.extend(notes);
    const statements = own.isRegistered
      ? []
      : [tx.query(insertWriter(own.writer, this.#sealer.instance, this.#clock.now()))];
    statements.push(tx.query(insertEntries(entries)));
    return {
      recorded: Promise.all(statements),
      ended: (isCommitted) => {
        if (isCommitted) own.keep(entries);
        else own.renew();
        this.#free.push(own);
      },
    };
  }

  /** Signs where each chain stands, unless nothing was added since. */
  async seal(): Promise<void> {
    for (const chain of [this.#reads, ...this.#writes]) {
      const { writer, seq, hash } = chain;
      if (seq === 0 || this.#sealed.get(writer)?.seq === seq) continue;
      const previous = this.#sealed.get(writer)?.hash ?? Buffer.alloc(32);
      const { row, digest } = sealOf(this.#sealer, { writer, seq, hash, previous, at: this.#clock.now() });
      await this.#db.query(insertSeal(row));
      this.#sealer.publish(row);
      this.#sealed.set(writer, { seq, hash: digest });
    }
  }

  /** Begins to seal by itself, every `millis`. */
  watch(millis = 5000): void {
    this.#timer = setInterval(() => void this.seal().catch(() => undefined), millis);
    this.#timer.unref();
  }
  #timer: NodeJS.Timeout | undefined;

  /** Waits for what is under way, then seals. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#batch.drained();
    await this.seal();
    for (const chain of [this.#reads, ...this.#writes]) {
      if (chain.isRegistered) await this.#db.query(endWriter(chain.writer, this.#clock.now()));
    }
  }
}
