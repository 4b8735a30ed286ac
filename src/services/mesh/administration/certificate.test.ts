import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { meshToken } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { readConfig } from '../../../platform/config/config.ts';
import { openSpine } from '../../../spine.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-mesh-certificates-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

type Client = { readonly cert: string; readonly key: string };

/** A certificate that is its own authority. */
function certificate(name: string): Client {
  const at = (ending: string) => join(directory, `${name}.${ending}`);
  const wish = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
  execFileSync('openssl', ['req', ...wish, '-keyout', at('key'), '-out', at('crt')], { stdio: 'pipe' });
  return { cert: readFileSync(at('crt'), 'utf8'), key: readFileSync(at('key'), 'utf8') };
}
const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version']);
    return true;
  } catch {
    return false;
  }
})();

/** Status and body of an inbox, asked for by TLS with a client certificate. */
const inboxAt = (port: number, mailboxId: string, client: Client) =>
  new Promise<string>((done, failed) => {
    const path = `/messageexchange/${mailboxId}/inbox`;
    const headers = { authorization: meshToken(mailboxId) };
    const options = { host: '127.0.0.1', port, path, headers, agent: false, rejectUnauthorized: false, ...client };
    request(options, (response) => {
      let body = '';
      response.on('data', (piece) => (body += piece));
      response.on('end', () => done(`${response.statusCode} ${body}`));
    })
      .on('error', failed)
      .end();
  });

test.skipIf(!hasOpenssl)('a mailbox with registered certificates is called with one of them only', async () => {
  const first = certificate('one.x26.api.mesh-client.nhs.uk');
  const second = certificate('two.x26.api.mesh-client.nhs.uk');
  const foreign = certificate('one.rxl01.api.mesh-client.nhs.uk');
  const authorities = join(directory, 'authorities.pem');
  writeFileSync(authorities, [first, second, foreign].map(({ cert }) => cert).join('\n'));
  const spine = await startSpine({ OPENSPINE_MESH_PORT: '0', OPENSPINE_MESH_CLIENT_CA: authorities });
  const port = spine.spine.meshPort() as number;
  const inboxOf = (mailboxId: string, client: Client) => inboxAt(port, mailboxId, client);
  const token = await spine.token({
    mode: 'healthcare-worker',
    userId: '555555555512',
    scopes: ['urn:nhsd:apim:user-nhs-cis2:aal3:personal-demographics-service'],
    roles: [{ roleProfileId: '155555555512', odsCode: 'X26', roleCode: 'S8001:G8003:R8015', activities: ['B0062'] }],
  });
  const administer = async (method: string, path: string, body?: object) =>
    (
      await fetch(`${spine.url}/mesh/administration/mailboxes/X26ABC1/certificates${path}`, {
        method,
        headers: { authorization: `Bearer ${token}` },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
    ).status;

  expect(await inboxOf('X26ABC1', second)).toMatch(/^200/);
  expect(await administer('POST', '', { pem: 'nothing of the kind' })).toBe(400);
  expect(await administer('POST', '', { pem: foreign.cert })).toBe(400);
  expect(await administer('POST', '', { pem: first.cert })).toBe(201);
  expect(await administer('POST', '', { pem: first.cert })).toBe(409);
  expect(await inboxOf('X26ABC1', first)).toMatch(/^200/);
  expect(await inboxOf('X26ABC1', second)).toMatch(/^403.*certificate is not registered/);
  expect(await inboxOf('X26ABC2', second)).toMatch(/^200/);
  const fingerprint = new X509Certificate(first.cert).fingerprint256.replaceAll(':', '');
  expect(await administer('DELETE', `/${fingerprint}`)).toBe(204);
  expect(await administer('DELETE', `/${fingerprint}`)).toBe(404);
  expect(await inboxOf('X26ABC1', second)).toMatch(/^200/);
});

test.skipIf(!hasOpenssl)(
  'a certificate is issued for a signing request, under a name of the organisation only',
  async () => {
    const spine = await startSpine();
    const token = await spine.token({
      mode: 'healthcare-worker',
      userId: '555555555512',
      scopes: ['urn:nhsd:apim:user-nhs-cis2:aal3:personal-demographics-service'],
      roles: [{ roleProfileId: '155555555512', odsCode: 'X26', roleCode: 'S8001:G8003:R8015', activities: ['B0062'] }],
    });
    const headers = { authorization: `Bearer ${token}` };
    const csrOf = (subject: string, ...key: string[]) => {
      const wish = ['req', '-nodes', '-subj', subject, '-keyout', join(directory, 'asked.key')];
      return execFileSync('openssl', [...wish, ...key], { stdio: 'pipe' }).toString();
    };
    const issue = async (csr: string) => {
      const url = `${spine.url}/mesh/administration/mailboxes/X26ABC1/certificates/issue`;
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ csr }) });
      return { status: response.status, body: (await response.json()) as Record<string, string> };
    };
    const rsa = ['-newkey', 'rsa:2048'];
    const good = csrOf('/O=Somebody/CN=ward9.x26.api.mesh-client.nhs.uk', ...rsa);
    const issued = await issue(good);
    expect(issued.status).toBe(201);
    const certificate = new X509Certificate(issued.body.certificate as string);
    const authority = new X509Certificate(issued.body.authority as string);
    expect([certificate.verify(authority.publicKey), certificate.checkIssued(authority), certificate.ca]).toEqual([
      true,
      true,
      false,
    ]);
    expect(certificate.subject).toBe('CN=ward9.x26.api.mesh-client.nhs.uk');
    expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(join(directory, 'asked.key'))))).toBe(true);
    const shown = await fetch(`${spine.url}/mesh/administration/client-authority`, { headers });
    expect(((await shown.json()) as { certificate: string }).certificate).toBe(issued.body.authority);
    const authorities = join(directory, 'ours.pem');
    writeFileSync(authorities, issued.body.authority as string);
    const config = readConfig({
      OPENSPINE_DATA: spine.dataDirectory,
      OPENSPINE_LOG_LEVEL: 'warn',
      OPENSPINE_MESH_PORT: '0',
      OPENSPINE_MESH_CLIENT_CA: authorities,
    });
    const guarded = await openSpine(config, { databaseUrl: spine.databaseUrl });
    try {
      await guarded.listen({ port: 0, host: '127.0.0.1' });
      const client = {
        cert: issued.body.certificate as string,
        key: readFileSync(join(directory, 'asked.key'), 'utf8'),
      };
      expect(await inboxAt(guarded.meshPort() as number, 'X26ABC1', client)).toBe('200 {"messages":[]}');
    } finally {
      await guarded.close();
    }
    const lines = good.trim().split('\n');
    const broken = [
      ...lines.slice(0, -2),
      (lines.at(-2) as string).replace(/^(.)/, (one) => (one === 'A' ? 'B' : 'A')),
    ];
    for (const csr of [
      csrOf('/CN=ward9.rxl01.api.mesh-client.nhs.uk', ...rsa),
      csrOf('/CN=ward9.x26.api.mesh-client.nhs.uk/CN=ward9.x26.api.mesh-client.nhs.uk', ...rsa),
      csrOf('/CN=ward9.x26.api.mesh-client.nhs.uk', '-newkey', 'rsa:1024'),
      [...broken, lines.at(-1)].join('\n'),
      '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----',
      '',
    ])
      expect((await issue(csr)).status, csr).toBe(400);
  },
);
