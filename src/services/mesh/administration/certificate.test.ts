import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { meshToken } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';

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

test.skipIf(!hasOpenssl)('a mailbox with registered certificates is called with one of them only', async () => {
  const first = certificate('one.x26.api.mesh-client.nhs.uk');
  const second = certificate('two.x26.api.mesh-client.nhs.uk');
  const foreign = certificate('one.rxl01.api.mesh-client.nhs.uk');
  const authorities = join(directory, 'authorities.pem');
  writeFileSync(authorities, [first, second, foreign].map(({ cert }) => cert).join('\n'));
  const spine = await startSpine({ OPENSPINE_MESH_PORT: '0', OPENSPINE_MESH_CLIENT_CA: authorities });
  const port = spine.spine.meshPort() as number;
  const inboxOf = (mailboxId: string, client: Client) =>
    new Promise<string>((done, failed) => {
      request(
        {
          host: '127.0.0.1',
          port,
          path: `/messageexchange/${mailboxId}/inbox`,
          headers: { authorization: meshToken(mailboxId) },
          agent: false,
          rejectUnauthorized: false,
          ...client,
        },
        (response) => {
          let body = '';
          response.on('data', (piece) => (body += piece));
          response.on('end', () => done(`${response.statusCode} ${body}`));
        },
      )
        .on('error', failed)
        .end();
    });
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
