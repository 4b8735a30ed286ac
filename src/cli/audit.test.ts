import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testDatabaseUrl } from '../../test/support/database.ts';
import { AuditLog } from '../platform/audit/audit-log.ts';
import type { AuditNote } from '../platform/audit/entry.ts';
import { sealerIn } from '../platform/audit/seal.ts';
import { Clock } from '../platform/clock/clock.ts';
import { Database } from '../platform/db/database.ts';
import { sql } from '../platform/db/sql.ts';
import { main } from './main.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-audit-command-'));
const url = await testDatabaseUrl();
const db = new Database({ url });
afterAll(async () => {
  await db.close();
  rmSync(directory, { recursive: true, force: true });
});

const note = (requestId: string): AuditNote => ({
  nhsNumber: '9000000009',
  at: 1_760_000_000_000,
  operation: 'pds.retrieve-patient',
  outcome: 'allowed',
  status: 200,
  mode: 'healthcare-worker',
  appId: 'app',
  odsCode: 'RR8',
  userId: 'u',
  roleId: 'r',
  purpose: '',
  requestId,
});

async function verify(...args: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const line = (text: string) => said.push(text);
  const env = { OPENSPINE_DATA: directory, OPENSPINE_DATABASE_URL: url };
  const code = await main(['audit', ...args], { out: line, err: line, env });
  return { code, said: said.join('\n') };
}

test('a whole log: what there is, and 0', async () => {
  const audit = new AuditLog(db, new Clock(), sealerIn(directory));
  for (const id of ['one', 'two', 'three']) await audit.record([note(id)]);
  await audit.close();
  expect(await verify('verify')).toEqual({
    code: 0,
    said: '3 entries in 1 chains, 1 seals, 0 entries not sealed yet\nThe audit log is whole.',
  });
});

test('a log with an entry changed: where, and 1', async () => {
  await db.query(sql`update audit.entry set user_id = 'somebody else' where request_id = 'two'`);
  const { code, said } = await verify('verify');
  expect(code).toBe(1);
  expect(said).toMatch(/^chain \S+ at 2: the entry or one before it was changed$/m);
  const json = await verify('verify', '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.said)).toMatchObject({ entries: 3, findings: [{ seq: 2 }] });
});

test.for([[], ['check'], ['verify', 'twice']])('called wrongly: %j', async (args) => {
  expect((await verify(...args)).code).toBe(2);
});
