import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, inject } from 'vitest';
import { Database } from '../../src/platform/db/database.ts';

/** The connection string of a fresh copy of the migrated template; dropped when the test file is done. */
export async function testDatabaseUrl(): Promise<string> {
  const template = inject('postgresUrl');
  const name = `t_${randomBytes(6).toString('hex')}`;
  const admin = new pg.Client({ connectionString: template.replace('/openspine?', '/postgres?') });
  await admin.connect();
  await admin.query(`create database ${name} template openspine`);
  afterAll(async () => {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  });
  return template.replace('/openspine?', `/${name}?`);
}

/** A migrated database of the test file's own. */
export async function testDatabase(): Promise<Database> {
  const db = new Database({ url: await testDatabaseUrl() });
  afterAll(() => db.close());
  return db;
}
