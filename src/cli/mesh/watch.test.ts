import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { foreignMesh } from '../../../test/support/foreign-mesh.ts';
import { command } from '../mesh.ts';
import { progressOn } from './progress.ts';

const root = mkdtempSync(join(tmpdir(), 'openspine-watch-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const fresh = () => mkdtempSync(join(root, 'd-'));

function begin(url: string, args: string[], more: Record<string, string> = {}) {
  const said: string[] = [];
  const complained: string[] = [];
  const env = {
    MESH_URL: url,
    MESH_MAILBOX: 'X26ABC2',
    MESH_PASSWORD: 'password',
    MESH_SHARED_KEY: 'TestKey',
    ...more,
  };
  const io = { out: (line: string) => said.push(line), err: (line: string) => complained.push(line), env };
  return { said, complained, ended: command.run(args, io) };
}

/** Ends what watches in this process, as a service manager would. */
const stop = () => process.emit('SIGTERM');

test('watch fetches what comes by waiting, where MESH offers it, and ends when told', async () => {
  const there = await foreignMesh({ offers: 'inbox-wait' });
  const directory = fresh();
  const { said, ended } = begin(there.url, ['watch', directory, '--every', '3600']);
  onTestFinished(() => void stop());
  await expect.poll(() => there.asked.filter((line) => line.includes('wait=')).length).toBe(1);
  for (let n = 1; n <= 3; n++) {
    there.put('X26ABC2', { 'mex-workflowid': 'W' }, [Buffer.from(`${n}`)]);
    await expect.poll(() => said.length, { timeout: 10_000 }).toBe(n);
  }
  stop();
  expect(await ended).toBe(0);
  expect(there.messages.every(({ status }) => status === 'acknowledged')).toBe(true);
  expect(readdirSync(directory)).toHaveLength(6);
});

test('watch looks again at its times where MESH offers no waiting, over trouble of all kinds', async () => {
  const there = await foreignMesh();
  const { said, complained, ended } = begin(there.url, ['watch', fresh(), '--every', '1', '--tries', '1']);
  onTestFinished(() => void stop());
  there.next(/inbox/, {
    status: 403,
    body: '{"detail":[{"event":"","code":"","msg":"Request Received from Inactive Mailbox"}]}',
  });
  there.next(/inbox/, 'cut-before');
  await expect.poll(() => complained.join('\n'), { timeout: 10_000 }).toMatch(/Inactive Mailbox.*\n.*cut/);
  there.put('X26ABC2', { 'mex-workflowid': 'W' }, [Buffer.from('late')]);
  await expect.poll(() => said.length, { timeout: 10_000 }).toBe(1);
  stop();
  expect(await ended).toBe(0);
});

test('a directory that is away for a while is told of, and nothing is acknowledged until it is back', async () => {
  const there = await foreignMesh();
  const directory = fresh();
  const { said, complained, ended } = begin(there.url, ['watch', directory, '--every', '1']);
  onTestFinished(() => void stop());
  await expect.poll(() => there.asked.length).toBeGreaterThan(1);
  rmSync(directory, { recursive: true });
  there.put('X26ABC2', { 'mex-workflowid': 'W' }, [Buffer.from('x')]);
  await expect.poll(() => complained.join('\n'), { timeout: 10_000 }).toMatch(/ENOENT.*looking again/);
  expect(there.messages.map(({ status }) => status)).toEqual(['accepted']);
  mkdirSync(directory);
  await expect.poll(() => said.length, { timeout: 10_000 }).toBe(1);
  stop();
  expect(await ended).toBe(0);
});

test('a message that cannot be fetched does not make it ask without pause', async () => {
  const there = await foreignMesh({ offers: 'inbox-wait' });
  there.put('X26ABC2', { 'mex-content-checksum': `SHA-256:${'0'.repeat(64)}` }, [Buffer.from('x')]);
  const { complained, ended } = begin(there.url, ['watch', fresh(), '--every', '3600']);
  onTestFinished(() => void stop());
  await expect.poll(() => complained.join(), { timeout: 10_000 }).toMatch(/checksum/);
  stop();
  expect(await ended).toBe(0);
  expect(there.asked.filter((line) => line.includes('wait='))).toEqual([]);
});

const tlsFile = (name: string) => fileURLToPath(new URL(`../../../test/support/tls/${name}`, import.meta.url));
const [cert, key] = [tlsFile('localhost.crt'), tlsFile('localhost.key')];
const own = { cert: readFileSync(cert), key: readFileSync(key) };

test('both sides prove themselves by certificate; who is not believed is told so at once', async () => {
  const there = await foreignMesh({ tls: { ...own, ca: own.cert, requestCert: true, rejectUnauthorized: true } });
  const run = async (more: Record<string, string>) => {
    const { complained, ended } = begin(there.url, ['fetch', fresh()], more);
    return { code: await ended, complained: complained.join('\n') };
  };
  const unknown = await run({ MESH_CERT: cert, MESH_KEY: key });
  expect(unknown).toMatchObject({ code: 1, complained: expect.stringMatching(/cannot be believed to be MESH/) });
  const unproven = await run({ MESH_CA: cert });
  expect(unproven).toMatchObject({ code: 1, complained: expect.stringMatching(/does not take our certificate/) });
  expect(there.asked).toEqual([]);
  expect(await run({ MESH_CA: cert, MESH_CERT: cert, MESH_KEY: key })).toEqual({ code: 0, complained: '' });
  const wrongKey = join(fresh(), 'wrong.key');
  writeFileSync(wrongKey, 'not a key');
  expect(await run({ MESH_CA: cert, MESH_CERT: cert, MESH_KEY: wrongKey })).toMatchObject({ code: 2 });
});

test('progress is a bar that is redrawn on a terminal, and a line for each tenth elsewhere', () => {
  const drawn: string[] = [];
  const lines: string[] = [];
  const plain = { out: () => {}, err: (line: string) => lines.push(line), env: {} };
  const onTerminal = progressOn({ ...plain, terminal: { write: (text) => drawn.push(text) } }, 'a.bin', 100, false);
  onTerminal.at(50);
  onTerminal.done();
  expect(drawn[0]).toContain('\r');
  expect(drawn[0]).toContain('a.bin  [###############...............]  50%');
  expect(drawn.at(-1)).toBe('\n');
  const elsewhere = progressOn(plain, 'a.bin', 100_000_000, false);
  for (let at = 0; at <= 100_000_000; at += 1_000_000) elsewhere.at(at);
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe('a.bin: 10% of 100.0 MB');
  progressOn(plain, 'a.bin', 100_000_000, true).at(100_000_000);
  expect(lines).toHaveLength(10);
});
