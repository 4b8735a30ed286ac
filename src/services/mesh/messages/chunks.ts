import { Batch } from '../../../platform/db/batch.ts';
import type { Database } from '../../../platform/db/database.ts';
import type { Message } from './message.ts';
import { messageOf, type StoredChunk, selectMessagesAndChunks } from './queries.ts';

/** A message with one of its chunks, where it has that one. */
export type Found = {
  readonly message: Message;
  readonly chunk: StoredChunk | undefined;
  /** Each chunk is a gzip stream by itself, so that it can be decompressed alone. */
  readonly isGzipEach: boolean;
};

type Wanted = { readonly mailboxId: string; readonly messageId: string; readonly number: number };

/** Looks up messages, each with one of its chunks: what many ask for in the same moment in one query. */
export class Chunks {
  readonly #batch: Batch<Wanted, Found | undefined>;

  constructor(db: Database) {
    const reads = db.reader({ isPlannedOnce: true });
    // a chunk in its row has up to 64 KB
    this.#batch = new Batch({ maxItems: 64, maxInFlight: 3 }, async (wanted) => {
      const rows = await reads.query<Record<string, unknown>>(
        selectMessagesAndChunks(
          wanted.map((one) => one.mailboxId),
          wanted.map((one) => one.messageId),
          wanted.map((one) => one.number),
        ),
      );
      const found: (Found | undefined)[] = wanted.map(() => undefined);
      for (const row of rows) found[(row.place as number) - 1] = foundOf(row);
      return found;
    });
  }

  /** The message of this id in a mailbox, with the chunk of this number; undefined where no such message is. */
  find(mailboxId: string, messageId: string, number: number): Promise<Found | undefined> {
    return this.#batch.add({ mailboxId, messageId, number });
  }
}

function foundOf(row: Record<string, unknown>): Found {
  const hasChunk = row.length !== null;
  return {
    message: messageOf(row),
    isGzipEach: row.is_gzip_each as boolean,
    chunk: hasChunk
      ? {
          number: row.chunk_no as number,
          length: row.length as number,
          isGzip: row.is_gzip as boolean,
          bytes: (row.bytes as Buffer | null) ?? undefined,
          reference: (row.reference as string | null) ?? undefined,
        }
      : undefined,
  };
}
