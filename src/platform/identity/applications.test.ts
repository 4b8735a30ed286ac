import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { Clock } from '../clock/clock.ts';
import {
  Applications,
  findApplication,
  listApplications,
  type Registration,
  registerApplication,
  suspendApplication,
} from './applications.ts';
import { isSecret } from './secret.ts';
import { Tokens } from './tokens.ts';

const db = await testDatabase();
const clock = new Clock();
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const register = (registration: Partial<Registration> = {}) =>
  registerApplication(db, { name: 'Ward rounds', odsCode: 'RR8', asid: '200000000456', ...registration }, clock.now());

test('what is registered is found again as it was', async () => {
  const made = await register({
    mode: ['application-restricted', 'privileged-application-restricted'],
    products: [{ name: 'other', scopes: ['x'] }],
    attributes: { a: '1' },
    publicKeyPem: publicKey,
    kid: 'ward-1',
    redirectUris: ['https://app.example/back'],
    secret: 'horse',
  });
  expect(made.appId).toMatch(/^[0-9a-f]{32}$/);
  expect(made.jwks?.keys).toEqual([expect.objectContaining({ kid: 'ward-1', kty: 'RSA', alg: 'RS512', use: 'sig' })]);
  expect(made.products.map((product) => product.name)).toEqual([
    'identity-service',
    'personal-demographics-service-application-restricted',
    'personal-demographics-service-privileged-application-restricted',
    'other',
  ]);
  expect(isSecret('horse', made.secretHash)).toBe(true);
  expect(isSecret('Horse', made.secretHash)).toBe(false);
  expect(await findApplication(db, made.appId)).toEqual(made);
  expect(await new Applications(db, clock).find(made.appId)).toEqual(made);
  expect(await listApplications(db)).toContainEqual(made);
});

test('of a private key only the public half is kept', async () => {
  const made = await register({ publicKeyPem: privateKey });
  expect(Object.keys(made.jwks?.keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  expect(made.jwks).toEqual({ keys: [{ ...(await register({ publicKeyPem: publicKey })).jwks?.keys[0] }] });
});

const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' });
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
test.each<[string, Partial<Registration>]>([
  ['no name', { name: ' ' }],
  ['an ODS code of two letters', { odsCode: 'AB' }],
  ['an ASID of letters', { asid: 'abc' }],
  ['a key of 1,024 bits', { publicKeyPem: small as string }],
  ['a key on a curve', { publicKeyPem: curve as string }],
  ['a key that is none', { publicKeyPem: 'hello' }],
  ['a key set with a private key', { jwks: { keys: [{ kty: 'RSA', kid: 'x', n: 'AQ', e: 'AQAB', d: 'AQ' }] } }],
  ['a key set without keys', { jwks: { keys: [] } }],
  ['a key set without names', { jwks: { keys: [{ kty: 'RSA', n: 'AQ', e: 'AQAB' }] } }],
  ['a symmetric key', { jwks: { keys: [{ kty: 'oct', kid: 'x', k: 'AQ' }] } }],
  ['a key and an address', { publicKeyPem: publicKey, jwksUrl: 'https://app.example/jwks' }],
  ['an address that is a file', { jwksUrl: 'file:///etc/passwd' }],
  ['an address with a password', { jwksUrl: 'https://a:b@app.example/' }],
  ['a relative redirect address', { redirectUris: ['/back'] }],
  ['an API key with a blank', { appId: 'a b' }],
])('a registration with %s is refused with a sentence', async (_what, registration) => {
  await expect(register(registration)).rejects.toThrow(/^[A-Z"].*\.$/);
});

test('an API key is given once', async () => {
  await register({ appId: 'twice' });
  await expect(register({ appId: 'twice' })).rejects.toThrow('There is an application twice already.');
});

test('a change reaches a process that remembers within a quarter of a second', async () => {
  const { appId } = await register();
  const applications = new Applications(db, clock);
  expect((await applications.find(appId))?.status).toBe('approved');
  const suspended = suspendApplication(db, appId, clock);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect((await applications.find(appId))?.status).toBe('revoked');
  expect(await suspended).toBe(true);
});

test('suspending revokes the tokens there are, and those issued at that moment', async () => {
  const { appId } = await register();
  const [here, elsewhere] = [new Tokens(db, clock), new Tokens(db, clock)];
  elsewhere.watch(50);
  const issue = () => here.issue({ mode: 'application-restricted', appId, scopes: [], attributes: {} }, 600);
  const before = await issue();
  expect((await elsewhere.resolve(before)).is).toBe('valid');
  const suspended = suspendApplication(db, appId, clock);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const during = await issue();
  await suspended;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([(await elsewhere.resolve(before)).is, (await elsewhere.resolve(during)).is]).toEqual(['unknown', 'unknown']);
  elsewhere.close();
});

test('nobody is found and nobody suspended under a name that is none', async () => {
  for (const appId of ['nobody', '', '\u0000', '__proto__', 'x'.repeat(101)]) {
    expect(await new Applications(db, clock).find(appId)).toBeUndefined();
    expect(await findApplication(db, appId)).toBeUndefined();
  }
  expect(await suspendApplication(db, 'nobody', clock)).toBe(false);
});
