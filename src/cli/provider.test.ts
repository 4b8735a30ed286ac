import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { afterAll, expect, test } from 'vitest';
import { heard } from '../../test/support/command.ts';
import { foreignProvider } from '../../test/support/foreign-provider.ts';
import { loggingOn } from '../../test/support/log-on.ts';
import { command } from './provider.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-provider-'));
afterAll(() => rmSync(directory, { recursive: true }));
const patients = await foreignProvider('nhs-login', 'our-spine');
const client = await loggingOn([]);

/** The provider with a discovery document before it. */
const described = createServer((request, response) => {
  if (request.url !== '/.well-known/openid-configuration') return response.writeHead(404).end();
  const { authorizationEndpoint, tokenEndpoint, jwksUri } = patients.registration;
  const told = { authorization_endpoint: authorizationEndpoint, token_endpoint: tokenEndpoint, jwks_uri: jwksUri };
  response.end(JSON.stringify({ issuer, ...told }));
});
await new Promise<void>((done) => described.listen(0, '127.0.0.1', done));
afterAll(() => void described.close());
const issuer = `http://127.0.0.1:${(described.address() as AddressInfo).port}`;
patients.behaviour.claims.iss = issuer;

const env = { OPENSPINE_DATABASE_URL: client.spine.databaseUrl, OPENSPINE_DATA: client.spine.dataDirectory };
const run = (...args: string[]) => heard(command.run, env, args);

test('a provider of others is registered from what it says of itself, and patients log on there, by our signature', async () => {
  const added = await run('add', '--issuer', issuer, '--kind', 'nhs-login', '--client-id', 'our-spine');
  expect(added).toEqual({ code: 0, out: [`Registered ${issuer}; patients log on there from now on.`], err: [] });
  expect((await run('list')).out.join()).toContain('private_key_jwt');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { access_token } = await client.logOn({ scope: 'nhs-login' });
  expect((await client.introspect(access_token)).attributes.auth_user_id).toBe('9912003071');
  const sent = patients.asked.token.at(-1)?.get('client_assertion') as string;
  const { keys } = JSON.parse((await run('keys')).out[0] as string);
  const { kid } = decodeProtectedHeader(sent);
  const key = await importJWK(keys.find((one: { kid: string }) => one.kid === kid));
  const options = { issuer: 'our-spine', subject: 'our-spine', audience: patients.registration.tokenEndpoint };
  expect((await jwtVerify(sent, key, options)).protectedHeader.alg).toBe('RS512');
});

test('with a secret we send that, and once removed people log on at our own again', async () => {
  const file = join(directory, 'secret');
  writeFileSync(file, 'a secret of ours\n');
  await run('add', '--issuer', issuer, '--kind', 'nhs-login', '--client-id', 'our-spine', '--secret-file', file);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await client.logOn({ scope: 'nhs-login' });
  const sent = patients.asked.token.at(-1);
  expect([sent?.get('client_secret'), sent?.get('client_assertion')]).toEqual(['a secret of ours', null]);
  expect((await run('remove', issuer)).code).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const to = client.locationOf(await client.authorize({ scope: 'nhs-login' }));
  expect(to.pathname).toBe('/nhs-login/authorize');
  expect((await run('remove', issuer)).err).toEqual([`There is no provider ${issuer}.`]);
});

test('a new key signs, the former stays published', async () => {
  const kids = async () => JSON.parse((await run('keys')).out[0] as string).keys.map((key: { kid: string }) => key.kid);
  const [before] = await kids();
  expect((await run('rotate-key', 'token-service')).out[0]).toContain('signs with');
  const [now, former] = await kids();
  expect([former, now !== before]).toEqual([before, true]);
});

test.each([
  [['add'], 2, '--issuer'],
  [['add', '--issuer', 'http://127.0.0.1:9', '--kind', 'cis2', '--client-id', 'x'], 1, 'could not be asked'],
  [['add', '--issuer', `${issuer}/`, '--kind', 'cis2', '--client-id', 'x'], 1, 'calls itself'],
  [['rotate-key', 'all'], 2, 'Write: openspine provider rotate-key'],
  [['dance'], 2, 'Write add, list'],
])('%j is refused in a sentence', async (args, code, words) => {
  const answer = await run(...args);
  expect([answer.code, answer.err.join().includes(words)]).toEqual([code, true]);
});
