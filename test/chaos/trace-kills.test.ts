import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { sql } from '../../src/platform/db/sql.ts';
import { DirectoryStore } from '../../src/services/mesh/payloads/directory-store.ts';
import { reconcile } from '../../src/services/mesh/payloads/reconcile.ts';
import { Installation } from '../support/installation.ts';
import { meshClient } from '../support/mesh.ts';
import { nhsNumbers, person } from '../support/people.ts';
import { eventually } from '../support/program.ts';

/*
 * Processes are killed while a long trace file is answered. Afterwards it has one answer, whole and in order, and is
 * acknowledged; nothing else is left.
 */
// on a machine that is busy with other things a start may take a minute, and a killed worker's lease is over after a while
vi.setConfig({ testTimeout: 240_000, hookTimeout: 180_000 });
const [asker, pds, workflow] = ['ASKER', 'X26PDSMESH', 'SPINE_PDS_MESH_V1'] as const;
const patients = Object.values(nhsNumbers(999_600_001, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'));
const rows = 30_000;
const spine = new Installation();
let requestId = '';

const referenceOf = (row: number) => `ROW-${String(row).padStart(6, '0')}`;
const patientOf = (row: number) => patients[row % patients.length] as string;
const incoming = () => {
  const directory = join(spine.directory, 'mesh', 'incoming');
  return readdirSync(directory).map((name) => join(directory, name));
};
const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Waits until a worker is in the middle of writing an answer; which one. */
async function midAnswer(): Promise<number> {
  let writer: number | undefined;
  await eventually('a trace under way', () => {
    const begun = incoming().filter((path) => sizeOf(path) > 1_000_000);
    writer = spine.workers().find((pid) => openFiles(pid).some((path) => begun.includes(path)));
    return writer !== undefined;
  });
  return writer as number;
}

function openFiles(pid: number): string[] {
  try {
    const directory = `/proc/${pid}/fd`;
    return readdirSync(directory).map((fd) => readlinkSync(join(directory, fd)));
  } catch {
    return []; // process or file closed meanwhile
  }
}

async function inboxOf(mailboxId: string): Promise<string[]> {
  const { body } = await meshClient(spine.url, mailboxId)('/inbox');
  return body.messages as string[];
}

beforeAll(async () => {
  await spine.start();
  await spine.control('load', {
    pds: { patients: patients.map((number) => person(number)) },
    mesh: { mailboxes: [{ mailbox_id: asker, password: 'password' }] },
  });
  const lines = Array.from({ length: rows }, (_, row) => `${referenceOf(row)},${patientOf(row)},19840309\r\n`);
  // the worker that is asked may not have read of the mailbox yet
  await eventually('the mailbox to be there', async () => {
    const sent = await meshClient(spine.url, asker)('/outbox', {
      method: 'POST',
      headers: { 'mex-to': pds, 'mex-workflowid': workflow, 'mex-filename': 'REQ.csv', 'mex-localid': 'long' },
      body: `UNIQUE REFERENCE,NHS_NO,DATE_OF_BIRTH\r\n${lines.join('')}`,
    });
    requestId = sent.body.messageID ?? '';
    return sent.status === 202;
  });
});

test('the worker that traces, killed with -9 in the middle, is followed by another, that begins anew', async () => {
  const victim = await midAnswer();
  process.kill(victim, 'SIGKILL');
  await spine.program.printed(/took its place/);
  expect(await midAnswer()).not.toBe(victim);
});

test('PostgreSQL killed with -9 in the middle of a trace is started again, and the trace goes on', async () => {
  await midAnswer();
  process.kill(spine.postgres(), 'SIGKILL');
  await spine.program.printed(/PostgreSQL runs again/);
  await midAnswer();
});

test('all processes killed with -9 in the middle of a trace: after the next start it is answered', async () => {
  await midAnswer();
  expect(await inboxOf(asker)).toEqual([]);
  await spine.restart(...spine.everybodyElse());
  await eventually('an answer', async () => (await inboxOf(asker)).length > 0);
});

test('there is one answer, whole and in order, and the request is acknowledged', async () => {
  const client = meshClient(spine.url, asker);
  const [answerId, ...others] = await inboxOf(asker);
  expect(others).toEqual([]);
  const answer = await client(`/inbox/${answerId}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('mex-filename')).toMatch(/^RESP_REQ_\d{14}\.csv$/);
  expect(answer.headers.get('mex-localid')).toBe('long');
  const [header, ...lines] = answer.bytes.toString().trimEnd().split('\r\n');
  const columns = header?.split(',') ?? [];
  const [reference, number] = [columns.indexOf('UNIQUE REFERENCE'), columns.indexOf('MATCHED_NHS_NO')];
  const got = lines.map((line) => line.split(',')).map((fields) => `${fields[reference]} ${fields[number]}`);
  expect(got).toEqual(Array.from({ length: rows }, (_, row) => `${referenceOf(row)} ${patientOf(row)}`));
  const tracking = await client(`/outbox/tracking?messageID=${requestId}`);
  expect(tracking.body.status).toBe('Acknowledged');
  expect(await spine.program.stop()).toBe(0);
});

test('each record of the answer is in the audit, which verifies', async () => {
  expect(await spine.verifiedAuditEntries()).toBeGreaterThanOrEqual(rows);
  const db = await spine.leftDatabase();
  const looks = await db.query<{ nhs_number: string; count: number }>(
    sql`select nhs_number, count(*)::int as count from audit.entry
         where operation = 'mesh.batch-trace' and request_id = ${requestId} and nhs_number <> '' group by nhs_number`,
  );
  for (const patient of patients)
    expect(looks.find((one) => one.nhs_number === patient)?.count).toBeGreaterThanOrEqual(rows / patients.length);
});

test('acknowledgment and answer have one event each, and no message is there but the two', async () => {
  const db = await spine.leftDatabase();
  const messages = await db.query<{ mailbox_id: string; state: string }>(
    sql`select mailbox_id, state from mesh.message where sender in (${asker}, ${pds}) order by mailbox_id`,
  );
  expect(messages).toEqual([
    { mailbox_id: asker, state: 'accepted' },
    { mailbox_id: pds, state: 'acknowledged' },
  ]);
  const events = await db.query<{ kind: string; count: number }>(
    sql`select kind, count(*)::int as count from events.event where kind like 'mesh.message-%' group by kind order by kind`,
  );
  expect(events).toEqual([
    { kind: 'mesh.message-accepted', count: 2 },
    { kind: 'mesh.message-acknowledged', count: 1 },
  ]);
});

test('what the kills left in the payload store is removed, and the payloads of the two are kept', async () => {
  const db = await spine.leftDatabase();
  const store = new DirectoryStore(join(spine.directory, 'mesh'), () => Date.now());
  const first = await reconcile(db, store, 0);
  expect(first.unfinished).toBeGreaterThan(0);
  expect(await reconcile(db, store, 0)).toEqual({ inUse: 2, orphaned: 0, unfinished: 0 });
});
