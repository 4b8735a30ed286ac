import { beforeAll, expect, test, vi } from 'vitest';
import { sql } from '../../src/platform/db/sql.ts';
import { Installation } from '../support/installation.ts';
import { type PatchLoad, patchLoad } from '../support/patch-load.ts';
import { nhsNumbers, person } from '../support/people.ts';

// on a machine that is busy with other things a start may take half a minute
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const patients = Object.values(nhsNumbers(999_500_001, ...names));
const firstVersion = 3;

const spine = new Installation();
let load: PatchLoad;
const progress = () => spine.progress(load.updates, 50, load.anomalies);

beforeAll(async () => {
  await spine.start();
  await spine.control('load', { pds: { patients: patients.map((number) => person(number)) } });
  const { access_token } = await spine.control('token', { mode: 'healthcare-worker' });
  load = patchLoad(spine.url, access_token as string, patients, firstVersion);
  await progress();
});

test('a worker killed with -9 is replaced and updates go on', async () => {
  process.kill(spine.workers()[0] as number, 'SIGKILL');
  await spine.program.printed(/took its place/);
  await progress();
});

test('PostgreSQL killed with -9 is started again and updates go on', async () => {
  process.kill(spine.postgres(), 'SIGKILL');
  await spine.program.printed(/PostgreSQL runs again/);
  await progress();
});

test('the supervisor killed with -9: the next start recovers and updates go on', async () => {
  await spine.restart();
  await progress();
});

test('supervisor, workers and PostgreSQL killed with -9 at once: the next start recovers and updates go on', async () => {
  await spine.restart(...spine.everybodyElse());
  await progress();
});

test('a reload fails no request', async () => {
  const { failures } = load;
  spine.program.signal('SIGHUP');
  await spine.program.printed(/Reloaded\./);
  await progress();
  expect(load.failures).toBe(failures);
});

test('no answer was one that a kill does not excuse, and the program stops cleanly', async () => {
  await load.stop();
  expect(load.anomalies).toEqual([]);
  expect(load.failures).toBeGreaterThan(0);
  expect(await spine.program.stop()).toBe(0);
});

test('the audit log verifies, by the command an operator uses', async () => {
  expect(await spine.verifiedAuditEntries()).toBeGreaterThanOrEqual(load.updates.length + load.reads.length);
});

test('every acknowledged update is in the history under its request, and versions have no gap', async () => {
  const db = await spine.leftDatabase();
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
  const db = await spine.leftDatabase();
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
