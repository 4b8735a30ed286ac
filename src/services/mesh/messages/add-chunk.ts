import type { Queryable } from '../../../platform/db/database.ts';
import type { Statement } from '../../../platform/db/sql.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import { messageEvent } from './events.ts';
import type { Message } from './message.ts';
import type { MessageParts } from './parts.ts';
import {
  acceptMessage,
  countChunks,
  lockMessage,
  messageOf,
  putChunks,
  type StoredChunk,
  selectStored,
} from './queries.ts';
import { failUpload } from './queries-entry.ts';
import { readPayload } from './read-payload.ts';
import { reportOf } from './report.ts';
import { statementsOf } from './send.ts';

/**
 * Writes one more chunk of a message that is being uploaded, in place of one of the same number; with the last that was
 * missing the message is accepted. False when it is not uploading (any more): nothing was written then.
 */
export async function addChunk(
  parts: Pick<MessageParts, 'db' | 'clock' | 'ids' | 'chunks' | 'payloads' | 'entry' | 'arrivals'>,
  { mailboxId, messageId }: Pick<Message, 'mailboxId' | 'messageId'>,
  chunk: StoredChunk,
  alongside: readonly Statement[] = [],
): Promise<boolean> {
  const { db, clock, ids, payloads } = parts;
  let replaced: string[] = [];
  const isWritten = await db.transaction(async (tx) => {
    replaced = [];
    const [row] = await tx.query(lockMessage(mailboxId, messageId));
    if (!row) return false;
    const [before] = await tx.query<Kept>(selectStored(mailboxId, messageId, chunk.number));
    // a commit that was not heard of may have written it, and with it closed the upload
    if (row.state !== 'uploading') return isKept(before, chunk);
    const message = messageOf(row);
    if (before?.reference && before.reference !== chunk.reference) replaced.push(before.reference);
    const now = clock.now();
    await tx.query(putChunks([{ ...chunk, mailboxId, messageId }], now));
    for (const statement of alongside) await tx.query(statement);
    const [there] = await tx.query<{ chunks: number; bytes: number }>(countChunks(mailboxId, messageId));
    if (there?.chunks === message.totalChunks && (await enter(parts, tx, message, chunk, now))) {
      await tx.query(acceptMessage(mailboxId, messageId, ids.next().order, there.bytes));
      await tx.query(insertEvents([messageEvent('mesh.message-accepted', message, now)]));
    }
    return true;
  });
  if (isWritten) {
    parts.arrivals.tell(mailboxId);
    await payloads.remove(replaced);
  }
  return isWritten;
}

type Kept = { readonly bytes: Buffer | null; readonly reference: string | null };

/** Whether this very chunk is what is kept: no two sendings, even of the same bytes, are encrypted alike. */
function isKept(kept: Kept | undefined, { bytes, reference }: StoredChunk): boolean {
  if (!kept) return false;
  return bytes ? kept.bytes?.equals(bytes) === true : kept.reference === reference;
}

/** Looks into a message that is whole now, where its workflow asks for it; one that fails ends, its sender has a report. */
async function enter(
  parts: Pick<MessageParts, 'ids' | 'chunks' | 'payloads' | 'entry'>,
  tx: Queryable,
  message: Message,
  last: StoredChunk,
  now: number,
): Promise<boolean> {
  if (!parts.entry.concerns(message.workflowId)) return true;
  const outcome = await parts.entry.check(message, readPayload(parts, message, last), now);
  if ('failing' in outcome) {
    const report = reportOf(message, outcome.failing, parts.ids.next());
    await tx.query(failUpload(message, outcome.failing, now));
    for (const statement of statementsOf([{ message: report, chunk: undefined, notes: [] }], now))
      await tx.query(statement);
    await tx.query(insertEvents([messageEvent('mesh.message-accepted', report, now)]));
    return false;
  }
  for (const statement of outcome.statements) await tx.query(statement);
  if (outcome.events.length > 0) await tx.query(insertEvents(outcome.events));
  return true;
}
