import { createHash } from 'node:crypto';
import { Batch } from '../db/batch.ts';
import type { Database } from '../db/database.ts';
import { spendAssertionKeys } from './queries-assertions.ts';

const rememberedMillis = 30 * 86_400_000;

type Spending = { readonly key: string; readonly now: number };

/** The ids of client assertions that were used, each remembered 30 days from its use. */
export class Assertions {
  readonly #spend: Batch<Spending, boolean>;

  constructor(db: Database) {
    this.#spend = new Batch({ maxItems: 500, maxInFlight: 2 }, async (spendings) => {
      const first = new Map<string, Spending>();
      for (const spending of spendings) if (!first.has(spending.key)) first.set(spending.key, spending);
      const now = Math.max(...spendings.map((spending) => spending.now));
      // keys in one order in every process: concurrent inserts of the same keys then wait for each other, never in a ring
      const rows = await spendAssertionKeys(db, [...first.keys()].sort(), now, now - rememberedMillis);
      const won = new Set(rows.map((row) => row.jti_key));
      return spendings.map((spending) => first.get(spending.key) === spending && won.has(spending.key));
    });
  }

  /** Spends the `jti` of the client that calls itself `issuer`; false when it was spent before. `now` in milliseconds. */
  spend(issuer: string, jti: string, now: number): Promise<boolean> {
    return this.#spend.add({ key: keyOf(issuer, jti), now });
  }
}

/** Of one length whatever a client sends: the pair, unambiguously written, as SHA-256. */
function keyOf(issuer: string, jti: string): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, jti]))
    .digest('base64url');
}
