import type { Queryable } from '../../../platform/db/database.ts';
import type { Message } from '../messages/message.ts';
import { messageOf } from '../messages/queries.ts';
import { type Place, selectMessages } from '../messages/queries-lists.ts';
import {
  type SearchBounds,
  selectReceivedWithin,
  selectSentByLocalId,
  selectSentWithin,
} from './queries-statistics.ts';

/** A page of messages, newest first, and where the next begins if there is one. */
export type SearchPage = { readonly messages: readonly Message[]; readonly next: Place | undefined };

/** Looks for messages that a mailbox has received. */
export async function searchReceived(
  db: Queryable,
  mailboxId: string,
  within: SearchBounds,
  limit: number,
): Promise<SearchPage> {
  const rows = await db.query<Record<string, unknown>>(selectReceivedWithin(mailboxId, within, limit + 1));
  const messages = rows.slice(0, limit).map(messageOf);
  const last = messages.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return { messages, next: isMore ? { order: last.sentOrder, messageId: last.messageId } : undefined };
}

/** Looks for messages that a mailbox has sent: their places in its outbox, then each where it is. */
export async function searchSent(
  db: Queryable,
  mailboxId: string,
  within: SearchBounds,
  limit: number,
): Promise<SearchPage> {
  const select = within.localId === '' ? selectSentWithin : selectSentByLocalId;
  const rows = await db.query<{ message_id: string; recipient: string; place: number }>(
    select(mailboxId, within, limit + 1),
  );
  const page = rows.slice(0, limit);
  const [recipients, ids] = [page.map((row) => row.recipient), page.map((row) => row.message_id)];
  const found = page.length === 0 ? [] : await db.query<Record<string, unknown>>(selectMessages(recipients, ids));
  const byId = new Map(found.map(messageOf).map((message) => [message.messageId, message]));
  const last = page.at(-1);
  return {
    messages: ids.flatMap((id) => byId.get(id) ?? []),
    next: rows.length > limit && last ? { order: last.place, messageId: last.message_id } : undefined,
  };
}
