import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, expect, test, vi } from 'vitest';
import { sql } from '../../src/platform/db/sql.ts';
import { DirectoryStore } from '../../src/services/mesh/payloads/directory-store.ts';
import { reconcile } from '../../src/services/mesh/payloads/reconcile.ts';
import { Installation } from '../support/installation.ts';
import { digestOf, type MailLoad, mailLoad } from '../support/mail-load.ts';
import { meshClient } from '../support/mesh.ts';
import { childrenOf, eventually } from '../support/program.ts';

/*
 * Processes are killed while messages go from mailbox to mailbox. What was answered as taken is there afterwards, whole and
 * once; what was acknowledged stays so; and the payload store holds nothing that no message has.
 */
// on a machine that is busy with other things a start may take a minute
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
const pairs = Array.from({ length: 6 }, (_, index) => [`FROM${index}`, `TO${index}`] as const);

const spine = new Installation();
let load: MailLoad;
const progress = () => spine.progress(load.mailed, 10, load.anomalies);
const midBody = () => eventually('an upload under way', () => load.given > 100_000 && load.given < 250_000);
const incoming = () => readdirSync(join(spine.directory, 'mesh', 'incoming'));
const payloads = () =>
  readdirSync(join(spine.directory, 'mesh', 'payloads'), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  ).length;

beforeAll(async () => {
  await spine.start();
  const mailboxes = pairs.flat().map((mailbox_id) => ({ mailbox_id, password: 'password' }));
  await spine.control('load', { mesh: { mailboxes } });
  // the other worker reads its mailboxes a moment later
  await pause(500);
  load = mailLoad(spine.url, pairs);
  await progress();
});

test('a worker killed with -9 in the middle of an upload is replaced and mail goes on', async () => {
  await midBody();
  process.kill(spine.workers()[0] as number, 'SIGKILL');
  await spine.program.printed(/took its place/);
  await progress();
});

test('PostgreSQL killed with -9 is started again and mail goes on', async () => {
  await midBody();
  process.kill(spine.postgres(), 'SIGKILL');
  await spine.program.printed(/PostgreSQL runs again/);
  await progress();
});

test('the supervisor killed with -9: the next start recovers and mail goes on', async () => {
  await spine.restart();
  await progress();
});

test('all processes killed in the middle of an upload leave a part of a file, and mail goes on', async () => {
  await midBody();
  expect(incoming()).not.toEqual([]);
  await spine.restart(...spine.everybodyElse());
  expect(incoming()).not.toEqual([]);
  await progress();
});

test('all processes killed between a payload and its row leave a payload of no message, and mail goes on', async () => {
  await midBody();
  const before = payloads();
  // the database stands still: the payload gets its name, its row cannot be written
  const server = [spine.postgres(), ...childrenOf(spine.postgres())];
  for (const pid of server) process.kill(pid, 'SIGSTOP');
  await eventually('the payload to be there', () => payloads() > before && load.given === 0);
  await spine.restart(...spine.everybodyElse(), ...server.slice(1));
  await progress();
});

test('no answer was one that a kill does not excuse', async () => {
  await load.stop();
  expect(load.anomalies).toEqual([]);
  expect(load.failures).toBeGreaterThan(0);
});

test('every message taken is in its inbox once or acknowledged, and tracking agrees', async () => {
  for (const [from, to] of pairs) {
    const [sender, recipient] = [meshClient(spine.url, from), meshClient(spine.url, to)];
    const sent = load.mailed.filter((one) => one.to === to);
    const waiting = sent.filter((one) => !one.isAcknowledged).map((one) => one.messageId);
    const { messages } = (await recipient('/inbox?max_results=5000')).body as { messages: string[] };
    expect([...messages].sort()).toEqual([...waiting].sort());
    for (const { messageId, isAcknowledged } of sent) {
      const { body } = await sender(`/outbox/tracking?messageID=${messageId}`);
      expect(body.status).toBe(isAcknowledged ? 'Acknowledged' : 'Accepted');
    }
    const outbox = await sender('/outbox/rich?max_results=100');
    const ids = (outbox.body.messages as { local_id: string }[]).map((one) => one.local_id);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test('every message taken is whole, acknowledged or not', async () => {
  for (const { messageId, to, chunks } of load.mailed) {
    const recipient = meshClient(spine.url, to);
    for (const [index, digest] of chunks.entries()) {
      const { bytes } = await recipient(`/inbox/${messageId}/${index + 1}`);
      expect(digestOf(bytes), `chunk ${index + 1} of ${messageId}`).toBe(digest);
    }
  }
  expect(await spine.program.stop()).toBe(0);
});

test('the audit log verifies, by the command an operator uses', async () => {
  expect(await spine.verifiedAuditEntries()).toBeGreaterThan(load.mailed.length);
});

test('every message taken has one event of its acceptance, and audit entries of what was done with it', async () => {
  const db = await spine.leftDatabase();
  const accepted = await db.query<{ id: string }>(
    sql`select body::json ->> 'messageId' as id from events.event where kind = 'mesh.message-accepted'`,
  );
  const events = accepted.map((row) => row.id);
  expect(new Set(events).size).toBe(events.length);
  expect(load.mailed.filter(({ messageId }) => !events.includes(messageId))).toEqual([]);
  const entries = await db.query<{ operation: string; purpose: string }>(
    sql`select operation, purpose from audit.entry where outcome = 'allowed'`,
  );
  const audited = new Set(entries.map((row) => `${row.operation} ${row.purpose}`));
  const missing = load.mailed
    .flatMap(({ messageId, chunks, isAcknowledged }) => [
      `mesh.send message ${messageId}`,
      `mesh.download-chunk message ${messageId}`,
      ...(chunks.length > 1 ? [`mesh.send-chunk message ${messageId}`] : []),
      ...(isAcknowledged ? [`mesh.acknowledge message ${messageId}`] : []),
    ])
    .filter((line) => !audited.has(line));
  expect(missing).toEqual([]);
});

test('what the kills left in the payload store is found and removed, and then nothing is left to find', async () => {
  const db = await spine.leftDatabase();
  const store = new DirectoryStore(join(spine.directory, 'mesh'), () => Date.now());
  const first = await reconcile(db, store, 0);
  expect(first.unfinished).toBeGreaterThan(0);
  expect(first.orphaned).toBeGreaterThan(0);
  const second = await reconcile(db, store, 0);
  expect(second).toEqual({ inUse: first.inUse, orphaned: 0, unfinished: 0 });
  const [row] = await db.query<{ referred: number }>(
    sql`select count(distinct reference)::int as referred from mesh.chunk where reference is not null`,
  );
  expect(second.inUse).toBe(row?.referred);
  expect(payloads()).toBe(row?.referred);
});
