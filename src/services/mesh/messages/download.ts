import type { AuditNote } from '../../../platform/audit/entry.ts';
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

type Download = { readonly message: Pick<Message, 'mailboxId' | 'messageId'>; readonly notes: readonly AuditNote[] };

/** Notes when messages were first downloaded, and in the audit log by whom: many at once, in one transaction. */
export class DownloadTimes {
  readonly #batch: Batch<Download, undefined>;

  constructor({ writer, clock }: Pick<MessageParts, 'writer' | 'clock'>) {
    this.#batch = new Batch({ maxItems: 200, maxInFlight: 2 }, async (items) => {
      // in one order, so that no two batches wait for each other
      const downloaded = items.map((item) => item.message).sort((a, b) => (a.messageId < b.messageId ? -1 : 1));
      const mailboxes = downloaded.map((message) => message.mailboxId);
      const messages = downloaded.map((message) => message.messageId);
      await writer.write([noteDownloads(mailboxes, messages, clock.now())], () => ({
        events: [],
        notes: items.flatMap((item) => item.notes),
      }));
      return items.map(() => undefined);
    });
  }

  /** Resolves when it is durable; false when the message was downloaded before: nothing was recorded then. */
  async note(message: Message, notes: readonly AuditNote[]): Promise<boolean> {
    if (message.downloadedAt !== undefined) return false;
    await this.#batch.add({ message, notes });
    return true;
  }
}
