import { randomUUID } from 'node:crypto';
import type { Answer, Call, Operation } from '../../../platform/http/operation.ts';
import type { MessageParts } from '../messages/parts.ts';
import { countWaiting, type Place, selectPlace } from '../messages/queries-lists.ts';
import { readWorkflowFilter } from '../messages/workflow-filter.ts';
import { mailboxOf, mailboxPath } from './frame.ts';
import { boundedText, linkTo, placeText, queryOf, readPlace, refuseQuery, wholeNumber } from './links.ts';
import { v2Type, versionOf } from './version.ts';

/** Counting stops here, so that a full inbox costs as much as an empty one. */
const mostCounted = 2000;
const start: Place = { order: 0, messageId: '' };

type Listing = Pick<MessageParts, 'db' | 'directory' | 'arrivals' | 'inboxes'>;

/** What waits for a mailbox, oldest first, a page at a time. */
export function inboxOperation(parts: Listing): Operation {
  return {
    name: 'mesh.inbox',
    method: 'GET',
    path: `${mailboxPath}/inbox`,
    summary: 'Ids of the messages that wait, oldest first',
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'A page of ids' } },
    handle: (call) => inboxPage(parts, call),
  };
}

async function inboxPage(parts: Listing, call: Call): Promise<Answer> {
  const { mailboxId } = mailboxOf(parts.directory, call);
  const query = queryOf(call);
  const limit = wholeNumber(query, 'max_results', 10, 5000) ?? 500;
  const filterText = boundedText(query, 'workflow_filter', 2, 255);
  const after = await placeAfter(parts, mailboxId, boundedText(query, 'continue_from', 24, 1000));
  const filter = readWorkflowFilter(filterText);
  const isV2 = versionOf(call) === 2;
  const list = async () => {
    const [found, waiting] = await Promise.all([
      parts.inboxes.list({ mailboxId, after, limit: limit + 1 }, filter),
      isV2 ? waitingIn(parts, mailboxId, mostCounted) : 0,
    ]);
    return { found, waiting };
  };
  const { found, waiting } = await waitFor(parts, call, mailboxId, wholeNumber(query, 'wait', 0, 60) ?? 0, list);
  const page = found.slice(0, limit);
  const messages = page.map((one) => one.messageId);
  if (!isV2) return { status: 200, body: { messages } };
  const asked: [string, string | undefined][] = [
    ['max_results', query.get('max_results') ?? undefined],
    ['workflow_filter', filterText],
  ];
  const path = `/messageexchange/${mailboxId}/inbox`;
  const last = page.at(-1);
  const next =
    found.length > limit && last
      ? linkTo(path, [...asked, ['continue_from', placeText({ order: last.place, messageId: last.messageId })]])
      : undefined;
  const links = { self: linkTo(path, asked), ...(next === undefined ? {} : { next }) };
  return { status: 200, contentType: v2Type, body: { messages, links, approx_inbox_count: waiting } };
}

/** Lists at once, or, when nothing is there, as soon as something is: for at most so many seconds (ours: `wait`). */
async function waitFor<Page extends { readonly found: readonly unknown[] }>(
  { arrivals }: Listing,
  call: Call,
  mailboxId: string,
  seconds: number,
  list: () => Promise<Page>,
): Promise<Page> {
  const until = performance.now() + seconds * 1000;
  const gone = new AbortController();
  call.raw.response.once('close', () => gone.abort());
  for (;;) {
    const page = await list();
    const left = until - performance.now();
    if (page.found.length > 0 || left <= 0 || gone.signal.aborted || !arrivals.isOpen) return page;
    await call.admission;
    await arrivals.wait(mailboxId, left, gone.signal);
  }
}

/** Where a page begins: after a message by its id, as version 1 has it, or at the place of a link. */
async function placeAfter({ db }: Listing, mailboxId: string, text: string | undefined): Promise<Place> {
  if (text === undefined) return start;
  const place = readPlace(text);
  if (place) return place;
  const [row] = await db.query<{ place: number }>(selectPlace(mailboxId, text));
  // beginning anew would lead a client in circles
  if (!row) return refuseQuery('continue_from', 'Value error, no such message in this inbox');
  return { order: row.place, messageId: text };
}

async function waitingIn({ db }: Listing, mailboxId: string, limit: number): Promise<number> {
  const [row] = await db.query<{ waiting: number }>(countWaiting(mailboxId, limit));
  return row?.waiting ?? 0;
}

/** How many messages wait, up to a limit. */
export function countOperation(parts: Listing): Operation {
  const limit = 10_000;
  return {
    name: 'mesh.count',
    method: 'GET',
    path: `${mailboxPath}/count`,
    summary: 'How many messages wait',
    access: 'open',
    audit: 'none',
    answers: { 200: { summary: 'Their number' } },
    async handle(call) {
      const waiting = await waitingIn(parts, mailboxOf(parts.directory, call).mailboxId, limit + 1);
      const count = Math.min(waiting, limit);
      if (versionOf(call) === 2) return { status: 200, body: { count } };
      const internalID = randomUUID().replaceAll('-', '');
      return { status: 200, body: { count, internalID, allResultsIncluded: waiting <= limit } };
    },
  };
}
