import type { AuditNote } from '../../../platform/audit/entry.ts';
import { Batch } from '../../../platform/db/batch.ts';
import { isTransient } from '../../../platform/db/database.ts';
import type { Statement } from '../../../platform/db/sql.ts';
import type { SpineEvent } from '../../../platform/events/outbox.ts';
import type { Arrivals } from './arrivals.ts';
import { messageEvent } from './events.ts';
import type { Message } from './message.ts';
import {
  type IdempotencyKey,
  insertAddresses,
  insertIdempotencyKey,
  insertMessages,
  insertOutbox,
  putChunks,
  type StoredChunk,
} from './queries.ts';
import type { Writer } from './writer.ts';

/** A message to be written, with its first chunk, and what the audit log shall say of it. */
export type Outgoing = {
  readonly message: Message;
  readonly chunk: StoredChunk | undefined;
  /** The sender's key; sending rejects with a unique violation when another message has it. */
  readonly idempotencyKey?: IdempotencyKey | undefined;
  readonly notes: readonly AuditNote[];
  /** What belongs to the message and is written with it; done twice, it does nothing more. */
  readonly alongside?: readonly Statement[];
  readonly events?: readonly SpineEvent[];
};

/** Writes messages and first chunks: those of many senders in the same moment in one transaction. */
export class Outgate {
  readonly #writer: Writer;
  readonly #batch: Batch<readonly Outgoing[], Error | undefined>;

  readonly #arrivals: Arrivals;

  constructor(writer: Writer, arrivals: Arrivals) {
    this.#writer = writer;
    this.#arrivals = arrivals;
    this.#batch = new Batch({ maxItems: 100, maxInFlight: 2 }, (groups) => this.#writeOrSplit(groups));
  }

  /** Resolves when the messages are durable, all or none; rejects when they are not (or, the database away, nobody knows). */
  async send(...group: Outgoing[]): Promise<void> {
    const failure = await this.#batch.add(group);
    if (failure) throw failure;
    for (const { message } of group) if (message.state === 'accepted') this.#arrivals.tell(message.mailboxId);
  }

  /** One transaction for all; when it fails for the fault of one, one for each. */
  async #writeOrSplit(groups: readonly (readonly Outgoing[])[]): Promise<(Error | undefined)[]> {
    try {
      await writeMessages(this.#writer, groups.flat());
      return groups.map(() => undefined);
    } catch (error) {
      if (groups.length === 1 || isTransient(error)) return groups.map(() => error as Error);
      const outcomes: (Error | undefined)[] = [];
      for (const group of groups) outcomes.push(...(await this.#writeOrSplit([group])));
      return outcomes;
    }
  }
}

async function writeMessages(writer: Writer, items: readonly Outgoing[]): Promise<void> {
  const messages = items.map((item) => item.message);
  const now = Math.floor((messages[0] as Message).sentOrder / 1000);
  const then = ([inserted]: Record<string, unknown>[][]) => {
    // after a lost connection the first attempt may have been committed: its events are there already
    const fresh = new Set(inserted?.map((row) => row.message_id as string));
    return {
      events: messages
        .filter((message) => fresh.has(message.messageId))
        .flatMap((message) =>
          message.state === 'accepted' ? [messageEvent('mesh.message-accepted', message, now)] : [],
        )
        .concat(items.flatMap(({ message, events = [] }) => (fresh.has(message.messageId) ? events : []))),
      notes: items.flatMap((item) => item.notes),
    };
  };
  // ids are new; but an idempotency key may be taken, and the audit chain is not to be broken off for that
  const mayFail = items.some((item) => item.idempotencyKey !== undefined);
  const foreseen = mayFail ? undefined : [messages.map((message) => ({ message_id: message.messageId }))];
  await writer.write(statementsOf(items, now), then, foreseen);
}

/** The statements that write messages; done twice, they do nothing more. `now` in milliseconds. */
export function statementsOf(items: readonly Outgoing[], now: number) {
  const messages = items.map((item) => item.message);
  const sent = messages.filter((message) => message.sender !== '');
  const chunks = items.flatMap(({ message: { mailboxId, messageId }, chunk }) =>
    chunk ? [{ ...chunk, mailboxId, messageId }] : [],
  );
  const statements = [insertMessages(messages), insertAddresses(messages)];
  if (sent.length > 0) statements.push(insertOutbox(sent));
  if (chunks.length > 0) statements.push(putChunks(chunks, now));
  for (const { alongside = [] } of items) statements.push(...alongside);
  for (const { message, idempotencyKey } of items) {
    if (idempotencyKey !== undefined)
      statements.push(insertIdempotencyKey(message.sender, idempotencyKey, message.messageId, now));
  }
  return statements;
}
