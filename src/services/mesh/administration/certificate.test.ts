import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { askedBy, type Client, certificateDesk, hasOpenssl } from '../../../../test/support/client-certificates.ts';
import { meshClient, meshToken } from '../../../../test/support/mesh.ts';
import { type SpineUnderTest, startSpine } from '../../../../test/support/spine.ts';
import { readConfig } from '../../../platform/config/config.ts';
import { openSpine } from '../../../spine.ts';

const desk = certificateDesk();
const inboxAt = (port: number, mailboxId: string, client: Client) =>
  askedBy(port, `/messageexchange/${mailboxId}/inbox`, { headers: { authorization: meshToken(mailboxId) }, ...client });

const administratorOf = (spine: SpineUnderTest) =>
  spine.token({
    mode: 'healthcare-worker',
    userId: '555555555512',
    scopes: ['urn:nhsd:apim:user-nhs-cis2:aal3:personal-demographics-service'],
    roles: [{ roleProfileId: '155555555512', odsCode: 'X26', roleCode: 'S8001:G8003:R8015', activities: ['B0062'] }],
  });

test.skipIf(!hasOpenssl)('a mailbox with registered certificates is called with one of them only', async () => {
  const first = desk.selfSigned('one.x26.api.mesh-client.nhs.uk');
  const second = desk.selfSigned('two.x26.api.mesh-client.nhs.uk');
  const foreign = desk.selfSigned('one.rxl01.api.mesh-client.nhs.uk');
  const authorities = desk.file([first, second, foreign].map(({ cert }) => cert).join('\n'));
  const spine = await startSpine({ OPENSPINE_MESH_PORT: '0', OPENSPINE_MESH_CLIENT_CA: authorities });
  const port = spine.spine.meshPort() as number;
  const inboxOf = (mailboxId: string, client: Client) => inboxAt(port, mailboxId, client);
  const token = await administratorOf(spine);
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
  expect(await inboxOf('X26ABC1', first)).toMatch(/^403.*certificate is not registered/);
  // of another authority: what this mailbox gave up may serve another, and be taken up again
  expect(await inboxOf('X26ABC2', first)).toMatch(/^200/);
  expect(await administer('POST', '', { pem: first.cert })).toBe(201);
  expect(await inboxOf('X26ABC1', first)).toMatch(/^200/);
});

test.skipIf(!hasOpenssl)(
  'a certificate is issued for a signing request, under a name of the organisation only; withdrawn, it opens nothing',
  async () => {
    const spine = await startSpine();
    const token = await administratorOf(spine);
    const headers = { authorization: `Bearer ${token}` };
    const issue = async (csr: string) => {
      const url = `${spine.url}/mesh/administration/mailboxes/X26ABC1/certificates/issue`;
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ csr }) });
      return { status: response.status, body: (await response.json()) as Record<string, string> };
    };
    const good = desk.signingRequest('/O=Somebody/CN=ward9.x26.api.mesh-client.nhs.uk');
    const issued = await issue(good.csr);
    expect(issued.status).toBe(201);
    const certificate = new X509Certificate(issued.body.certificate as string);
    const authority = new X509Certificate(issued.body.authority as string);
    expect([certificate.verify(authority.publicKey), certificate.checkIssued(authority), certificate.ca]).toEqual([
      true,
      true,
      false,
    ]);
    expect(certificate.subject).toBe('CN=ward9.x26.api.mesh-client.nhs.uk');
    expect(certificate.checkPrivateKey(createPrivateKey(good.key))).toBe(true);
    const shown = await fetch(`${spine.url}/mesh/administration/client-authority`, { headers });
    expect(((await shown.json()) as { certificate: string }).certificate).toBe(issued.body.authority);
    const config = readConfig({
      OPENSPINE_DATA: spine.dataDirectory,
      OPENSPINE_LOG_LEVEL: 'warn',
      OPENSPINE_MESH_PORT: '0',
      OPENSPINE_MESH_CLIENT_CA: desk.file(issued.body.authority as string),
    });
    const guarded = await openSpine(config, { databaseUrl: spine.databaseUrl });
    try {
      await guarded.listen({ port: 0, host: '127.0.0.1' });
      const port = guarded.meshPort() as number;
      const client = { cert: issued.body.certificate as string, key: good.key };
      expect(await inboxAt(port, 'X26ABC1', client)).toBe('200 {"messages":[]}');
      const list = async () => {
        const der = await (await fetch(`${spine.url}/mesh/pki/crl`)).arrayBuffer();
        return desk.openssl('crl', '-inform', 'der', '-in', desk.file(Buffer.from(der)), '-noout', '-text');
      };
      expect(await list()).toContain('No Revoked Certificates');
      const certificates = `${spine.url}/mesh/administration/mailboxes/X26ABC1/certificates`;
      const address = `${certificates}/${issued.body.fingerprint}`;
      expect((await fetch(`${address}?reason=whim`, { method: 'DELETE', headers })).status).toBe(400);
      expect((await fetch(`${address}?reason=keyCompromise`, { method: 'DELETE', headers })).status).toBe(204);
      await expect.poll(() => inboxAt(port, 'X26ABC1', client)).toMatch(/^403.*certificate was withdrawn/);
      expect(await inboxAt(port, 'X26ABC2', client)).toMatch(/^403.*certificate was withdrawn/);
      for (const path of ['/messageexchange/endpointlookup/X26/W', '/messageexchange/_ping', '/_ping'])
        expect(await askedBy(port, path, client), path).toMatch(/^403/);
      const again = await fetch(certificates, { method: 'POST', headers, body: JSON.stringify({ pem: client.cert }) });
      expect([again.status, await again.text()]).toEqual([409, expect.stringContaining('was withdrawn')]);
      // a list is kept for ten seconds
      await spine.control('clock', { advance: 'PT11S' });
      const told = await list();
      expect(told).toContain(certificate.serialNumber);
      expect(told).toContain('Key Compromise');
    } finally {
      await guarded.close();
    }
    const lines = good.csr.trim().split('\n');
    const broken = [
      ...lines.slice(0, -2),
      (lines.at(-2) as string).replace(/^(.)/, (one) => (one === 'A' ? 'B' : 'A')),
    ];
    const csrOf = (...wish: [string, ...string[]]) => desk.signingRequest(...wish).csr;
    for (const csr of [
      csrOf('/CN=ward9.rxl01.api.mesh-client.nhs.uk'),
      csrOf('/CN=ward9.x26.api.mesh-client.nhs.uk/CN=ward9.x26.api.mesh-client.nhs.uk'),
      csrOf('/CN=ward9.x26.api.mesh-client.nhs.uk', '-newkey', 'rsa:1024'),
      [...broken, lines.at(-1)].join('\n'),
      '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----',
      '',
    ])
      expect((await issue(csr)).status, csr).toBe(400);
  },
);

test.skipIf(!hasOpenssl)(
  'behind a proxy, which alone sees certificates, one that is issued shuts nobody out',
  async () => {
    const spine = await startSpine({ OPENSPINE_MESH_CLIENT_CA: 'proxy' });
    const { csr } = desk.signingRequest('/CN=ward9.x26.api.mesh-client.nhs.uk');
    const issued = await fetch(`${spine.url}/mesh/administration/mailboxes/X26ABC1/certificates/issue`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await administratorOf(spine)}` },
      body: JSON.stringify({ csr }),
    });
    expect(issued.status).toBe(201);
    expect((await meshClient(spine.url, 'X26ABC1')('/inbox')).status).toBe(200);
  },
);
