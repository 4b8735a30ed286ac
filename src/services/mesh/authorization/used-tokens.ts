import { createHash } from 'node:crypto';
import { Batch } from '../../../platform/db/batch.ts';
import type { Database } from '../../../platform/db/database.ts';
import { insertUsedTokens } from './queries.ts';
import type { MeshToken } from './token.ts';

/** The memory of used tokens, shared by all processes: what many ask in the same moment is one durable insert. */
export class UsedTokens {
  readonly #batch: Batch<Buffer, boolean>;

  /** `wall`: milliseconds since 1970, of a clock nobody moves. */
  constructor(db: Database, wall: () => number) {
    const lane = db.lane();
    this.#batch = new Batch({ maxItems: 500, maxInFlight: 2 }, async (keys) => {
      const seen = new Set<string>();
      const names = keys.map((key) => key.toString('hex'));
      // the same token twice in one batch: only the first is new
      const isFirst = names.map((name) => !seen.has(name) && seen.add(name) !== undefined);
      const fresh = keys.filter((_, index) => isFirst[index]).sort(Buffer.compare);
      const rows = await lane.query<{ token_key: Buffer }>(insertUsedTokens(fresh, new Date(wall())));
      const inserted = new Set(rows.map((row) => row.token_key.toString('hex')));
      return names.map((name, index) => isFirst[index] === true && inserted.has(name));
    });
  }

  /** Marks a token as used; false when it was used before. Nonce and count make it one, whatever else it says. */
  use({ mailboxId, nonce, nonceCount }: MeshToken): Promise<boolean> {
    return this.#batch.add(createHash('sha256').update(`${mailboxId}:${nonce}:${nonceCount}`).digest());
  }
}
