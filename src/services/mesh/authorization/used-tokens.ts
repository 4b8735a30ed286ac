import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Batch } from '../../../platform/db/batch.ts';
import type { Database } from '../../../platform/db/database.ts';
import { insertUsedTokens } from './queries.ts';
import type { MeshToken } from './token.ts';

/**
 * Whether the memory of a token is durable of itself, or with what it was used for: a request that ends with a durable commit
 * of its own, be it that of its audit entry, takes the token's with it.
 */
type Durability = 'itself' | 'followed';

/** PostgreSQL has what was committed without waiting on its disk after three rounds of its writer: 0.6 s, unless set otherwise. */
const doubtMillis = 2000;
/** How often a process tries to say again what it took, and how long it then waits for others to have done so. */
const [retryMillis, othersMillis] = [100, 400];

/**
 * The memory of used tokens, shared by all processes: what many ask in the same moment is one insert. When the database is lost,
 * what it may have forgotten is told to it again, durably, before any other token is taken: a request may outlive its crash. Each
 * process then waits a moment for the others, since a token may be spent again at another.
 */
export class UsedTokens {
  readonly #batches: Readonly<Record<Durability, Batch<Buffer, boolean>>>;
  readonly #restore: (keys: Buffer[]) => Promise<unknown>;
  /** Tokens that were not waited for, of the last seconds: those of the present two, and those of the two before. */
  #recent: Buffer[] = [];
  #former: Buffer[] = [];
  #turnedAt = 0;
  #isForgetful = false;
  #restoring: Promise<void> | undefined;

  /** `wall`: milliseconds since 1970, of a clock nobody moves. */
  constructor(db: Database, wall: () => number) {
    const own = db.lane();
    const onLost = () => {
      this.#isForgetful = true;
      this.#restoreSoon(300);
    };
    this.#restore = (keys) => own.query(insertUsedTokens(keys, new Date(wall())));
    // asked when they are about to go out: what waits for that goes by a new connection once one is lost
    const before = async () => {
      if (this.#isForgetful) await this.#restored();
    };
    this.#batches = {
      itself: remembering(own, wall, before),
      followed: remembering(db.lane({ isFollowed: true, onLost }), wall, before),
    };
  }

  /** Marks a token as used; false when it was used before. Nonce and count make it one, whatever else it says. */
  async use({ mailboxId, nonce, nonceCount }: MeshToken, durability: Durability): Promise<boolean> {
    const key = createHash('sha256').update(`${mailboxId}:${nonce}:${nonceCount}`).digest();
    const isFresh = await this.#batches[durability].add(key);
    // only one that was taken: what nobody heard of may be used again
    if (isFresh && durability === 'followed') this.#note(key);
    return isFresh;
  }

  #note(key: Buffer): void {
    const now = performance.now();
    if (now - this.#turnedAt > doubtMillis) {
      this.#former = now - this.#turnedAt > 2 * doubtMillis ? [] : this.#recent;
      this.#recent = [];
      this.#turnedAt = now;
    }
    this.#recent.push(key);
  }

  /** Not only when the next token comes: it may come to another process. */
  #restoreSoon(attempts: number): void {
    if (attempts === 0) return;
    setTimeout(() => void this.#restored().catch(() => this.#restoreSoon(attempts - 1)), retryMillis).unref();
  }

  #restored(): Promise<void> {
    const keys = [...this.#former, ...this.#recent].sort(Buffer.compare);
    this.#restoring ??= this.#restore(keys)
      .then(() => pause(othersMillis))
      .then(() => {
        this.#isForgetful = false;
      })
      .finally(() => {
        this.#restoring = undefined;
      });
    return this.#restoring;
  }
}

function remembering(
  lane: ReturnType<Database['lane']>,
  wall: () => number,
  before: () => Promise<void>,
): Batch<Buffer, boolean> {
  return new Batch({ maxItems: 500, maxInFlight: 2 }, async (keys) => {
    await before();
    const seen = new Set<string>();
    const names = keys.map((key) => key.toString('latin1'));
    // the same token twice in one batch: only the first is new
    const isFirst = names.map((name) => !seen.has(name) && seen.add(name) !== undefined);
    const fresh = keys.filter((_, index) => isFirst[index]).sort(Buffer.compare);
    const rows = await lane.query<{ token_key: Buffer }>(insertUsedTokens(fresh, new Date(wall())));
    const inserted = new Set(rows.map((row) => row.token_key.toString('latin1')));
    return names.map((name, index) => isFirst[index] === true && inserted.has(name));
  });
}
