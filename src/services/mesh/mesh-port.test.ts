import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { testDatabaseUrl } from '../../../test/support/database.ts';
import { meshToken } from '../../../test/support/mesh.ts';
import { startSpine } from '../../../test/support/spine.ts';
import { readConfig } from '../../platform/config/config.ts';
import { openSpine } from '../../spine.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-mesh-port-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const tls = (name: string) => resolve(import.meta.dirname, '../../../test/support/tls', name);

function ask(port: number, path: string, options: RequestOptions = {}): Promise<{ status: number; body: string }> {
  return new Promise((done, failed) => {
    request({ host: '127.0.0.1', port, path, servername: 'localhost', agent: false, ...options }, (response) => {
      let body = '';
      response.on('data', (piece) => (body += piece));
      response.on('end', () => done({ status: response.statusCode ?? 0, body }));
    })
      .on('error', failed)
      .end();
  });
}

test('a sandbox has MESH alone at a further port when it is asked to, by TLS, without client certificates', async () => {
  const spine = await startSpine({ OPENSPINE_MESH_PORT: '0' });
  const port = spine.spine.meshPort() as number;
  const inbox = await ask(port, '/messageexchange/ALICE/inbox', {
    rejectUnauthorized: false,
    headers: { authorization: meshToken('ALICE') },
  });
  expect(inbox).toEqual({ status: 200, body: '{"messages":[]}' });
  for (const path of ['/_ping', '/health', '/_status', '/healthcheck', '/messageexchange/_ping'])
    expect(JSON.parse((await ask(port, path, { rejectUnauthorized: false })).body).outcome, path).toBe('Yes');
  // published test suites call these at the address they were given
  for (const path of ['/admin/mailbox/ALICE', '/messageexchange/admin/mailbox/ALICE'])
    expect(JSON.parse((await ask(port, path, { rejectUnauthorized: false })).body).mailbox_name, path).toBe('TESTMB1');
  const nobody = await ask(port, '/admin/mailbox/NOBODY', { rejectUnauthorized: false });
  expect([nobody.status, JSON.parse(nobody.body).errorDescription]).toEqual([404, 'Not Found']);
  for (const path of ['/sandbox/token', '/metrics', '/oauth2/token', '/']) {
    const { status, body } = await ask(port, path, { rejectUnauthorized: false });
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

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasOpenssl)('in production only clients with a certificate of the authority get to MESH', async () => {
  const at = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const authority = (name: string) =>
    openssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.crt`),
    );
  const client = (name: string, ca: string) => {
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-subj',
      '/CN=1.x26.api.mesh-client.nhs.uk',
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
    );
    openssl(
      'x509',
      '-req',
      '-in',
      at(`${name}.csr`),
      '-CA',
      at(`${ca}.crt`),
      '-CAkey',
      at(`${ca}.key`),
      '-CAcreateserial',
      '-days',
      '2',
      '-out',
      at(`${name}.crt`),
    );
    return { cert: readFileSync(at(`${name}.crt`)), key: readFileSync(at(`${name}.key`)) };
  };
  for (const name of ['ours', 'theirs']) authority(name);
  const [known, stranger] = [client('known', 'ours'), client('stranger', 'theirs')];
  const databaseUrl = await testDatabaseUrl();
  const config = readConfig({
    OPENSPINE_MODE: 'production',
    OPENSPINE_DATA: directory,
    OPENSPINE_DATABASE_URL: databaseUrl,
    OPENSPINE_TLS_CERT: tls('localhost.crt'),
    OPENSPINE_TLS_KEY: tls('localhost.key'),
    OPENSPINE_ISSUER_BASE: 'https://spine.example',
    OPENSPINE_STATUS_KEY: 'a status key',
    OPENSPINE_MASTER_KEY: '0f'.repeat(32),
    OPENSPINE_NHS_NUMBERS: '999600000-999989999',
    OPENSPINE_MESH_SHARED_KEY: 'a key of the installation',
    OPENSPINE_MESH_PORT: '0',
    OPENSPINE_MESH_CLIENT_CA: at('ours.crt'),
    OPENSPINE_LOG_LEVEL: 'silent',
  });
  const spine = await openSpine(config, { databaseUrl });
  try {
    const main = await spine.listen({ port: 0, host: '127.0.0.1' });
    const ca = readFileSync(tls('localhost.crt'));
    const port = spine.meshPort() as number;
    expect((await ask(port, '/messageexchange/_ping', { ca, ...known })).status).toBe(200);
    await expect(ask(port, '/messageexchange/_ping', { ca, ...stranger })).rejects.toThrow();
    await expect(ask(port, '/messageexchange/_ping', { ca })).rejects.toThrow();
    // not by the other port either, and no test mailboxes
    expect((await ask(main, '/messageexchange/_ping', { ca })).status).toBe(404);
    const headers = { authorization: meshToken('X26ABC1') };
    expect((await ask(port, '/messageexchange/X26ABC1/inbox', { ca, ...known, headers })).body).toContain('EPL-151');
    for (const path of ['/messageexchange/admin/reset', '/admin/reset'])
      expect((await ask(port, path, { ca, ...known, method: 'DELETE' })).status, path).toBe(404);
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
