import { execFile, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { cisParts, serveAttempts, staffOf } from '../../../../test/support/log-on-attempts.ts';
import { sql } from '../../../platform/db/sql.ts';
import { toPem } from './certificates.ts';
import { readOcspRequest } from './ocsp.ts';
import { openCards } from './open-cards.ts';

const parts = await cisParts();
const opened = openCards(parts, { directory: staffOf([]), endSessionsIn: async () => {} });
const { base } = await serveAttempts(
  parts,
  [],
  opened.services.flatMap(({ operations }) => operations),
);
const { cards } = opened;
const by = () => ({ actor: 'ra-manager', now: parts.clock.now() });
const directory = mkdtempSync(join(tmpdir(), 'openspine-revocation-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = (name: string, content: string | Buffer): string => {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
};

/** The tool of others that judges what we made; its tests are skipped where it is not installed. */
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
/** Everything it says; run beside us, since it asks the responder that runs in this process. */
const openssl = (...args: string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile('openssl', args, { timeout: 20_000 }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
const fetched = async (path: string): Promise<Buffer> =>
  Buffer.from(await (await fetch(`${base}${path}`)).arrayBuffer());

const holder = { userId: '555000000201', displayName: 'Dr Zoë Ünal' };
const { card, keys } = await parts.db.transaction((tx) => cards.issue(tx, holder, by()));
const kept = await parts.db.query<{ certificate: Buffer; usage: string }>(
  sql`select certificate, usage from cis.card_certificate where card_number = ${card.cardNumber} order by usage`,
);
const authentication = kept.find(({ usage }) => usage === 'authentication')?.certificate as Buffer;
const certificate = file('card.pem', toPem(authentication));
const root = file('root.pem', toPem(await fetched('/cis2/pki/root.crt')));
const issuing = file('issuing.pem', toPem(await fetched('/cis2/pki/issuing.crt')));
const chain = file('chain.pem', await fetched('/cis2/pki/chain.pem'));

/** What OpenSSL makes of the list and the responder at this moment. */
async function judged() {
  const list = file('list.pem', toPem(await fetched('/cis2/pki/crl'), 'X509 CRL'));
  const verified = await openssl(
    ...[
      'verify',
      '-attime',
      String(Math.ceil(parts.clock.now() / 1000)),
      '-x509_strict',
      '-crl_check',
      '-CRLfile',
      list,
      '-CAfile',
      root,
      '-untrusted',
      issuing,
      certificate,
    ],
  );
  const asked = ['ocsp', '-issuer', issuing, '-cert', certificate, '-CAfile', chain, '-url', `${base}/cis2/pki/ocsp`];
  return { verified, status: await openssl(...asked) };
}

test('a certificate names its holder, its card, and where its revocation is told', () => {
  const { subject, infoAccess, keyUsage, ca } = new X509Certificate(authentication);
  expect(subject).toBe(`O=OpenSpine\nCN=Dr Zoë Ünal\nUID=555000000201\nserialNumber=${card.cardNumber}`);
  expect(infoAccess).toContain(`OCSP - URI:http://localhost:`);
  expect(infoAccess).toContain('/cis2/pki/ocsp');
  expect([keyUsage, ca]).toEqual([['1.3.6.1.5.5.7.3.2'], false]);
});

test.skipIf(!hasOpenssl)('openssl opens the key file with its passcode, and with no other', async () => {
  const path = file('card.p12', keys.authentication);
  const told = await openssl('pkcs12', '-in', path, '-passin', `pass:${keys.passcode}`, '-info', '-noout');
  expect(told).toContain('MAC: sha256');
  expect(told).toMatch(/Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC/);
  expect(await openssl('pkcs12', '-in', path, '-passin', 'pass:guess-guess-gues', '-noout')).toContain(
    'invalid password',
  );
});

test.skipIf(!hasOpenssl)(
  'openssl finds the chain in order, the responder good, and a hold that is taken back',
  async () => {
    const first = await judged();
    expect(first.verified).toBe(`${certificate}: OK\n`);
    expect(first.status).toContain('Response verify OK');
    expect(first.status).toContain(`${certificate}: good`);
    expect(first.status).not.toContain('WARNING');

    await parts.db.transaction((tx) => cards.lock(tx, card.cardNumber, by()));
    // a list is kept for ten seconds
    parts.clock.moveTo(11_000);
    const held = await judged();
    expect(held.verified).toContain('certificate revoked');
    expect(held.status).toMatch(/: revoked\n[\s\S]*Reason: certificateHold/);

    await parts.db.transaction((tx) => cards.unlock(tx, card.cardNumber, by()));
    parts.clock.moveTo(22_000);
    const back = await judged();
    expect([back.verified, back.status]).toEqual([`${certificate}: OK\n`, expect.stringContaining(': good')]);
  },
);

test.skipIf(!hasOpenssl)('openssl finds a cancelled card revoked, with its reason', async () => {
  await parts.db.transaction((tx) => cards.cancel(tx, card.cardNumber, 'keyCompromise', by()));
  parts.clock.moveTo(33_000);
  const { verified, status } = await judged();
  expect(verified).toContain('certificate revoked');
  expect(status).toMatch(/: revoked\n[\s\S]*Reason: keyCompromise/);
  const list = await openssl('crl', '-in', join(directory, 'list.pem'), '-noout', '-text', '-CAfile', chain);
  expect(list).toContain('verify OK');
  expect(list).toContain('Key Compromise');
  expect(list.match(/Serial Number/g)?.length).toBe(2);
});

test.skipIf(!hasOpenssl)('a serial number nobody has is unknown, and so is one asked of another issuer', async () => {
  const asked = ['-CAfile', chain, '-url', `${base}/cis2/pki/ocsp`];
  expect(
    await openssl('ocsp', '-issuer', issuing, '-serial', '0x4100000000000000000000000000000a', ...asked),
  ).toContain(': unknown');
  expect(await openssl('ocsp', '-issuer', root, '-cert', certificate, ...asked)).toContain(': unknown');
});

test.skipIf(!hasOpenssl)('the responder answers GET as it does POST, and echoes the nonce', async () => {
  const path = join(directory, 'request.der');
  await openssl('ocsp', '-issuer', issuing, '-cert', certificate, '-nonce', '-reqout', path);
  const request = readFileSync(path);
  const address = `${base}/cis2/pki/ocsp`;
  const posted = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/ocsp-request' },
    body: request,
  });
  expect([posted.status, posted.headers.get('content-type')]).toEqual([200, 'application/ocsp-response']);
  const got = await fetch(`${address}/${encodeURIComponent(request.toString('base64'))}`);
  const answer = file('answer.der', Buffer.from(await got.arrayBuffer()));
  const told = await openssl('ocsp', '-respin', answer, '-reqin', path, '-CAfile', chain, '-text');
  expect(told).toContain('Response verify OK');
  expect(told.match(/OCSP Nonce/g)?.length).toBe(2);
  expect(told).not.toContain('WARNING');
});

test('what is no OCSP request is answered as malformed, whatever it is', async () => {
  const malformed = Buffer.from('30030a0101', 'hex');
  for (const body of [Buffer.alloc(0), Buffer.from('nonsense'), Buffer.from('3003020100', 'hex')]) {
    const answer = await fetch(`${base}/cis2/pki/ocsp`, { method: 'POST', body });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(malformed);
  }
  expect(Buffer.from(await (await fetch(`${base}/cis2/pki/ocsp/%00-nonsense`)).arrayBuffer())).toEqual(malformed);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(readOcspRequest(Buffer.from(bytes))).toBeUndefined();
    }),
  );
});
