import { mkdtempSync, rmSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { certificateDesk, hasOpenssl } from '../../../test/support/client-certificates.ts';
import { testDatabaseUrl } from '../../../test/support/database.ts';
import { meshToken } from '../../../test/support/mesh.ts';
import { askByTls, productionEnv } from '../../../test/support/production.ts';
import { startSpine } from '../../../test/support/spine.ts';
import { readConfig } from '../../platform/config/config.ts';
import { openSpine } from '../../spine.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-mesh-port-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Of a sandbox, whose certificate is made for the moment. */
const ask = (port: number, path: string, options: RequestOptions = {}) =>
  askByTls(port, path, { rejectUnauthorized: false, ...options });

test('a sandbox has MESH alone at a further port when it is asked to, by TLS, without client certificates', async () => {
  const spine = await startSpine({ OPENSPINE_MESH_PORT: '0' });
  const port = spine.spine.meshPort() as number;
  const inbox = await ask(port, '/messageexchange/ALICE/inbox', {
    headers: { authorization: meshToken('ALICE') },
  });
  expect(inbox).toMatchObject({ status: 200, body: '{"messages":[]}' });
  for (const path of ['/_ping', '/health', '/_status', '/healthcheck', '/messageexchange/_ping'])
    expect(JSON.parse((await ask(port, path)).body).outcome, path).toBe('Yes');
  // published test suites call these at the address they were given
  for (const path of ['/admin/mailbox/ALICE', '/messageexchange/admin/mailbox/ALICE'])
    expect(JSON.parse((await ask(port, path)).body).mailbox_name, path).toBe('TESTMB1');
  const nobody = await ask(port, '/admin/mailbox/NOBODY');
  expect([nobody.status, JSON.parse(nobody.body).errorDescription]).toEqual([404, 'Not Found']);
  for (const path of ['/sandbox/token', '/metrics', '/oauth2/token', '/']) {
    const { status, body } = await ask(port, path);
    expect([status, JSON.parse(body).errorDescription], path).toEqual([404, 'Not Found']);
  }
});

test('what is no HTTP at all is refused at the port of MESH as MESH does', async () => {
  const spine = await startSpine({ OPENSPINE_MESH_PORT: '0' });
  const socket = connect({ port: spine.spine.meshPort() as number, host: '127.0.0.1', rejectUnauthorized: false });
  socket.end('GET /messageexchange/ALICE/inbox HTTP/1.1\r\nhost: x\r\nmex-to: a\u0001b\r\n\r\n');
  let answer = '';
  for await (const piece of socket) answer += piece;
  const [head, body] = answer.split('\r\n\r\n') as [string, string];
  expect(head).toMatch(/^HTTP\/1\.1 400 /);
  expect(JSON.parse(body).message).toBe('An internal error occurred.\n\nPlease contact support.');
});

test.skipIf(!hasOpenssl)('in production only clients with a certificate of the authority get to MESH', async () => {
  const desk = certificateDesk();
  const [ours, theirs] = [desk.selfSigned('ours'), desk.selfSigned('theirs')];
  const [known, stranger] = [ours, theirs].map((one) => desk.issuedBy(one, '/CN=1.x26.api.mesh-client.nhs.uk'));
  const databaseUrl = await testDatabaseUrl();
  const config = readConfig({
    ...productionEnv(directory, databaseUrl),
    OPENSPINE_MESH_PORT: '0',
    OPENSPINE_MESH_CLIENT_CA: desk.file(ours.cert),
  });
  const spine = await openSpine(config, { databaseUrl });
  try {
    const main = await spine.listen({ port: 0, host: '127.0.0.1' });
    const port = spine.meshPort() as number;
    expect((await askByTls(port, '/messageexchange/_ping', known)).status).toBe(200);
    await expect(askByTls(port, '/messageexchange/_ping', stranger)).rejects.toThrow();
    await expect(askByTls(port, '/messageexchange/_ping')).rejects.toThrow();
    // not by the other port either, and no test mailboxes
    expect((await askByTls(main, '/messageexchange/_ping')).status).toBe(404);
    const headers = { authorization: meshToken('X26ABC1') };
    expect((await askByTls(port, '/messageexchange/X26ABC1/inbox', { ...known, headers })).body).toContain('EPL-151');
    for (const path of ['/messageexchange/admin/reset', '/admin/reset'])
      expect((await askByTls(port, path, { ...known, method: 'DELETE' })).status, path).toBe(404);
  } finally {
    await spine.close();
  }
});

test('production refuses to start without a key and a say on client certificates', () => {
  expect(() => readConfig({ OPENSPINE_MODE: 'production', OPENSPINE_MESH_CLIENT_CA: '/some/ca.pem' })).toThrow(
    /OPENSPINE_MESH_SHARED_KEY, OPENSPINE_MESH_PORT\.$/,
  );
  expect(() => readConfig({ OPENSPINE_MESH_WORKFLOWS: 'maybe' })).toThrow(
    'OPENSPINE_MESH_WORKFLOWS must be free or enforce, not "maybe".',
  );
});
