import { expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { Clock } from '../../../platform/clock/clock.ts';
import { Chunks } from './chunks.ts';
import { Inboxes } from './inboxes.ts';
import { plainMessage } from './message.ts';
import { insertMessages, putChunks } from './queries.ts';

const db = await testDatabase();
const clock = new Clock();
const messages = Array.from({ length: 30 }, (_, index) => ({
  ...plainMessage,
  mailboxId: `BOX${index % 3}`,
  messageId: `M${String(index).padStart(2, '0')}`,
  state: 'accepted' as const,
  sender: 'SENDER',
  workflowId: index < 15 ? 'FIRST' : 'SECOND',
  fileName: 'any.dat',
  sentOrder: index,
  acceptedOrder: index,
  expiresAt: clock.now() + 60_000,
}));
await db.query(insertMessages(messages));
const chunkOf = ({ mailboxId, messageId }: { mailboxId: string; messageId: string }, number: number) => ({
  mailboxId,
  messageId,
  number,
  length: number,
  isGzip: false,
  bytes: Buffer.from(`${messageId} ${number}`),
  reference: undefined,
});
await db.query(
  putChunks(
    messages.flatMap((message) => [chunkOf(message, 1), chunkOf(message, 2)]),
    0,
  ),
);

test('whoever asks at the same moment is told of the own inbox, from the own place, as much as was asked for', async () => {
  const inboxes = new Inboxes(db, clock);
  const start = { order: -1, messageId: '' };
  const asked = [
    { mailboxId: 'BOX0', after: start, limit: 3 },
    { mailboxId: 'BOX1', after: start, limit: 501 },
    { mailboxId: 'NOBODY', after: start, limit: 10 },
    { mailboxId: 'BOX0', after: { order: 6, messageId: 'M06' }, limit: 2 },
    { mailboxId: 'BOX2', after: start, limit: 5000 },
  ];
  const listed = await Promise.all(asked.map((page) => inboxes.list(page, undefined)));
  expect(listed.map((page) => page.map((one) => one.messageId).join(' '))).toEqual([
    'M00 M03 M06',
    'M01 M04 M07 M10 M13 M16 M19 M22 M25 M28',
    '',
    'M09 M12',
    'M02 M05 M08 M11 M14 M17 M20 M23 M26 M29',
  ]);
  const ofSecond = await inboxes.list(
    { mailboxId: 'BOX0', after: start, limit: 2 },
    { pattern: 'SECOND', isWanted: true },
  );
  expect(ofSecond.map((one) => one.messageId)).toEqual(['M15', 'M18']);
});

test('whoever asks at the same moment is given the own message and chunk, or told that there is none', async () => {
  const chunks = new Chunks(db);
  const asked = [
    ['BOX0', 'M00', 1],
    ['BOX1', 'M01', 2],
    ['BOX0', 'M01', 1],
    ['BOX2', 'M02', 3],
    ['BOX0', 'M00', 1],
  ] as const;
  const found = await Promise.all(
    asked.map(([mailboxId, messageId, number]) => chunks.find(mailboxId, messageId, number)),
  );
  expect(found.map((one) => one?.message.messageId)).toEqual(['M00', 'M01', undefined, 'M02', 'M00']);
  expect(found.map((one) => one?.chunk?.bytes?.toString())).toEqual(['M00 1', 'M01 2', undefined, undefined, 'M00 1']);
  expect(found.map((one) => one?.chunk?.number)).toEqual([1, 2, undefined, undefined, 1]);
});
