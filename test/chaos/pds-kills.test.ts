import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type DatabaseForCli, openDatabaseForCli } from '../../src/cli/database.ts';
import { main } from '../../src/cli/main.ts';
import { findEmbedded } from '../../src/platform/db/embedded.ts';
import { sql } from '../../src/platform/db/sql.ts';
import { type PatchLoad, patchLoad } from '../support/patch-load.ts';
import { nhsNumbers, person } from '../support/people.ts';
import { childrenOf, dataDirectory, type Program, runOpenspine } from '../support/program.ts';

// on a machine that is busy with other things a start may take half a minute
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const patients = Object.values(nhsNumbers(999_500_001, ...names));
const firstVersion = 3;

let directory = '';
let program: Program;
let url = '';
let load: PatchLoad;

const start = (port: string) => {
  const env = { OPENSPINE_DEMO_PATIENTS: '0', OPENSPINE_PORT: port, OPENSPINE_LOG_LEVEL: 'silent' };
  return runOpenspine(['serve', '--workers', '2'], directory, env);
};
const control = async (name: string, body: object) => {
  const response = await fetch(`${url}/sandbox/${name}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`sandbox/${name}: ${response.status} ${await response.text()}`);
  return (await response.json()) as { access_token: string };
};
/** Waits until this many more updates were acknowledged than when it was called. */
const progress = async (count: number) => {
  const wanted = load.updates.length + count;
  const until = performance.now() + 60_000;
  while (load.updates.length < wanted) {
    if (performance.now() > until) throw new Error(`no progress: ${load.anomalies.join('\n')}\n${program.output()}`);
    await pause(20);
  }
};
const restart = async (...victims: number[]) => {
  const { port } = new URL(url);
  for (const pid of [program.pid, ...victims]) process.kill(pid, 'SIGKILL');
  program = start(port);
  expect(await program.url).toBe(url);
};

beforeAll(async () => {
  directory = dataDirectory();
  program = start('0');
  url = await program.url;
  await control('load', { pds: { patients: patients.map((number) => person(number)) } });
  const { access_token } = await control('token', { mode: 'healthcare-worker' });
  load = patchLoad(url, access_token, patients, firstVersion);
  await progress(20);
});

test('a worker killed with -9 is replaced and updates go on', async () => {
  const [victim] = childrenOf(program.pid).filter((pid) => pid !== findEmbedded(directory)?.pid);
  process.kill(victim as number, 'SIGKILL');
  await program.printed(/took its place/);
  await progress(50);
});

test('PostgreSQL killed with -9 is started again and updates go on', async () => {
  process.kill(findEmbedded(directory)?.pid as number, 'SIGKILL');
  await program.printed(/PostgreSQL runs again/);
  await progress(50);
});

test('the supervisor killed with -9: the next start recovers and updates go on', async () => {
  await restart();
  await progress(50);
});

test('supervisor, workers and PostgreSQL killed with -9 at once: the next start recovers and updates go on', async () => {
  await restart(...childrenOf(program.pid));
  await progress(50);
});

test('a reload fails no request', async () => {
  const { failures } = load;
  program.signal('SIGHUP');
  await program.printed(/Reloaded\./);
  await progress(50);
  expect(load.failures).toBe(failures);
});

test('no answer was one that a kill does not excuse, and the program stops cleanly', async () => {
  await load.stop();
  expect(load.anomalies).toEqual([]);
  expect(load.failures).toBeGreaterThan(0);
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
  const result = JSON.parse(said.join('\n')) as { findings: unknown[]; entries: number; unsealed: number };
  expect(result.findings).toEqual([]);
  expect(result.entries).toBeGreaterThanOrEqual(load.updates.length + load.reads.length);
  expect(result.unsealed).toBe(0);
  expect(code).toBe(0);
});

test('every acknowledged update is in the history under its request, and versions have no gap', async () => {
  const db = await database();
  for (const nhsNumber of patients) {
    const acknowledged = load.updates.filter((update) => update.nhsNumber === nhsNumber);
    const [patient] = await db.query<{ version: number }>(
      sql`select version from pds.patient where nhs_number = ${nhsNumber}`,
    );
    const changes = await db.query<{ version: number; request_id: string }>(
      sql`select version, request_id from pds.change
           where nhs_number = ${nhsNumber} and version > ${firstVersion} order by version`,
    );
    expect(changes).toEqual(acknowledged.map(({ version, requestId }) => ({ version, request_id: requestId })));
    expect(patient?.version).toBe(firstVersion + acknowledged.length);
  }
});

test('every acknowledged update and read has its audit entry', async () => {
  const db = await database();
  const entries = await db.query<{ operation: string; request_id: string; nhs_number: string }>(
    sql`select operation, request_id, nhs_number from audit.entry where outcome = 'allowed'`,
  );
  const recorded = new Set(entries.map((entry) => `${entry.operation} ${entry.nhs_number} ${entry.request_id}`));
  const missing = [
    ...load.updates.map(({ nhsNumber, requestId }) => `pds.update-patient ${nhsNumber} ${requestId}`),
    ...load.reads.map(({ nhsNumber, requestId }) => `pds.retrieve-patient ${nhsNumber} ${requestId}`),
  ].filter((line) => !recorded.has(line));
  expect(missing).toEqual([]);
});
