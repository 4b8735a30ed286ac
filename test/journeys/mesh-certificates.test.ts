import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { readConfig } from '../../src/platform/config/config.ts';
import { openSpine } from '../../src/spine.ts';
import { type Client, certificateDesk, hasOpenssl } from '../support/client-certificates.ts';
import { heard } from '../support/command.ts';
import { testDatabaseUrl } from '../support/database.ts';
import { askByTls, localhost, productionEnv } from '../support/production.ts';

/*
 * An operator sets up a live MESH from a shell, with certificates of its own authority; a laboratory and a practice exchange
 * results over it; then the laboratory's key gets into wrong hands.
 */
const root = mkdtempSync(join(tmpdir(), 'openspine-mesh-tls-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const soon = { timeout: 5000 };

describe.skipIf(!hasOpenssl)('a live MESH with certificates', async () => {
  const desk = certificateDesk();
  const databaseUrl = await testDatabaseUrl();
  const authorityFile = join(root, 'clients.pem');
  const operator = {
    ...productionEnv(join(root, 'data'), databaseUrl),
    OPENSPINE_MESH_PORT: '0',
    OPENSPINE_MESH_CLIENT_CA: authorityFile,
  };

  async function openspine(env: Record<string, string>, ...args: string[]) {
    const { code, out, err } = await heard(main, env, args);
    return { code, said: out.join('\n'), complained: err.join('\n') };
  }
  const mailbox = async (...args: string[]) => {
    const { code, said, complained } = await openspine(operator, 'mailbox', ...args);
    expect(code, complained).toBe(0);
    return said;
  };
  const passwords: Record<string, string> = {};
  let port = 0;
  /** `openspine mesh` as somebody's client does it: the mailbox, the certificate it shows, a verb and its options. */
  const mesh = (mailboxId: string, client: Client | undefined, ...args: string[]) =>
    openspine(
      {
        MESH_URL: `https://localhost:${port}`,
        MESH_MAILBOX: mailboxId,
        MESH_PASSWORD: passwords[mailboxId] as string,
        MESH_SHARED_KEY: operator.OPENSPINE_MESH_SHARED_KEY,
        MESH_CA: localhost.cert,
        ...(client && { MESH_CERT: desk.file(client.cert), MESH_KEY: desk.file(client.key) }),
      },
      'mesh',
      ...args,
    );
  const issued = async (mailboxId: string, name: string): Promise<Client> => {
    const { csr, key } = desk.signingRequest(`/CN=${name}.api.mesh-client.nhs.uk`);
    return { cert: await mailbox('certificate', 'issue', mailboxId, desk.file(csr)), key };
  };
  const results = join(root, 'results.csv');
  writeFileSync(results, 'result,12.5\n');
  const send = (client: Client | undefined) =>
    mesh('LAB01', client, 'send', results, '--to', 'GP01', '--workflow', 'RESULTS', '--json', '--tries', '1');

  writeFileSync(authorityFile, await mailbox('certificate', 'authority'));
  for (const [id, ods, role] of [
    ['LAB01', 'RR8', 'sender'],
    ['GP01', 'A20047', 'receiver'],
  ] as const) {
    passwords[id] = JSON.parse(await mailbox('create', id, '--ods', ods, '--json')).password;
    await mailbox('workflow', id, 'RESULTS', '--role', role);
  }
  const laboratory = await issued('LAB01', 'lab.rr8');
  const practice = await issued('GP01', 'gp.a20047');
  const spine = await openSpine(readConfig(operator), { databaseUrl });
  const mainPort = await spine.listen({ port: 0, host: '127.0.0.1' });
  port = spine.meshPort() as number;
  afterAll(() => spine.close());

  test('what the laboratory sends, the practice sees, fetches and acknowledges', async () => {
    const right = await mesh('LAB01', laboratory, 'check');
    expect(right.complained).toBe('');
    expect(right.said).toMatch(/lets LAB01 in.*\nThe certificate lab\.rr8\.api\.mesh-client\.nhs\.uk holds until/);
    const { messageId } = JSON.parse((await send(laboratory)).said);
    const listed = await mesh('GP01', practice, 'list', '--long');
    expect(listed.said).toBe(`${messageId}  RESULTS  LAB01  12 bytes  results.csv`);
    const received = join(root, 'received');
    expect(await mesh('GP01', practice, 'fetch', received)).toMatchObject({ code: 0, complained: '' });
    expect(readFileSync(join(received, `${messageId}.dat`), 'utf8')).toBe('result,12.5\n');
    expect((await mesh('GP01', practice, 'list')).said).toBe('');
    expect((await mesh('LAB01', laboratory, 'track', messageId)).said).toMatch(/: acknowledged\n {2}to GP01, RESULTS/);
  });

  test('with the certificate of another mailbox nobody sends or fetches', async () => {
    const refused = /403 Client certificate is not registered for the mailbox/;
    expect(await send(practice)).toMatchObject({ code: 1, complained: expect.stringMatching(refused) });
    const fetched = await mesh('GP01', laboratory, 'fetch', join(root, 'stolen'));
    expect(fetched).toMatchObject({ code: 1, complained: expect.stringMatching(refused) });
    expect(readdirSync(join(root, 'stolen'))).toEqual([]);
    const checked = await mesh('LAB01', practice, 'check');
    expect(checked).toMatchObject({ code: 1, complained: expect.stringMatching(/Look at --cert: the mailbox LAB01/) });
  });

  test('with a certificate of a foreign authority, or none, nobody gets as far as MESH', async () => {
    for (const client of [desk.selfSigned('lab.rr8.api.mesh-client.nhs.uk'), undefined]) {
      expect((await send(client)).code).toBeGreaterThan(0);
      const checked = await mesh('LAB01', client, 'check');
      expect(checked).toMatchObject({ code: 1, said: '', complained: expect.stringMatching(/Look at --cert/) });
    }
    expect((await mesh('GP01', practice, 'list')).said).toBe('');
  });

  test('a certificate that is withdrawn opens nothing any more, and everybody can learn of it', async () => {
    const stolen = new X509Certificate(laboratory.cert);
    await mailbox('certificate', 'withdraw', 'LAB01', stolen.fingerprint256, '--reason', 'keyCompromise');
    const withdrawn = /403 Client certificate was withdrawn/;
    await expect.poll(async () => (await send(laboratory)).complained, soon).toMatch(withdrawn);
    expect((await mesh('GP01', laboratory, 'list')).complained).toMatch(withdrawn);
    expect((await mesh('LAB01', laboratory, 'check')).complained).toMatch(/registered for it and was not withdrawn/);
    expect((await mesh('GP01', practice, 'check')).code).toBe(0);

    const { bytes: list } = await askByTls(mainPort, '/mesh/pki/crl');
    const crl = desk.file(desk.openssl('crl', '-inform', 'der', '-in', desk.file(list)));
    const judged = ({ cert }: Client) => {
      const wish = ['-x509_strict', '-crl_check', '-CRLfile', crl, '-CAfile', authorityFile, desk.file(cert)];
      try {
        return desk.openssl('verify', ...wish);
      } catch (error) {
        return String((error as { stderr: Buffer }).stderr);
      }
    };
    expect(judged(practice)).toMatch(/: OK$/m);
    expect(judged(laboratory)).toMatch(/certificate revoked/);
    expect(desk.openssl('x509', '-in', desk.file(laboratory.cert), '-noout', '-text')).toContain(
      'URI:https://spine.example/mesh/pki/crl',
    );
  });

  test('the laboratory goes on with another', async () => {
    const fresh = await issued('LAB01', 'lab.rr8');
    await expect.poll(async () => (await send(fresh)).code, soon).toBe(0);
    expect((await mesh('GP01', practice, 'list', '--long')).said).toMatch(/RESULTS {2}LAB01/);
    expect((await send(laboratory)).code).toBe(1);
  });
});
