import { expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { sql } from '../../../platform/db/sql.ts';
import { selectStuck, selectWaitingBytes } from '../administration/queries-administration.ts';
import {
  selectReceived,
  selectReceivedFloor,
  selectReceivedWithin,
  selectSent,
  selectSentByLocalId,
  selectSentFloor,
  selectSentWithin,
  selectUndelivered,
  selectWaiting,
} from '../statistics/queries-statistics.ts';
import { renewPlans } from './life.ts';
import { plainMessage } from './message.ts';
import {
  acknowledgeMessages,
  insertAddresses,
  insertMessages,
  insertOutbox,
  noteDownloads,
  selectMessagesAndChunks,
} from './queries.ts';
import { deleteMessages, endInMailboxes, endOverdue } from './queries-life.ts';
import { countWaiting, mailboxesWithMail, selectByLocalId, selectInbox, selectInboxes } from './queries-lists.ts';
import { neverComplete } from './report.ts';

const db = await testDatabase();

/** What PostgreSQL would do, whatever the values are. */
const planOf = ({ text }: { readonly text: string }) =>
  db.withClient(async (client) => {
    const { rows } = await client.query(`explain (generic_plan) ${text}`);
    return rows.map((row) => row['QUERY PLAN'] as string).join('\n');
  });

const waitingMessage = (index: number) => ({
  ...plainMessage,
  mailboxId: `BOX${index % 100}`,
  messageId: String(index),
  state: 'accepted' as const,
  sender: 'SENDER',
  workflowId: 'ANY',
  fileName: 'any.dat',
  sentOrder: 1_700_000_000_000_000 + index,
  acceptedOrder: index,
  expiresAt: 1_900_000_000_000,
});

/** Of what each request does: by key, or by the index of what waits in one mailbox, whatever PostgreSQL knows of the tables. */
async function findsByKey(): Promise<void> {
  for (const statement of [
    acknowledgeMessages(['A'], ['1'], 0),
    noteDownloads(['A'], ['1'], 0),
    selectMessagesAndChunks(['A'], ['1'], [1]),
  ]) {
    const plan = await planOf(statement);
    expect(plan).toContain('Index Scan using message_pkey');
    expect(plan).not.toMatch(/Seq Scan|message_waiting|message_expires_at/);
  }
  for (const statement of [selectWaitingBytes('BOX1'), selectStuck(['BOX1'], 0, 100)])
    expect(await planOf(statement)).toContain('using message_uploading');
  const listing = await planOf(selectInboxes([], 0));
  expect(listing).toMatch(/Index (Only )?Scan using message_waiting/);
  expect(listing).not.toMatch(/Seq Scan|message_expires_at/);
  for (const state of ['accepted', 'uploading'] as const) {
    const ending = await planOf(endOverdue(state, 'error', neverComplete, 0, 10));
    expect(ending).toContain('using message_expires_at');
    expect(ending).toContain('using message_pkey');
    expect(ending).not.toMatch(/Seq Scan|message_waiting/);
  }
  const inMailboxes = await planOf(endInMailboxes(['BOX1'], neverComplete, 0, 10));
  expect(inMailboxes).toContain('Scan using message_waiting');
  expect(inMailboxes).toContain('using message_pkey');
  expect(inMailboxes).not.toMatch(/Seq Scan|message_expires_at/);
}

test('what is done to a message finds it by its key, and does not go through all that wait', async () => {
  const waiting = Array.from({ length: 2000 }, (_, index) => waitingMessage(index));
  await db.query(insertMessages(waiting));
  await db.query(insertOutbox(waiting));
  await db.query(insertAddresses(waiting));
  await findsByKey();
});

test('plans made for a few messages are made anew when there are many', async () => {
  const rowsKnown = async (table = 'mesh.message') =>
    (await db.query<{ rows: number }>(sql`select reltuples as rows from pg_class where oid = ${table}::regclass`))[0]
      ?.rows;
  expect(await rowsKnown()).toBe(-1);
  // an index made concurrently, or a vacuum: nothing waits for its end
  await db.transaction(async (tx) => {
    await tx.query(sql`lock table mesh.message in share update exclusive mode`);
    await renewPlans({ db });
  });
  expect(await rowsKnown()).toBe(-1);
  await renewPlans({ db });
  expect(await rowsKnown()).toBe(2000);
  expect(await rowsKnown('mesh.outbox')).toBe(2000);
  expect(await rowsKnown('mesh.message_address')).toBe(2000);
  await db.query(sql`delete from mesh.message where message_id = '1'`);
  await renewPlans({ db });
  expect(await rowsKnown()).toBe(2000);
});

test('what two rounds delete in the same moment is told by one of them', async () => {
  const old = ['D1', 'D2'].map((messageId) => ({
    ...plainMessage,
    mailboxId: 'OLD',
    messageId,
    state: 'accepted' as const,
    sender: 'SENDER',
    workflowId: 'ANY',
    fileName: 'any.dat',
    sentOrder: 1,
    acceptedOrder: 1,
    expiresAt: 0,
  }));
  await db.query(insertMessages(old));
  await db.query(insertAddresses(old));
  const waiting = sql`
    select 1 from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and query like '%delete from mesh.message_address%'`;
  const lanes = [db.lane(), db.lane()];
  let rounds: Promise<{ message_id: string }[]>[] = [];
  await db.transaction(async (tx) => {
    await tx.query(sql`select 1 from mesh.message_address where message_id = any('{D1,D2}') for update`);
    rounds = lanes.map((lane) => lane.query<{ message_id: string }>(deleteMessages(60_000, 10)));
    await expect.poll(async () => (await db.query(waiting)).length, { timeout: 10_000 }).toBe(2);
  });
  const told = (await Promise.all(rounds)).flat().map((row) => row.message_id);
  expect(told.sort()).toEqual(['D1', 'D2']);
});

test('what waits in a mailbox is listed, filtered and summed in the index of what waits', async () => {
  const start = { order: 0, messageId: '' };
  await db.query(sql`
    update mesh.message set state = 'acknowledged' where right(message_id, 1) <> '7' and message_id <> '1'`);
  await db.query(sql`analyze mesh.message`);
  for (const statement of [
    selectInbox('BOX1', start, 501, undefined, 0),
    selectInbox('BOX1', start, 501, { pattern: 'A%', isWanted: true }, 0),
    countWaiting('BOX1', 2000),
    selectWaiting('BOX1', 0),
    selectWaitingBytes('BOX1'),
    selectStuck(['BOX1'], 0, 100),
    mailboxesWithMail(['BOX1']),
  ]) {
    const plan = await planOf(statement);
    expect(plan).toMatch(/Index Only Scan using message_waiting|Bitmap Index Scan on message_waiting/);
    expect(plan).not.toMatch(/Seq Scan on message|message_expires_at|message_sent_at|message_sent_order/);
  }
});

test('what a mailbox has sent and received is counted and looked for in its own part of an index', async () => {
  await db.query(sql`analyze mesh.message`);
  const within = { localId: 'L', workflowId: 'W', correspondent: '', since: 0, until: 9e15 };
  const bounds = { ...within, before: { order: 9e15, messageId: '' } };
  for (const [statement, index] of [
    [selectReceived('BOX1', 0), 'message_sent_order'],
    [selectUndelivered('BOX1', 0), 'message_undelivered'],
    [selectReceivedFloor('BOX1', bounds, 10_000), 'message_sent_order'],
    [selectReceivedWithin('BOX1', bounds, 51), 'message_sent_order'],
    [selectSent('BOX1', 0), 'outbox_sent_order'],
    [selectSentFloor('BOX1', bounds, 10_000), 'outbox_sent_order'],
    [selectSentWithin('BOX1', bounds, 51), 'outbox_sent_order'],
    [selectSentByLocalId('BOX1', bounds, 51), 'outbox_local_id'],
    [selectByLocalId('BOX1', 'L', 2), 'outbox_local_id'],
  ] as const)
    expect(await planOf(statement)).toMatch(new RegExp(`(using|on) ${index} `));
});

test('what has had its time is deleted by key, found by time', async () => {
  const plan = await planOf(deleteMessages(0, 10));
  expect(plan).toContain('using message_address_sent_at');
  expect(plan).not.toMatch(/Seq Scan/);
});

test('so it is where nothing waited when statistics were taken, and when much does', async () => {
  const rows = (from: number, state: 'accepted' | 'acknowledged') =>
    Array.from({ length: 2000 }, (_, index) => ({
      ...waitingMessage(from + index),
      state,
    }));
  await db.query(sql`truncate mesh.message`);
  await db.query(insertMessages(rows(0, 'acknowledged')));
  await db.query(sql`analyze mesh.message`);
  await findsByKey();
  await db.query(insertMessages(rows(2000, 'accepted')));
  await findsByKey();
  await db.query(sql`analyze mesh.message`);
  await findsByKey();
});
