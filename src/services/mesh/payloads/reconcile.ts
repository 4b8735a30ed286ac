import type { Database } from '../../../platform/db/database.ts';
import { referencesInUse } from '../messages/queries-life.ts';
import type { PayloadStore } from './store.ts';

const atOnce = 500;

/** What a reconciliation found in the store. */
export type Reconciled = {
  /** Payloads that a message has. */
  readonly inUse: number;
  /** Payloads that no message has (any more), removed. */
  readonly orphaned: number;
  /** Uploads that broke off, removed. */
  readonly unfinished: number;
};

/**
 * Removes from the payload store what no message refers to: left over when a process ended between a payload and its row, or
 * between deleting a row and its payload. Looks only at what nobody touched for `graceMillis`: an upload in progress has its
 * payload before its row.
 */
export async function reconcile(db: Database, store: PayloadStore, graceMillis: number): Promise<Reconciled> {
  const unfinished = await store.removeUnfinished(graceMillis);
  let [inUse, orphaned] = [0, 0];
  let batch: string[] = [];
  const settle = async () => {
    const rows = await db.query<{ reference: string }>(referencesInUse(batch));
    const used = new Set(rows.map((row) => row.reference));
    const orphans = batch.filter((reference) => !used.has(reference));
    for (const reference of orphans) await store.remove(reference);
    inUse += used.size;
    orphaned += orphans.length;
    batch = [];
  };
  for await (const reference of store.idle(graceMillis)) {
    batch.push(reference);
    if (batch.length === atOnce) await settle();
  }
  if (batch.length > 0) await settle();
  return { inUse, orphaned, unfinished };
}
