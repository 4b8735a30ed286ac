import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { Database } from '../../src/platform/db/database.ts';
import { startEmbedded } from '../../src/platform/db/embedded.ts';
import { migrate } from '../../src/platform/db/migrate.ts';
import { rooms } from '../../src/rooms.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** One PostgreSQL for the whole run, with a migrated template database that every test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = mkdtempSync(join(tmpdir(), 'openspine-test-'));
  const postgres = await startEmbedded({
    directory,
    settings: ['fsync=off', 'full_page_writes=off', 'shared_buffers=128MB'],
  });
  const end = async () => {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  const db = new Database({ url: postgres.url, lanes: 1, transactions: 1 });
  try {
    await migrate(db, rooms, Date.now());
  } catch (error) {
    await db.close();
    await end();
    throw error;
  }
  await db.close();
  project.provide('postgresUrl', postgres.url);
  return end;
}
