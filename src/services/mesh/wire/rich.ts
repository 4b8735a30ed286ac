import type { Answer, Call, Operation } from '../../../platform/http/operation.ts';
import type { Directory } from '../mailboxes/directory.ts';
import { expiryMillis, type Message, retentionMillis } from '../messages/message.ts';
import type { MessageParts } from '../messages/parts.ts';
import { messageOf } from '../messages/queries.ts';
import { type Place, selectMessages, selectOutbox, selectRichInbox } from '../messages/queries-lists.ts';
import { stateAt } from '../messages/states.ts';
import { mailboxOf, mailboxPath } from './frame.ts';
import { readable } from './header-text.ts';
import { boundedText, linkTo, placeText, queryOf, readPlace, refuseQuery, wholeNumber } from './links.ts';
import { isoTime } from './timestamps.ts';
import { v2Type } from './version.ts';

type Page = { readonly since: number; readonly before: Place; readonly limit: number };
/** Messages of a page, and the place of the last where more follow. */
type Found = { readonly messages: readonly Message[]; readonly next: Place | undefined };

/** Lists with more than ids: what was sent, what came in, newest first. */
export function richOperations(parts: MessageParts): Operation[] {
  const list = (box: 'inbox' | 'outbox', most: number, find: (mailboxId: string, page: Page) => Promise<Found>) =>
    ({
      name: `mesh.rich-${box}`,
      method: 'GET',
      path: `${mailboxPath}/${box}/rich`,
      summary: box === 'inbox' ? 'What came in, newest first' : 'What was sent, newest first',
      access: 'open',
      audit: 'none',
      answers: { 200: { summary: 'A page of messages' } },
      handle: (call) => richPage(parts, call, box, most, find),
    }) as const satisfies Operation;
  return [
    list('outbox', 100, (mailboxId, page) => sentBy(parts, mailboxId, page)),
    list('inbox', 2000, (mailboxId, page) => receivedBy(parts, mailboxId, page)),
  ];
}

async function sentBy({ db }: MessageParts, mailboxId: string, { since, before, limit }: Page): Promise<Found> {
  const rows = await db.query<{ message_id: string; recipient: string; place: number }>(
    selectOutbox(mailboxId, since, before, limit + 1),
  );
  const page = rows.slice(0, limit);
  const ids = page.map((row) => row.message_id);
  const found = await db.query<Record<string, unknown>>(
    selectMessages(
      page.map((row) => row.recipient),
      ids,
    ),
  );
  const byId = new Map(found.map(messageOf).map((message) => [message.messageId, message]));
  const last = page.at(-1);
  return {
    messages: ids.flatMap((id) => byId.get(id) ?? []),
    next: rows.length > limit && last ? { order: last.place, messageId: last.message_id } : undefined,
  };
}

async function receivedBy({ db }: MessageParts, mailboxId: string, { since, before, limit }: Page): Promise<Found> {
  const rows = await db.query<Record<string, unknown>>(selectRichInbox(mailboxId, since, before, limit + 1));
  const messages = rows.slice(0, limit).map(messageOf);
  const last = messages.at(-1);
  const isMore = rows.length > limit && last !== undefined;
  return { messages, next: isMore ? { order: last.sentOrder, messageId: last.messageId } : undefined };
}

async function richPage(
  parts: MessageParts,
  call: Call,
  box: 'inbox' | 'outbox',
  most: number,
  find: (mailboxId: string, page: Page) => Promise<Found>,
): Promise<Answer> {
  const { mailboxId } = mailboxOf(parts.directory, call);
  const query = queryOf(call);
  const limit = wholeNumber(query, 'max_results', 10, most) ?? 100;
  const from = boundedText(query, 'continue_from', 24, 1000);
  const before = from === undefined ? { order: Number.MAX_SAFE_INTEGER, messageId: '' } : readPlace(from);
  if (!before) return refuseQuery('continue_from', 'Value error, not a place in this list');
  const nowOrder = call.now * 1000;
  const since = startOf(query.get('start_time'), nowOrder);
  const { messages, next } = await find(mailboxId, { since, before, limit });
  const path = `/messageexchange/${mailboxId}/${box}/rich`;
  const asked: [string, string | undefined][] = [
    ['start_time', isoTime(since).replace('T', ' ')],
    ['max_results', query.get('max_results') ?? undefined],
  ];
  return {
    status: 200,
    contentType: v2Type,
    body: {
      valid_at: isoTime(nowOrder),
      messages: messages.map((message) => richly(parts.directory, message, box, call.now)),
      links: {
        self: linkTo(path, asked),
        ...(next && { next: linkTo(path, [...asked, ['continue_from', placeText(next)]]) }),
      },
    },
  };
}

/** From when on: as asked, but no further back than anything is kept. Microseconds. */
function startOf(text: string | null, nowOrder: number): number {
  const earliest = nowOrder - retentionMillis * 1000;
  if (text === null) return earliest;
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,6})\d*)?)?(Z|[+-]\d\d:\d\d)?$/.exec(
    text.trim(),
  );
  const [, day, time = '00:00:00', fraction = '', zone = 'Z'] = match ?? [];
  const instant = Date.parse(`${day}T${time}${zone}`);
  if (!match || Number.isNaN(instant)) return refuseQuery('start_time', 'Input should be a valid datetime');
  return Math.max(earliest, instant * 1000 + Number(fraction.padEnd(6, '0')));
}

function richly(directory: Directory, message: Message, box: 'inbox' | 'outbox', now: number): object {
  return {
    message_id: message.messageId,
    expiry_timestamp: isoTime(message.sentOrder + expiryMillis * 1000),
    local_id: readable(message.localId),
    message_type: message.messageType,
    recipient: message.mailboxId,
    recipient_name: directory.find(message.mailboxId)?.name ?? '',
    sender: message.sender,
    sender_name: directory.find(message.sender)?.name ?? '',
    sent_date: isoTime(message.sentOrder),
    status: stateAt(message, now),
    ...(box === 'outbox' ? { status_code: message.statusCode } : {}),
    workflow_id: message.workflowId,
    total_chunks: message.totalChunks,
  };
}
