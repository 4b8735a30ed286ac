import { Batch } from '../../../platform/db/batch.ts';
import type { Message } from './message.ts';
import type { MessageParts } from './parts.ts';
import { messageOf, noteDownloads, type StoredChunk, selectMessageAndChunk } from './queries.ts';

/** A message with one of its chunks, where it has that one. */
export type Found = {
  readonly message: Message;
  readonly chunk: StoredChunk | undefined;
  /** Each chunk is a gzip stream by itself, so that it can be decompressed alone. */
  readonly isGzipEach: boolean;
};

/** Looks up a message in a mailbox together with a chunk. */
export async function findChunk(
  { db }: Pick<MessageParts, 'db'>,
  mailboxId: string,
  messageId: string,
  number: number,
): Promise<Found | undefined> {
  const [row] = await db.query<Record<string, unknown>>(selectMessageAndChunk(mailboxId, messageId, number));
  if (!row) return undefined;
  const hasChunk = row.length !== null;
  return {
    message: messageOf(row),
    isGzipEach: row.is_gzip_each as boolean,
    chunk: hasChunk
      ? {
          number,
          length: row.length as number,
          isGzip: row.is_gzip as boolean,
          bytes: (row.bytes as Buffer | null) ?? undefined,
          reference: (row.reference as string | null) ?? undefined,
        }
      : undefined,
  };
}

/** Notes when messages were first downloaded, many at once. */
export class DownloadTimes {
  readonly #batch: Batch<Pick<Message, 'mailboxId' | 'messageId'>, undefined>;

  constructor({ db, clock }: Pick<MessageParts, 'db' | 'clock'>) {
    this.#batch = new Batch({ maxItems: 200, maxInFlight: 1 }, async (items) => {
      const [mailboxes, messages] = [items.map((one) => one.mailboxId), items.map((one) => one.messageId)];
      await db.query(noteDownloads(mailboxes, messages, clock.now()));
      return items.map(() => undefined);
    });
  }

  async note(message: Message): Promise<void> {
    if (message.downloadedAt === undefined) await this.#batch.add(message);
  }
}
