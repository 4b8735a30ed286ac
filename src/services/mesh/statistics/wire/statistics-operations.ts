import { z } from 'zod';
import type { Queryable } from '../../../../platform/db/database.ts';
import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import { administered, owned, ownerPath, viewers } from '../../administration/wire/dialect.ts';
import { administeredPath, refusals } from '../../administration/wire/mailbox-operations.ts';
import { queryAs } from '../../administration/wire/read.ts';
import { refuse } from '../../administration/wire/refusals.ts';
import { count } from '../../administration/wire/shapes.ts';
import type { Directory } from '../../mailboxes/directory.ts';
import type { Message } from '../../messages/message.ts';
import { stateAt } from '../../messages/states.ts';
import { keptForms, readableTexts } from '../../wire/header-text.ts';
import { placeText, readPlace } from '../../wire/links.ts';
import { statisticsOf } from '../mailbox-statistics.ts';
import { mergedPages, searchReceived, searchSent } from '../search.ts';

export type StatisticsParts = {
  /** For what takes long, so that no message waits behind it. */
  readonly counts: Queryable;
  readonly directory: Directory;
};

type Question = {
  readonly name: string;
  readonly path: 'statistics' | 'messages';
  readonly summary: string;
  readonly query: z.ZodType;
  readonly answer: (call: Call, mailboxId: string, isOwner: boolean) => Promise<Answer>;
};

/** What an owner may ask of its own mailbox, by its own token. */
export function ownerStatistics(parts: StatisticsParts): Operation[] {
  return questions(parts).map(({ name, path, summary, query, answer }) => ({
    name: `mesh.${name}`,
    method: 'GET',
    path: `${ownerPath}/${path}`,
    summary,
    access: 'open',
    audit: 'read',
    input: { query },
    answers: { 200: { summary: 'The answer' }, 400: refusals[400], 403: { summary: 'Refused, in the form of MESH' } },
    handle: (call) => answer(call, owned((id) => parts.directory.find(id), call).mailboxId, true),
  }));
}

/** The same, for those who administer the mailbox. */
export function administratorStatistics(parts: StatisticsParts): Operation[] {
  return questions(parts).map(({ name, path, summary, query, answer }) => ({
    name: `mesh.administer-${name}`,
    method: 'GET',
    path: `${administeredPath}/${path}`,
    summary,
    access: viewers,
    audit: 'read',
    input: { query },
    answers: { 200: { summary: 'The answer' }, ...refusals },
    handle: (call) => answer(call, administered((id) => parts.directory.find(id), call, 'view').mailboxId, false),
  }));
}

const statisticsQuery = z.strictObject({ days: count(30, 7).describe('1 to 30, today included') });

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const searchQuery = z.strictObject({
  direction: z.enum(['sent', 'received']),
  localId: z.string().max(300).default(''),
  workflow: z.string().max(300).default(''),
  correspondent: z.string().max(100).toUpperCase().default('').describe('the mailbox at the other end'),
  from: instant.optional(),
  to: instant.optional(),
  _count: count(200, 50),
  _cursor: z.string().max(1000).optional(),
});

function questions({ counts }: StatisticsParts): Question[] {
  return [
    {
      name: 'mailbox-statistics',
      path: 'statistics',
      summary: 'What a mailbox sends, receives and has waiting, by workflow and day',
      query: statisticsQuery,
      answer: async (call, mailboxId) => {
        const { days } = queryAs(statisticsQuery, call);
        return { status: 200, body: await statisticsOf(counts, mailboxId, days, call.now) };
      },
    },
    {
      name: 'search-messages',
      path: 'messages',
      summary: 'Messages sent or received, by local id, workflow, correspondent and time, newest first',
      query: searchQuery,
      answer: (call, mailboxId, isOwner) => search(counts, call, mailboxId, isOwner),
    },
  ];
}

async function search(db: Queryable, call: Call, mailboxId: string, isOwner: boolean): Promise<Answer> {
  const asked = queryAs(searchQuery, call);
  const { direction, localId, workflow: workflowId, correspondent, from = 0, to = call.now + 1000, _count } = asked;
  const before =
    asked._cursor === undefined ? { order: Number.MAX_SAFE_INTEGER, messageId: '' } : readPlace(asked._cursor);
  if (!before) throw refuse(400, 'field', '_cursor: not one of ours', '_cursor');
  const within = { workflowId, correspondent, since: from * 1000, until: to * 1000, before };
  const look = direction === 'sent' ? searchSent : searchReceived;
  const forms = keptForms(localId);
  const pages = await Promise.all(forms.map((form) => look(db, mailboxId, { ...within, localId: form }, _count)));
  const { messages, next } = mergedPages(pages, _count);
  const query = new URLSearchParams(call.rawQuery);
  if (next) query.set('_cursor', placeText(next));
  return {
    status: 200,
    body: {
      messages: messages.map((message) => shown(message, isOwner, call.now)),
      ...(next ? { next: `${call.path}?${query}` } : {}),
    },
  };
}

const text = (millis: number | undefined) => (millis === undefined ? undefined : new Date(millis).toISOString());

/** What its owner chose to call a message may name a patient: those who administer do without. */
function shown(message: Message, isOwner: boolean, now: number): object {
  const isAcknowledged = message.state === 'acknowledged';
  const { localId, subject, fileName } = readableTexts(message);
  return {
    messageId: message.messageId,
    messageType: message.messageType,
    state: stateAt(message, now),
    sender: message.sender,
    recipient: message.mailboxId,
    workflowId: message.workflowId,
    localId,
    ...(isOwner ? { subject, fileName } : {}),
    bytes: message.fileSize,
    sentAt: text(message.sentOrder / 1000),
    downloadedAt: text(message.downloadedAt),
    acknowledgedAt: isAcknowledged ? text(message.endedAt) : undefined,
    endedAt: text(message.endedAt),
    ...(message.statusCode === '' ? {} : { statusCode: message.statusCode, statusText: message.statusDescription }),
    ...(message.linkedMessageId === '' ? {} : { linkedMessageId: message.linkedMessageId }),
  };
}
