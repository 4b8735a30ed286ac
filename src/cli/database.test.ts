import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testDatabaseUrl } from '../../test/support/database.ts';
import { findEmbedded } from '../platform/db/embedded.ts';
import { serverFacts } from '../platform/db/server-facts.ts';
import { takeInstanceLock } from '../process/instance-lock.ts';
import { openDatabaseForCli } from './database.ts';

const given = await testDatabaseUrl();

function dataDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'openspine-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test('the embedded database is started for the first command, joined by the second, stopped by the first', async () => {
  const directory = dataDirectory();
  const first = await openDatabaseForCli({ OPENSPINE_DATA: directory });
  const running = findEmbedded(directory);
  expect(running).toBeDefined();
  const second = await openDatabaseForCli({ OPENSPINE_DATA: directory });
  expect(findEmbedded(directory)).toEqual(running);
  expect((await serverFacts(second.db)).isDurable).toBe(true);
  await second.close();
  expect(findEmbedded(directory)).toEqual(running);
  await first.close();
  expect(findEmbedded(directory)).toBeUndefined();
  takeInstanceLock(directory).release();
});

test('a directory that another instance holds is left alone', async () => {
  const directory = dataDirectory();
  const lock = takeInstanceLock(directory);
  await expect(openDatabaseForCli({ OPENSPINE_DATA: directory })).rejects.toThrow(/already runs on/);
  expect(findEmbedded(directory)).toBeUndefined();
  lock.release();
});

test('a given database is used as it is', async () => {
  const directory = dataDirectory();
  const { db, close } = await openDatabaseForCli({
    OPENSPINE_DATA: directory,
    OPENSPINE_DATABASE_URL: given,
  });
  expect((await serverFacts(db)).version).toBeGreaterThan(150_000);
  await close();
  expect(findEmbedded(directory)).toBeUndefined();
});
