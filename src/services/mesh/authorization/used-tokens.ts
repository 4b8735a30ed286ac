import { createHash } from 'node:crypto';
import { Batch } from '../../../platform/db/batch.ts';
import type { Database } from '../../../platform/db/database.ts';
import { insertUsedTokens } from './queries.ts';
import type { MeshToken } from './token.ts';

/**
 * Whether the memory of a token is durable of itself, or with what it was used for: a request that ends with a durable commit
 * of its own, be it that of its audit entry, takes the token's with it.
 */
type Durability = 'itself' | 'followed';

/** The memory of used tokens, shared by all processes: what many ask in the same moment is one insert. */
export class UsedTokens {
  readonly #batches: Readonly<Record<Durability, Batch<Buffer, boolean>>>;

  /** `wall`: milliseconds since 1970, of a clock nobody moves. */
  constructor(db: Database, wall: () => number) {
    this.#batches = {
      itself: remembering(db.lane(), wall),
      followed: remembering(db.lane({ isFollowed: true }), wall),
    };
  }

  /** Marks a token as used; false when it was used before. Nonce and count make it one, whatever else it says. */
  use({ mailboxId, nonce, nonceCount }: MeshToken, durability: Durability): Promise<boolean> {
    const key = createHash('sha256').update(`${mailboxId}:${nonce}:${nonceCount}`).digest();
    return this.#batches[durability].add(key);
  }
}

function remembering(lane: ReturnType<Database['lane']>, wall: () => number): Batch<Buffer, boolean> {
  return new Batch({ maxItems: 500, maxInFlight: 2 }, async (keys) => {
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
