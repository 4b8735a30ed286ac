import type { Queryable } from '../../../platform/db/database.ts';
import type { Statement } from '../../../platform/db/sql.ts';
import type { Message } from '../messages/message.ts';
import { messageOf } from '../messages/queries.ts';
import { type Place, selectMessages } from '../messages/queries-lists.ts';
import {
  type SearchBounds,
  selectReceivedFloor,
  selectReceivedWithin,
  selectSentByLocalId,
  selectSentFloor,
  selectSentWithin,
} from './queries-statistics.ts';

/** A page of messages, newest first, and where the next begins if there may be one. */
export type SearchPage = { readonly messages: readonly Message[]; readonly next: Place | undefined };

/** So many messages are looked through for a page; one that has found less than it may hold then leads on. */
const mostLookedThrough = 10_000;

/** Looks for messages that a mailbox has received. */
export async function searchReceived(
  db: Queryable,
  mailboxId: string,
  within: SearchBounds,
  limit: number,
  most = mostLookedThrough,
): Promise<SearchPage> {
  const isPicky = within.localId !== '' || within.workflowId !== '' || within.correspondent !== '';
  const floor = isPicky ? await floorOf(db, selectReceivedFloor(mailboxId, within, most)) : undefined;
  const bounds = floor ? { ...within, since: floor.order } : within;
  const rows = await db.query<Record<string, unknown>>(selectReceivedWithin(mailboxId, bounds, limit + 1));
  const messages = rows.slice(0, limit).map(messageOf);
  const last = messages.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return { messages, next: isMore ? { order: last.sentOrder, messageId: last.messageId } : floor };
}

/** Looks for messages that a mailbox has sent: their places in its outbox, then each where it is. */
export async function searchSent(
  db: Queryable,
  mailboxId: string,
  within: SearchBounds,
  limit: number,
  most = mostLookedThrough,
): Promise<SearchPage> {
  const isByLocalId = within.localId !== '';
  const isPicky = within.workflowId !== '' || within.correspondent !== '';
  const floor = isPicky && !isByLocalId ? await floorOf(db, selectSentFloor(mailboxId, within, most)) : undefined;
  const bounds = floor ? { ...within, since: floor.order } : within;
  const select = isByLocalId ? selectSentByLocalId : selectSentWithin;
  const rows = await db.query<{ message_id: string; recipient: string; place: number }>(
    select(mailboxId, bounds, limit + 1),
  );
  const page = rows.slice(0, limit);
  const [recipients, ids] = [page.map((row) => row.recipient), page.map((row) => row.message_id)];
  const found = page.length === 0 ? [] : await db.query<Record<string, unknown>>(selectMessages(recipients, ids));
  const byId = new Map(found.map(messageOf).map((message) => [message.messageId, message]));
  const last = page.at(-1);
  return {
    messages: ids.flatMap((id) => byId.get(id) ?? []),
    next: rows.length > limit && last ? { order: last.place, messageId: last.message_id } : floor,
  };
}

/** One page of what several searches found after the same place, newest first. */
export function mergedPages(pages: readonly SearchPage[], limit: number): SearchPage {
  const [only, ...others] = pages as readonly [SearchPage, ...SearchPage[]];
  if (others.length === 0) return only;
  const all = pages.flatMap((page) => page.messages).sort(newestFirst);
  const messages = all.slice(0, limit);
  const last = messages.at(-1);
  // the newest place where one of them goes on: nothing is passed over
  const [next] = pages.flatMap((page) => page.next ?? []).sort((a, b) => b.order - a.order);
  const isFull = last !== undefined && (all.length > limit || (all.length === limit && next !== undefined));
  return { messages, next: isFull ? { order: last.sentOrder, messageId: last.messageId } : next };
}

const newestFirst = (a: Message, b: Message) => b.sentOrder - a.sentOrder || (a.messageId < b.messageId ? 1 : -1);

/** Where a page stops looking, which is before any message of the same microsecond; undefined where it looks at all. */
async function floorOf(db: Queryable, statement: Statement): Promise<Place | undefined> {
  const [row] = await db.query<{ place: number }>(statement);
  return row && { order: row.place, messageId: '' };
}
