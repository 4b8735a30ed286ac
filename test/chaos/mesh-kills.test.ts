import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type DatabaseForCli, openDatabaseForCli } from '../../src/cli/database.ts';
import { main } from '../../src/cli/main.ts';
import { findEmbedded } from '../../src/platform/db/embedded.ts';
import { sql } from '../../src/platform/db/sql.ts';
import { DirectoryStore } from '../../src/services/mesh/payloads/directory-store.ts';
import { reconcile } from '../../src/services/mesh/payloads/reconcile.ts';
import { digestOf, type MailLoad, mailLoad } from '../support/mail-load.ts';
import { meshClient } from '../support/mesh.ts';
import { childrenOf, dataDirectory, eventually, type Program, runOpenspine } from '../support/program.ts';

/*
 * Processes are killed while messages go from mailbox to mailbox. What was answered as taken is there afterwards, whole and
 * once; what was acknowledged stays so; and the payload store holds nothing that no message has.
 */
// on a machine that is busy with other things a start may take a minute
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
const pairs = Array.from({ length: 6 }, (_, index) => [`FROM${index}`, `TO${index}`] as const);

let directory = '';
let program: Program;
let url = '';
let load: MailLoad;

const start = (port: string) => {
  const env = { OPENSPINE_DEMO_PATIENTS: '0', OPENSPINE_PORT: port, OPENSPINE_LOG_LEVEL: 'silent' };
  return runOpenspine(['serve', '--workers', '2'], directory, { ...env, OPENSPINE_CARD_PORT: 'off' });
};
const postgres = () => findEmbedded(directory)?.pid as number;
const workers = () => childrenOf(program.pid).filter((pid) => pid !== postgres());
const told = () => `${load.anomalies.join('\n')}\n${program.output()}`;

/** Waits until this many more messages were taken than when it was called. */
const progress = async (count: number) => {
  const wanted = load.mailed.length + count;
  const until = performance.now() + 90_000;
  while (load.mailed.length < wanted) {
    if (performance.now() > until) throw new Error(`no progress: ${told()}`);
    await pause(20);
  }
};
const restart = async (...victims: number[]) => {
  const { port } = new URL(url);
  for (const pid of [program.pid, ...victims]) process.kill(pid, 'SIGKILL');
  program = start(port);
  expect(await program.url).toBe(url);
};
const midBody = () => eventually('an upload under way', () => load.given > 100_000 && load.given < 250_000);
const incoming = () => readdirSync(join(directory, 'mesh', 'incoming'));
const payloads = () =>
  readdirSync(join(directory, 'mesh', 'payloads'), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  ).length;

beforeAll(async () => {
  directory = dataDirectory();
  program = start('0');
  url = await program.url;
  const mailboxes = pairs.flat().map((mailbox_id) => ({ mailbox_id, password: 'password' }));
  const loaded = await fetch(`${url}/sandbox/load`, { method: 'POST', body: JSON.stringify({ mesh: { mailboxes } }) });
  expect(loaded.status).toBe(200);
  // the other worker reads its mailboxes a moment later
  await pause(500);
  load = mailLoad(url, pairs);
  await progress(10);
});

test('a worker killed with -9 in the middle of an upload is replaced and mail goes on', async () => {
  await midBody();
  process.kill(workers()[0] as number, 'SIGKILL');
  await program.printed(/took its place/);
  await progress(10);
});

test('PostgreSQL killed with -9 is started again and mail goes on', async () => {
  await midBody();
  process.kill(postgres(), 'SIGKILL');
  await program.printed(/PostgreSQL runs again/);
  await progress(10);
});

test('the supervisor killed with -9: the next start recovers and mail goes on', async () => {
  await restart();
  await progress(10);
});

test('all processes killed in the middle of an upload leave a part of a file, and mail goes on', async () => {
  await midBody();
  expect(incoming()).not.toEqual([]);
  await restart(...childrenOf(program.pid));
  expect(incoming()).not.toEqual([]);
  await progress(10);
});

test('all processes killed between a payload and its row leave a payload of no message, and mail goes on', async () => {
  await midBody();
  const before = payloads();
  // the database stands still: the payload gets its name, its row cannot be written
  const server = [postgres(), ...childrenOf(postgres())];
  for (const pid of server) process.kill(pid, 'SIGSTOP');
  await eventually('the payload to be there', () => payloads() > before && load.given === 0);
  await restart(...childrenOf(program.pid), ...server.slice(1));
  await progress(10);
});

test('no answer was one that a kill does not excuse', async () => {
  await load.stop();
  expect(load.anomalies).toEqual([]);
  expect(load.failures).toBeGreaterThan(0);
});

test('every message taken is in its inbox once or acknowledged, and tracking agrees', async () => {
  for (const [from, to] of pairs) {
    const [sender, recipient] = [meshClient(url, from), meshClient(url, to)];
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
    const recipient = meshClient(url, to);
    for (const [index, digest] of chunks.entries()) {
      const { bytes } = await recipient(`/inbox/${messageId}/${index + 1}`);
      expect(digestOf(bytes), `chunk ${index + 1} of ${messageId}`).toBe(digest);
    }
  }
  expect(await program.stop()).toBe(0);
});

/** What is there afterwards, read from the database that the program left behind. */
let left: DatabaseForCli | undefined;
afterAll(() => left?.close());
const database = async () => {
  left ??= await openDatabaseForCli({ OPENSPINE_DATA: directory });
  return left.db;
};

test('the audit log verifies, by the command an operator uses', async () => {
  const said: string[] = [];
  const io = {
    out: (line: string) => said.push(line),
    err: (line: string) => said.push(line),
    env: { OPENSPINE_DATA: directory },
  };
  const code = await main(['audit', 'verify', '--json'], io);
  const result = JSON.parse(said.join('\n')) as { findings: unknown[]; unsealed: number };
  expect(result.findings).toEqual([]);
  expect(result.unsealed).toBe(0);
  expect(code).toBe(0);
});

test('every message taken has one event of its acceptance, and audit entries of what was done with it', async () => {
  const db = await database();
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
  const db = await database();
  const store = new DirectoryStore(join(directory, 'mesh'), () => Date.now());
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
