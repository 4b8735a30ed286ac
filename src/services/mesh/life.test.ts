import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { meshClient, meshToken } from '../../../test/support/mesh.ts';
import { startSpine } from '../../../test/support/spine.ts';
import { readConfig } from '../../platform/config/config.ts';
import { Database } from '../../platform/db/database.ts';
import { sql } from '../../platform/db/sql.ts';
import { openSpine } from '../../spine.ts';
import { DirectoryStore } from './payloads/directory-store.ts';
import { reconcile } from './payloads/reconcile.ts';

const spine = await startSpine();
const db = new Database({ url: spine.databaseUrl });
afterAll(() => db.close());
const one = meshClient(spine.url, 'X26ABC1');
const two = meshClient(spine.url, 'X26ABC2');
const toTwo = { 'mex-to': 'X26ABC2', 'mex-workflowid': 'TEST_WORKFLOW' };
const send = async (body: string | Buffer, headers: Record<string, string> = {}) =>
  (await one('/outbox', { method: 'POST', headers: { ...toTwo, ...headers }, body })).body.messageID as string;
const advance = (duration: string) => spine.control('clock', { advance: duration });
const files = () =>
  readdirSync(join(spine.dataDirectory, 'mesh'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
const tracked = async (id: string) => (await one(`/outbox/tracking?messageID=${id}`)).body;
/** The report on a message, once it is in its sender's inbox. */
async function reportOn(id: string) {
  for (;;) {
    for (const waiting of (await one('/inbox?max_results=5000')).body.messages as string[]) {
      const report = await one(`/inbox/${waiting}`);
      if (report.headers.get('mex-linkedmsgid') === id) return report;
    }
    await pause(50);
  }
}

const audited = async (id: string) =>
  (
    await db.query<{ operation: string }>(
      sql`select operation from audit.entry where purpose = ${`message ${id}`} order by at, seq`,
    )
  ).map((row) => row.operation);

test('a message that nobody collects in five days leaves the inbox, and its sender has a report that says why', async () => {
  const id = await send('anybody?', { 'mex-localid': 'mine', 'mex-subject': 'A subject' });
  await advance('P4DT23H59M');
  expect((await two('/inbox')).body.messages).toEqual([id]);
  await advance('PT1M');
  expect((await two('/inbox')).body.messages).toEqual([]);
  expect((await two(`/inbox/${id}`)).status).toBe(410);
  expect((await two(`/inbox/${id}/status/acknowledged`, { method: 'PUT' })).status).toBe(410);
  const report = await reportOn(id);
  expect(await audited(id)).toContain('mesh.expire');
  expect(report.bytes).toHaveLength(0);
  expect(Object.fromEntries(report.headers)).toMatchObject({
    'content-length': '0',
    'mex-messagetype': 'REPORT',
    'mex-to': 'X26ABC1',
    'mex-localid': 'mine',
    'mex-subject': 'A subject',
    'mex-workflowid': 'TEST_WORKFLOW',
    'mex-statussuccess': 'ERROR',
    'mex-statusevent': 'SEND',
    'mex-statuscode': '14',
    'mex-statusdescription': 'Message not collected by recipient after 5 days',
  });
  expect(report.headers.has('mex-from')).toBe(false);
  expect(await tracked(id)).toMatchObject({ status: 'Undeliverable', statusSuccess: 'ERROR', statusCode: '14' });
});

test('an acknowledged message is not undeliverable later; it can be read until it is deleted', async () => {
  const id = await send('thanks');
  await two(`/inbox/${id}/status/acknowledged`, { method: 'PUT' });
  await advance('P6D');
  await pause(1200);
  expect((await two(`/inbox/${id}`)).bytes.toString()).toBe('thanks');
  expect((await tracked(id)).status).toBe('Acknowledged');
});

test('mail that waits in a mailbox when it is deactivated comes back as a report, and no more goes in', async () => {
  const mailbox = { mailbox_id: 'GONE', mailbox_name: 'Closed practice', ods_code: 'G1', password: 'password' };
  await spine.control('load', { mesh: { mailboxes: [mailbox] } });
  const id = await send('too late', { 'mex-to': 'gone' });
  await spine.control('load', { mesh: { mailboxes: [{ ...mailbox, active: false }] } });
  const report = await reportOn(id);
  expect(report.headers.get('mex-statusdescription')).toBe('Message was not collected as the mailbox is deactivated');
  const refused = await one('/outbox', { method: 'POST', headers: { ...toTwo, 'mex-to': 'GONE' }, body: 'x' });
  expect([refused.status, refused.body.errorCode]).toEqual([417, '12']);
  expect((await meshClient(spine.url, 'GONE')('/inbox')).body.errorDescription).toBe(
    'Request Received from Inactive Mailbox',
  );
});

test('an upload that is never completed ends after five days, and its sender is told', async () => {
  const id = await send('half', { 'mex-chunk-range': '1:2' });
  await advance('P5D');
  expect((await reportOn(id)).headers.get('mex-statuscode')).toBe('02');
  expect((await tracked(id)).status).toBe('Error');
  const late = await one(`/outbox/${id}/2`, { method: 'POST', headers: { 'mex-chunk-range': '2:2' }, body: 'x' });
  expect(late.status).toBe(423);
});

test('after 30 days nothing is left: neither message nor key nor payload', async () => {
  const id = await send(randomBytes(200_000));
  expect(files()).toHaveLength(1);
  await advance('P30DT1M');
  while (files().length > 0) await pause(50);
  await pause(100);
  expect((await two(`/inbox/${id}`)).status).toBe(404);
  expect((await one(`/outbox/tracking?messageID=${id}`)).status).toBe(404);
  const left = await db.query(sql`
    select message_id from mesh.message where message_id = ${id} union all select message_id from mesh.chunk where message_id = ${id}
    union all select message_id from mesh.outbox where message_id = ${id} union all select message_id from mesh.message_address where message_id = ${id}`);
  expect(left).toEqual([]);
  expect(await audited(id)).toContain('mesh.delete');
  const told = await db.query<{ body: string }>(
    sql`select body from events.event where kind = 'mesh.messages-deleted'`,
  );
  expect(told.reduce((sum, { body }) => sum + JSON.parse(body).payloadFiles, 0)).toBe(1);
  await spine.control('clock', {});
});

test('payloads without a message are found and removed, those of messages are left', async () => {
  const store = new DirectoryStore(join(spine.dataDirectory, 'mesh'), () => Date.now());
  await send(randomBytes(150_000));
  async function* payload() {
    yield randomBytes(150_000);
  }
  await store.put(payload(), { key: randomBytes(32), context: 'never referred to' });
  expect(files()).toHaveLength(2);
  expect(await reconcile(db, store, 3_600_000)).toEqual({ inUse: 0, orphaned: 0, unfinished: 0 });
  expect(await reconcile(db, store, 0)).toEqual({ inUse: 1, orphaned: 1, unfinished: 0 });
  expect(await reconcile(db, store, 0)).toEqual({ inUse: 1, orphaned: 0, unfinished: 0 });
});

test('live reports: a refused message has an id, and its sender a report', async () => {
  await spine.control('load', { mesh: { liveReports: true, enforceWorkflows: true } });
  const refused = await one('/outbox', { method: 'POST', headers: { ...toTwo, 'mex-to': 'NOSUCH' }, body: 'x' });
  expect(refused.status).toBe(417);
  expect(refused.body).toMatchObject({
    errorEvent: 'SEND',
    errorCode: '12',
    errorDescription: 'Unregistered to address',
  });
  expect((await reportOn(refused.body.messageID)).headers.get('mex-statuscode')).toBe('12');
  const workflow = { ...toTwo, 'mex-workflowid': 'TEST_WORKFLOW_ACK' };
  const unregistered = await one('/outbox', { method: 'POST', headers: workflow, body: 'x' });
  expect([unregistered.status, unregistered.body.errorCode]).toEqual([417, '17']);
  expect((await tracked(unregistered.body.messageID)).status).toBe('Error');
  await send('registered for it');
  await spine.control('load', { mesh: { liveReports: false, enforceWorkflows: false } });
});

test('no token is good twice, in another process or after a restart either; a refused one is not used up', async () => {
  const token = meshToken('X26ABC1');
  expect((await one('/inbox', { token })).status).toBe(200);
  const again = await one('/inbox', { token });
  expect([again.status, again.body.errorDescription]).toEqual([403, 'Error Duplicated Authentication Token']);
  const config = readConfig({ OPENSPINE_DATA: spine.dataDirectory, OPENSPINE_LOG_LEVEL: 'silent' });
  const other = await openSpine(config, { databaseUrl: spine.databaseUrl });
  try {
    const port = await other.listen({ port: 0, host: '127.0.0.1' });
    const there = meshClient(`http://127.0.0.1:${port}`, 'X26ABC1');
    expect((await there('/inbox', { token })).status).toBe(403);
    const late = { nonce: 'kept', at: Date.now() - 3 * 3_600_000 };
    expect((await there('/inbox', { token: meshToken('X26ABC1', late) })).body.errorDescription).toBe(
      'Invalid Authentication Token',
    );
    expect((await one('/inbox', { token: meshToken('X26ABC1', { nonce: 'kept' }) })).status).toBe(200);
    const crowd = await Promise.all(
      Array.from({ length: 20 }, () => there('/inbox', { token: meshToken('X26ABC1', { nonce: 'raced' }) })),
    );
    expect(crowd.filter((answer) => answer.status === 200)).toHaveLength(1);
  } finally {
    await other.close();
  }
});

test('of a token used before nothing is done: no download noted, nothing told of a message, nobody waits', async () => {
  const id = await send('for the first reader');
  const token = meshToken('X26ABC2');
  expect((await two('/count', { token })).status).toBe(200);
  for (const path of [`/inbox/${id}`, '/inbox/20200101000000000000_000000', '/inbox?wait=60']) {
    const again = await two(path, { token });
    expect([again.status, again.body.errorDescription]).toEqual([403, 'Error Duplicated Authentication Token']);
  }
  expect((await tracked(id)).downloadTimestamp).toBe('');
  expect((await two(`/inbox/${id}`)).status).toBe(200);
  expect((await tracked(id)).downloadTimestamp).toMatch(/^\d{14}$/);
  await two(`/inbox/${id}/status/acknowledged`, { method: 'PUT' });
});

test('every sending, download and acknowledgment is in the audit log, and says which message by whom', async () => {
  const id = await send('audited');
  await two(`/inbox/${id}`);
  await two(`/inbox/${id}/status/acknowledged`, { method: 'PUT' });
  await meshClient(spine.url, 'X26ABC3')(`/inbox/${id}`);
  const entries = await db.query<{ operation: string; app_id: string; outcome: string; ods_code: string }>(
    sql`select operation, app_id, outcome, ods_code from audit.entry where purpose = ${`message ${id}`} order by at`,
  );
  expect(entries.map((entry) => [entry.operation, entry.app_id, entry.outcome, entry.ods_code])).toEqual([
    ['mesh.send', 'X26ABC1', 'allowed', 'X26'],
    ['mesh.download', 'X26ABC2', 'allowed', 'X26'],
    ['mesh.acknowledge', 'X26ABC2', 'allowed', 'X26'],
    ['mesh.download', 'X26ABC3', 'Forbidden', 'X27'],
  ]);
});
