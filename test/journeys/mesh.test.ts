import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Database } from '../../src/platform/db/database.ts';
import { sql } from '../../src/platform/db/sql.ts';
import { meshClient } from '../support/mesh.ts';
import { eventually } from '../support/program.ts';
import { startSpine } from '../support/spine.ts';

/*
 * A practice closes with mail waiting; another is on holiday for longer than mail waits; a month later nothing is kept.
 */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
const spine = await startSpine();
const mailbox = (mailbox_id: string, ods_code: string, active = true) => ({ mailbox_id, ods_code, active });
const load = (...mailboxes: object[]) => spine.control('load', { mesh: { mailboxes } });
await load(mailbox('TRUST', 'RXA01'), mailbox('CLOSING', 'B81001'), mailbox('HOLIDAY', 'B81002'));
const trust = meshClient(spine.url, 'TRUST');
const closing = meshClient(spine.url, 'CLOSING');
const holiday = meshClient(spine.url, 'HOLIDAY');

const post = (to: string, body: string | Buffer, headers = {}) =>
  trust('/outbox', { method: 'POST', headers: { 'mex-to': to, 'mex-workflowid': 'LETTERS', ...headers }, body });
const send = async (to: string, body: string | Buffer, localId: string): Promise<string> => {
  const answer = await post(to, body, { 'mex-localid': localId, 'mex-subject': `about ${localId}` });
  expect(answer.status).toBe(202);
  return answer.body.messageID;
};
const inbox = async (of: typeof trust): Promise<string[]> => (await of('/inbox')).body.messages;
const tracked = async (id: string) => (await trust(`/outbox/tracking?messageID=${id}`)).body;
/** Waits for reports in the sender's inbox, acknowledges them; what their headers say, by the message each is about. */
const reports = async (many: number) => {
  await eventually(`${many} reports`, async () => (await inbox(trust)).length >= many);
  const found = new Map<string, Headers>();
  for (const id of await inbox(trust)) {
    const { headers, bytes, status } = await trust(`/inbox/${id}`);
    expect([status, bytes.length, headers.get('mex-messagetype')]).toEqual([200, 0, 'REPORT']);
    found.set(headers.get('mex-linkedmsgid') as string, headers);
    expect((await trust(`/inbox/${id}/status/acknowledged`, { method: 'PUT' })).status).toBe(200);
  }
  expect(found.size).toBe(many);
  return found;
};
const files = () =>
  readdirSync(join(spine.dataDirectory, 'mesh'), { recursive: true, withFileTypes: true }).filter((one) => one.isFile())
    .length;
const letter = 'Dear colleague';
const scan = randomBytes(200_000);

let read = '';
let unread: string[] = [];

test('mail waits at a practice that is about to close; one letter is read', async () => {
  read = await send('CLOSING', letter, 'read');
  unread = [await send('CLOSING', letter, 'small'), await send('CLOSING', scan, 'large')];
  expect(await inbox(closing)).toEqual([read, ...unread]);
  expect((await closing(`/inbox/${read}/status/acknowledged`, { method: 'PUT' })).status).toBe(200);
  expect(files()).toBe(1);
});

test('its mailbox is deactivated: the sender has a report for each letter that waited, and for no other', async () => {
  await load(mailbox('CLOSING', 'B81001', false));
  const told = await reports(2);
  expect([...told.keys()].sort()).toEqual([...unread].sort());
  const about = told.get(unread[1] as string) as Headers;
  expect(about.get('mex-statuscode')).toBe('14');
  expect(about.get('mex-statusevent')).toBe('SEND');
  expect(about.get('mex-statussuccess')).toBe('ERROR');
  expect(about.get('mex-statusdescription')).toMatch(/not collected/);
  expect(about.get('mex-localid')).toBe('large');
  expect(about.get('mex-subject')).toBe('about large');
  expect(about.get('mex-to')).toBe('TRUST');
  expect(about.get('mex-from')).toBeNull();
  for (const id of unread)
    expect(await tracked(id)).toMatchObject({ status: 'Undeliverable', statusSuccess: 'ERROR', statusCode: '14' });
  expect(await tracked(read)).toMatchObject({ status: 'Acknowledged', statusSuccess: 'SUCCESS' });
});

