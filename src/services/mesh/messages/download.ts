import type { AuditNote } from '../../../platform/audit/entry.ts';
import { Batch } from '../../../platform/db/batch.ts';
import type { Message } from './message.ts';
import type { MessageParts } from './parts.ts';
import { noteDownloads } from './queries.ts';

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
      const then = () => ({ events: [], notes: items.flatMap((item) => item.notes) });
      await writer.write([noteDownloads(mailboxes, messages, clock.now())], then, []);
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
