import { createPublicKey, verify } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { discovered, registered, tokensOf } from '../../../../../test/support/relying-party.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { Clock } from '../../../../platform/clock/clock.ts';
import { Database } from '../../../../platform/db/database.ts';
import { openVault } from '../../../../platform/identity/vault.ts';
import { SigningKeys } from './signing-keys.ts';

const spine = await startSpine();
const db = new Database({ url: spine.databaseUrl, lanes: 1, transactions: 1 });
afterAll(() => db.close());
const config = await discovered(spine, 'cis2', await registered(spine));

type Jwks = { keys: ({ kid: string } & import('node:crypto').webcrypto.JsonWebKey)[] };
const published = async () => (await (await fetch(`${spine.url}/cis2/jwks`)).json()) as Jwks;
const isSignedBy = (jwt: string, { keys }: Jwks): boolean => {
  const [header = '', payload, signature = ''] = jwt.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  const jwk = keys.find((one) => one.kid === kid);
  if (!jwk) return false;
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'));
};
const idToken = async () => (await tokensOf(config, { username: '656005750104' })).tokens.id_token as string;
const kidOf = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[0] as string, 'base64url').toString()).kid as string;

test('keys are published without anything private', async () => {
  for (const key of (await published()).keys)
    expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
});

test('a key made in another process signs within seconds; the former is published for a day more', async () => {
  const before = await idToken();
  const elsewhere = new SigningKeys(db, new Clock(), openVault(spine.dataDirectory, undefined));
  const kid = await elsewhere.rotate('cis2');
  let after = await idToken();
  for (let i = 0; i < 100 && kidOf(after) !== kid; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    after = await idToken();
  }
  expect(kidOf(after)).toBe(kid);
  const keys = await published();
  expect(keys.keys).toHaveLength(2);
  expect([isSignedBy(before, keys), isSignedBy(after, keys)]).toEqual([true, true]);
  await spine.control('clock', { advance: 'P1DT1M' });
  for (let i = 0; i < 100 && (await published()).keys.length > 1; i++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const later = await published();
  expect([isSignedBy(before, later), isSignedBy(after, later)]).toEqual([false, true]);
});

test('keys sealed under another master key are passed over, and new ones made', async () => {
  const other = new SigningKeys(db, new Clock(), openVault(spine.dataDirectory, 'ab'.repeat(32)));
  const ring = await other.ring('nhs-login');
  const mine = await new SigningKeys(db, new Clock(), openVault(spine.dataDirectory, undefined)).ring('nhs-login');
  expect(mine.published.map((key) => key.kid)).not.toContain(ring.signing.kid);
});
