import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { testDatabaseUrl } from '../../test/support/database.ts';
import { standInCredentials, standInObjectStore } from '../../test/support/object-store.ts';
import { main } from './main.ts';

type Report = { ok: boolean; checks: { name: string; ok: boolean; says: string }[] };

const databaseUrl = await testDatabaseUrl();
let directory = '';
let port = 0;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'openspine-doctor-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  port = (server.address() as { port: number }).port;
  await new Promise((done) => server.close(done));
});

async function doctor(env: Record<string, string> = {}, ...args: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  const line = (text: string) => said.push(text);
  const all = { OPENSPINE_DATA: directory, OPENSPINE_PORT: String(port), ...env };
  const code = await main(['doctor', ...args], { out: line, err: line, env: all });
  return { code, said: said.join('\n') };
}
const check = async (name: string, env: Record<string, string>) => {
  const { code, said } = await doctor(env, '--json');
  const report = JSON.parse(said) as Report;
  expect(code).toBe(report.ok ? 0 : 1);
  return report.checks.find((one) => one.name === name);
};

test('a machine that is fit: every line says ok, the exit code is 0, and nothing was made', async () => {
  const data = join(directory, 'not-yet');
  const { code, said } = await doctor({ OPENSPINE_DATA: data });
  expect(said.split('\n').map((line) => line.slice(0, 22).trim())).toEqual([
    'ok      node',
    'ok      settings',
    'ok      data directory',
    'ok      disk',
    'ok      keys',
    'ok      port',
    'ok      database',
  ]);
  expect(code).toBe(0);
  expect(existsSync(data)).toBe(false);
});

test('a port in use', async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(port, '127.0.0.1', done));
  expect(await check('port', {})).toEqual({
    name: 'port',
    ok: false,
    says: `Port ${port} is in use; set OPENSPINE_PORT to another.`,
  });
  other.close();
});

test('a database that does not answer', async () => {
  const found = await check('database', { OPENSPINE_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
  expect(found).toMatchObject({ ok: false, says: expect.stringContaining('check OPENSPINE_DATABASE_URL') });
});

test('a database that may lose what it acknowledged, as the one of the tests is', async () => {
  const found = await check('database', { OPENSPINE_DATABASE_URL: databaseUrl });
  expect(found).toMatchObject({ ok: false, says: expect.stringMatching(/^PostgreSQL 18\.\d+ may lose what/) });
});

test('an audit key that others can read', async () => {
  const key = join(directory, 'audit-key.pem');
  writeFileSync(key, '');
  chmodSync(key, 0o644);
  expect(await check('keys', {})).toMatchObject({ ok: false, says: `${key} can be read by others; chmod 600 it.` });
  chmodSync(key, 0o600);
  expect(await check('keys', {})).toMatchObject({ ok: true });
});

test('a setting that makes no sense', async () => {
  expect(await check('settings', { OPENSPINE_WORKERS: 'many' })).toMatchObject({
    ok: false,
    says: 'OPENSPINE_WORKERS must be a whole number from 1 to 64, not "many".',
  });
});

test('an object store of payloads is asked whether it is there and takes our key', async () => {
  const store = await standInObjectStore();
  onTestFinished(() => store.close());
  const { accessKey, secretKey, region } = standInCredentials;
  const env = { OPENSPINE_MESH_S3: store.url, OPENSPINE_MESH_S3_REGION: region };
  const right = { ...env, OPENSPINE_MESH_S3_KEY: `${accessKey}:${secretKey}` };
  expect(await check('payload store', right)).toMatchObject({ ok: true, says: store.url });
  const wrong = { ...env, OPENSPINE_MESH_S3_KEY: `${accessKey}:other` };
  expect(await check('payload store', wrong)).toMatchObject({
    ok: false,
    says: expect.stringContaining('SignatureDoesNotMatch'),
  });
});
