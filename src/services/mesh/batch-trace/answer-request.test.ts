import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { AuditLog } from '../../../platform/audit/audit-log.ts';
import { sealerIn } from '../../../platform/audit/seal.ts';
import { Clock } from '../../../platform/clock/clock.ts';
import { openVault } from '../../../platform/identity/vault.ts';
import type { Traced } from '../../pds/index.ts';
import { Quotas } from '../administration/quotas.ts';
import { Directory } from '../mailboxes/directory.ts';
import { Arrivals } from '../messages/arrivals.ts';
import { Chunks } from '../messages/chunks.ts';
import { messageIn } from '../messages/find.ts';
import { MessageIds } from '../messages/ids.ts';
import { Inboxes } from '../messages/inboxes.ts';
import { type Message, plainMessage } from '../messages/message.ts';
import { selectInbox } from '../messages/queries-lists.ts';
import { readPayload } from '../messages/read-payload.ts';
import { Outgate } from '../messages/send.ts';
import { Writer } from '../messages/writer.ts';
import { Results } from '../pathology/results.ts';
import { DirectoryStore } from '../payloads/directory-store.ts';
import { Payloads, secretOf } from '../payloads/payloads.ts';
import { answerRequest, type TraceParts } from './answer-request.ts';
import { traceMailboxId, traceWorkflow } from './own-mailbox.ts';
import { traceWorker } from './trace-worker.ts';

const db = await testDatabase();
const data = mkdtempSync(join(tmpdir(), 'openspine-trace-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));
const clock = new Clock();
const vault = openVault(data, undefined);
const audit = new AuditLog(db, clock, sealerIn(data));
const store = new DirectoryStore(join(data, 'mesh'), () => clock.now());
await store.prepare();
const writer = new Writer(db, audit);
const arrivals = new Arrivals(db, 1);

const parts: TraceParts = {
  db,
  clock,
  audit,
  writer,
  arrivals,
  chunks: new Chunks(db),
  inboxes: new Inboxes(db, clock),
  directory: new Directory(db, vault, { hasLiveReports: false, enforcesWorkflows: false }),
  ids: new MessageIds(() => clock.now()),
  payloads: new Payloads(vault, store),
  entry: new Results({ db, odsCodesOf: () => [], dueMillis: 1 }),
  routing: { factsOf: async () => new Map(), receiversAt: () => [], nameKey: (name) => name },
  quotas: new Quotas(db),
  traceOne: async (): Promise<Traced> => ({ outcome: 'none' }),
  goOn: async () => {},
};

/** A request of so many records that waits in PDS's mailbox. */
async function request(records: number, sender: string, other: Partial<Message> = {}): Promise<Message> {
  const { messageId, order } = parts.ids.next();
  const { key, sealedKey } = parts.payloads.newKey(messageId);
  const line = (index: number) => `${index},9000000009,19800203\n`;
  const text = `UNIQUE REFERENCE,NHS_NO,DATE_OF_BIRTH\n${Array.from({ length: records }, (_, index) => line(index)).join('')}`;
  const message: Message = {
    ...plainMessage,
    mailboxId: traceMailboxId,
    messageId,
    state: 'accepted',
    sender,
    workflowId: traceWorkflow,
    fileName: 'x.csv',
    sentOrder: order,
    acceptedOrder: order,
    expiresAt: clock.now() + 1e9,
    sealedKey,
    ...other,
  };
  const chunk = parts.payloads.small(Buffer.from(text), secretOf(key, messageId, 1), 1);
  await new Outgate(writer, arrivals).send({ message, chunk, notes: [] });
  return message;
}

const inbox = (mailbox: string) =>
  db.query<{ message_id: string }>(selectInbox(mailbox, { order: 0, messageId: '' }, 100, undefined, clock.now()));
const files = () =>
  readdirSync(join(data, 'mesh'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

test('answered by two at once, a request has one answer, and no file is left over', async () => {
  const asked = await request(3_000, 'TWICE');
  await Promise.all([answerRequest(parts, asked), answerRequest(parts, asked)]);
  const [answer, ...others] = await inbox('TWICE');
  expect(others).toEqual([]);
  expect(await inbox(traceMailboxId)).toEqual([]);
  expect(files()).toBe(1);
  const message = (await messageIn(db, 'TWICE', answer?.message_id as string)) as Message;
  const bytes = Buffer.concat(await Array.fromAsync(readPayload(parts, message)));
  expect(bytes.toString().trimEnd().split('\r\n').length).toBe(3_001);
  expect(message.fileSize).toBe(bytes.length);
});

test('broken off at any moment, nothing is left over and the request waits on', async () => {
  const asked = await request(2_500, 'BROKEN');
  const before = files();
  for (let stopAt = 0; stopAt < 13; stopAt += 4) {
    let steps = 0;
    const goOn = async () => {
      if (steps++ === stopAt) throw new Error('stopped');
    };
    await expect(answerRequest({ ...parts, goOn }, asked)).rejects.toThrow('stopped');
    expect([await inbox('BROKEN'), (await inbox(traceMailboxId)).length, files()]).toEqual([[], 1, before]);
  }
  await answerRequest(parts, asked);
  expect((await inbox('BROKEN')).length).toBe(1);
});

test('an answer whose commit was not heard of, the database away after it, keeps its payload', async () => {
  const asked = await request(3_000, 'UNHEARD');
  const unheard = {
    write: async (...given: Parameters<Writer['write']>) => {
      await writer.write(...given);
      throw Object.assign(new Error('Connection terminated unexpectedly'), { code: '08006' });
    },
  } as unknown as Writer;
  await expect(answerRequest({ ...parts, writer: unheard }, asked)).rejects.toThrow('Connection terminated');
  const [answer] = await inbox('UNHEARD');
  const message = (await messageIn(db, 'UNHEARD', answer?.message_id as string)) as Message;
  const bytes = Buffer.concat(await Array.fromAsync(readPayload(parts, message)));
  expect(bytes.toString().trimEnd().split('\r\n').length).toBe(3_001);
});

/** Lets a worker go through what waits, until nothing does. */
async function worked(): Promise<void> {
  const troubles: Error[] = [];
  const worker = traceWorker(parts);
  worker.start((error) => troubles.push(error));
  try {
    await expect.poll(async () => (await inbox(traceMailboxId)).length, { timeout: 20_000 }).toBe(0);
  } finally {
    await worker.stop();
  }
  expect(troubles).toEqual([]);
}

test('what comes under another workflow, the older trace too, is answered by a report that says what is traced', async () => {
  const asked = await request(1, 'OLDER', {
    workflowId: 'SPINE_MPTPHASE4_TRACE',
    fileName: 'MPTREQ_20261126101500.csv',
  });
  await worked();
  const [only, ...others] = await inbox('OLDER');
  expect(others).toEqual([]);
  expect(await messageIn(db, 'OLDER', only?.message_id as string)).toMatchObject({
    messageType: 'REPORT',
    linkedMessageId: asked.messageId,
    statusCode: '17',
    statusDescription: expect.stringContaining('SPINE_PDS_MESH_V1, and not the older SPINE_MPTPHASE4_TRACE'),
  });
});

test('a report on an answer that nobody collected is acknowledged, and answered to nobody', async () => {
  const { messageId } = await request(1, '', { messageType: 'REPORT' });
  await worked();
  expect(await inbox('')).toEqual([]);
  expect(await messageIn(db, traceMailboxId, messageId)).toMatchObject({ state: 'acknowledged' });
});
