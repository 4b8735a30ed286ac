import { expect, test } from 'vitest';
import { Database } from '../../src/platform/db/database.ts';
import { findEmbedded } from '../../src/platform/db/embedded.ts';
import { raw, sql } from '../../src/platform/db/sql.ts';
import { meshClient } from '../support/mesh.ts';
import { dataDirectory, runOpenspine } from '../support/program.ts';

test('a message sent to a patient’s details leaves them nowhere: not in the log, nor in any table', {
  timeout: 120_000,
}, async () => {
  const directory = dataDirectory();
  const program = runOpenspine(['start'], directory, {
    OPENSPINE_ACCESS_LOG: 'on',
    OPENSPINE_LOG_LEVEL: 'trace',
    OPENSPINE_DEMO_PATIENTS: '10',
    OPENSPINE_PORT: '0',
    OPENSPINE_CARD_PORT: 'off',
    OPENSPINE_MESH_REPORTS: 'on',
  });
  const sender = meshClient(await program.url, 'X26ABC1');
  const send = async (to: string) => {
    const headers = { 'mex-to': to, 'mex-workflowid': 'TOC_FHIR_IP_DISCH', 'mex-localid': 'to a patient' };
    const sent = await sender('/outbox', { method: 'POST', body: 'x', headers });
    expect([to, sent.status]).toEqual([to, 202]);
    return sent.body.messageID as string;
  };
  const names = ['Unheardofname', 'SMITH'];
  const ids: string[] = [];
  for (const name of names) ids.push(await send(`GPPROVIDER_9000000009_20101022_${name}`));
  for (const id of ids) {
    expect((await sender(`/outbox/tracking?messageID=${id}`)).status).toBe(200);
    await sender(`/inbox/${id}`, { method: 'HEAD' });
  }
  await sender('/outbox/rich');

  const db = new Database({ url: findEmbedded(directory)?.url as string });
  const tables = await db.query<{ name: string }>(sql`
    select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`);
  expect(tables.length).toBeGreaterThan(40);
  const holding: string[] = [];
  for (const { name } of tables) {
    const found = await db.query(
      sql`select 1 from ${raw(name)} t where t::text ~* 'gpprovider_9|unheardofname' limit 1`,
    );
    if (found.length > 0) holding.push(name);
  }
  const written = await db.query(sql`select 1 from mesh.message where message_id = any(${ids}::text[])`);
  await db.close();
  await program.stop();
  expect(holding).toEqual([]);
  expect(written).toHaveLength(2);
  expect(program.output()).toContain('"operation":"mesh.send"');
  expect(program.output()).not.toMatch(/gpprovider_9|unheardofname/i);
});
