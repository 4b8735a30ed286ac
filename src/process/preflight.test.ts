import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { startEmbedded } from '../platform/db/embedded.ts';
import { checkDataDirectory, checkDisk, checkPort, freeBytes, leastFreeBytes, portSentence } from './preflight.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'openspine-preflight-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
});

const listening = (server: Server) =>
  new Promise<number>((done) => server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port)));

test('a data directory is made, with those above it', () => {
  const deep = join(directory, 'a', 'b');
  checkDataDirectory(deep);
  expect(readdirSync(join(directory, 'a'))).toEqual(['b']);
});

test('a file where the data directory should be is refused in one sentence', () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  expect(() => checkDataDirectory(file)).toThrow(
    `The data directory ${file} cannot be used: it is not a directory; give another with OPENSPINE_DATA.`,
  );
  expect(() => checkDataDirectory(join(file, 'below'))).toThrow(/cannot be used: it is not a directory; give another/);
});

test('a disk with too little room is refused, and says how much is needed', () => {
  checkDisk([directory], () => leastFreeBytes);
  expect(() => checkDisk([directory], () => leastFreeBytes - 1)).toThrow(
    `The disk of ${directory} has only 199 MB left; free at least 200 MB and start again.`,
  );
});

test('free room is measured for a path that is yet to be made', () => {
  expect(freeBytes(join(directory, 'not', 'yet'))).toBeGreaterThan(0);
});

test('a free port is found free and stays free', async () => {
  const port = await checkPort(0, '127.0.0.1');
  expect(port).toBeGreaterThan(0);
  expect(await checkPort(port, '127.0.0.1')).toBe(port);
});

test('a port in use is refused, even one that others may share', async () => {
  const server = createServer();
  const port = await listening(server);
  await expect(checkPort(port, '127.0.0.1')).rejects.toThrow(`Port ${port} is in use; set OPENSPINE_PORT to another.`);
  server.close();
  const shared = createServer();
  await new Promise<void>((done) => shared.listen({ port: 0, host: '127.0.0.1', reusePort: true }, done));
  const { port: sharedPort } = shared.address() as { port: number };
  await expect(checkPort(sharedPort, '127.0.0.1')).rejects.toThrow(/is in use/);
  shared.close();
});

test('a port that is about to be let go of is waited for', async () => {
  const server = createServer();
  const port = await listening(server);
  setTimeout(() => server.close(), 300);
  expect(await checkPort(port, '127.0.0.1', 5000)).toBe(port);
});

test('each reason why nothing can listen has its own advice', () => {
  const said = (code: string) => portSentence(80, '10.9.9.9', Object.assign(new Error('odd'), { code }));
  expect(said('EACCES')).toContain('OPENSPINE_PORT above 1023');
  expect(said('EADDRNOTAVAIL')).toContain('set OPENSPINE_HOST');
  expect(said('EOTHER')).toBe('Nothing can listen on 10.9.9.9 port 80: odd.');
});

test('a damaged database directory is refused and left as it is', async () => {
  mkdirSync(join(directory, 'pgdata', 'base'), { recursive: true });
  await expect(startEmbedded({ directory })).rejects.toThrow(/is not a whole PostgreSQL data directory/);
  expect(readdirSync(join(directory, 'pgdata'))).toEqual(['base']);
});