test('nobody writes to it any more, and it reads nothing', async () => {
  expect(await post('CLOSING', letter)).toMatchObject({ status: 417, body: { errorCode: '12' } });
  expect(await closing('/inbox')).toMatchObject({ status: 403, body: expect.objectContaining({}) });
});

test('opened again it is empty: what was reported as undelivered is not delivered later', async () => {
  await load(mailbox('CLOSING', 'B81001'));
  expect(await inbox(closing)).toEqual([]);
  for (const id of unread) expect((await closing(`/inbox/${id}`)).status).toBe(410);
  expect((await closing(`/inbox/${read}`)).bytes.toString()).toBe(letter);
});

let late = '';
test('a letter waits five days less a minute; a minute later it is gone, and its sender knows', async () => {
  late = await send('HOLIDAY', scan, 'late');
  await spine.control('clock', { advance: 'P4DT23H59M' });
  expect(await inbox(holiday)).toEqual([late]);
  expect((await holiday(`/inbox/${late}`)).bytes.equals(scan)).toBe(true);
  await spine.control('clock', { advance: 'PT1M' });
  expect(await inbox(holiday)).toEqual([]);
  expect((await holiday(`/inbox/${late}`)).status).toBe(410);
  expect((await holiday(`/inbox/${late}/status/acknowledged`, { method: 'PUT' })).status).toBe(410);
  const told = await reports(1);
  expect(told.get(late)?.get('mex-statuscode')).toBe('14');
  expect(await tracked(late)).toMatchObject({ status: 'Undeliverable', statusCode: '14' });
});

test('an upload that was never completed ends after five days with a report', async () => {
  const headers = { 'mex-chunk-range': '1:2', 'mex-localid': 'half' };
  const { body, status } = await post('HOLIDAY', scan, headers);
  expect(status).toBe(202);
  await spine.control('clock', { advance: 'P5DT1S' });
  const told = await reports(1);
  expect(told.get(body.messageID)?.get('mex-localid')).toBe('half');
  expect(await tracked(body.messageID)).toMatchObject({ status: 'Error', statusSuccess: 'ERROR' });
});

test('a report nobody collects ends without another report', async () => {
  await load(mailbox('CLOSING', 'B81001', true));
  await send('HOLIDAY', letter, 'unanswered');
  await spine.control('clock', { advance: 'P5DT1S' });
  await eventually('its report', async () => (await inbox(trust)).length === 1);
  await spine.control('clock', { advance: 'P5DT1S' });
  expect(await inbox(trust)).toEqual([]);
  expect(await inbox(trust)).toEqual([]);
});

test('thirty days after sending nothing is kept: no message, no key, no file, no track', async () => {
  const db = new Database({ url: spine.databaseUrl, lanes: 1, transactions: 1 });
  try {
    expect(files()).toBeGreaterThan(0);
    await spine.control('clock', { advance: 'P31D' });
    await eventually('files to be removed', () => files() === 0);
    const left = async () => {
      const [row] = await db.query<{ messages: number; chunks: number; sent: number; addresses: number }>(
        sql`select (select count(*)::int from mesh.message) as messages, (select count(*)::int from mesh.chunk) as chunks,
                   (select count(*)::int from mesh.outbox) as sent, (select count(*)::int from mesh.message_address) as addresses`,
      );
      return JSON.stringify(row);
    };
    await eventually(
      'rows to be deleted',
      async () => (await left()) === JSON.stringify({ messages: 0, chunks: 0, sent: 0, addresses: 0 }),
    );
  } finally {
    await db.close();
  }
  for (const id of [read, late]) expect((await trust(`/outbox/tracking?messageID=${id}`)).status).toBe(404);
  expect((await closing(`/inbox/${read}`)).status).toBe(404);
});
