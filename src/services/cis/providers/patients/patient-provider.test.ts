import { createPublicKey, generateKeyPairSync, verify, type webcrypto } from 'node:crypto';
import * as client from 'openid-client';
import { expect, test } from 'vitest';
import { BrowserJar } from '../../../../../test/support/browser-jar.ts';
import { callback, discovered, logOn, registered, tokensOf } from '../../../../../test/support/relying-party.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { publishedNation } from '../../../../population/demo/demo-nation.ts';

const spine = await startSpine();
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
const appId = await registered(spine, { publicKeyPem, kid: 'k1', secret: undefined });
const key = await crypto.subtle.importKey(
  'pkcs8',
  new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' })),
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' },
  false,
  ['sign'],
);
const config = await discovered(spine, 'nhs-login', appId, client.PrivateKeyJwt({ key, kid: 'k1' }), {
  id_token_signed_response_alg: 'RS512',
});
const issuer = config.serverMetadata().issuer;
const mona = [...publishedNation()].find(({ stored }) => stored.nhsNumber === '9912003071')?.stored.patient;
await spine.control('load', { pds: { patients: [mona] } });

const anyone = { vtr: '["P0.Cp"]' };
const everyScope = 'openid profile profile_extended email phone gp_registration_details';

test('discovery names what is published for patients', async () => {
  const metadata = (await (await fetch(`${spine.url}/nhs-login/.well-known/openid-configuration`)).json()) as object;
  expect(metadata).toMatchObject({
    issuer,
    token_endpoint_auth_methods_supported: ['private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS512'],
    id_token_signing_alg_values_supported: ['RS512'],
  });
  expect(metadata).not.toHaveProperty('end_session_endpoint');
});

test('a third-party client logs on a proofed patient whose record PDS holds', async () => {
  const { claims, tokens } = await tokensOf(config, { username: '9912003071', scope: everyScope });
  expect(Object.keys(claims).sort()).toEqual(
    [
      ...['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'jti', 'nonce', 'vot', 'vtm', 'family_name', 'birthdate'],
      ...['nhs_number', 'identity_proofing_level', 'token_use', 'id_status'],
    ].sort(),
  );
  expect(claims).toMatchObject({
    sub: '8dc9fc1d-c3cb-48e1-ba62-b1532539ab6d',
    vot: 'P9.Cp.Cd',
    nhs_number: '9912003071',
    family_name: 'MILLAR',
    birthdate: '1968-02-12',
    identity_proofing_level: 'P9',
    token_use: 'id',
    id_status: 'verified',
  });
  expect([claims.exp - claims.iat, tokens.expires_in]).toEqual([3600, 300]);
  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  expect(info).toEqual({
    sub: claims.sub,
    iss: issuer,
    aud: appId,
    nhs_number: '9912003071',
    birthdate: '1968-02-12',
    family_name: 'MILLAR',
    given_name: 'Mona',
    identity_proofing_level: 'P9',
    email: 'mona@example.invalid',
    email_verified: true,
    phone_number: '+447887510886',
    phone_number_verified: true,
    phone_number_pds_matched: 'true',
    gp_registration_details: { gp_ods_code: 'A83002' },
  });
  expect((await fetch((claims.vtm as string).replace('localhost', '127.0.0.1'))).status).toBe(200);
});

test('the ID token is signed RS512, and its header repeats who and when, as published', async () => {
  const { tokens, claims } = await tokensOf(config, { username: '9912003071' });
  const [head = '', payload, signature = ''] = (tokens.id_token as string).split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
  const { sub, aud, iss, exp, iat, jti } = claims;
  expect(header).toMatchObject({ alg: 'RS512', typ: 'JWT', sub, aud, iss, exp, iat, jti });
  const { keys } = (await (await fetch(`${spine.url}/nhs-login/jwks`)).json()) as { keys: webcrypto.JsonWebKey[] };
  const jwk = keys.find((one) => (one as { kid?: string }).kid === header.kid);
  const own = createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' });
  expect(verify('sha512', Buffer.from(`${head}.${payload}`), own, Buffer.from(signature, 'base64url'))).toBe(true);
});

test('test users of less proof log on where that is enough, without an NHS number', async () => {
  for (const [username, proofing] of [
    ['9912003072', 'P5'],
    ['9912003073', 'P0'],
  ] as const) {
    const { claims } = await tokensOf(config, { username, parameters: anyone });
    expect(claims).toMatchObject({ vot: `${proofing}.Cp`, identity_proofing_level: proofing, id_status: 'unverified' });
    expect(claims).not.toHaveProperty('nhs_number');
  }
});

test('below the level of proof asked for nobody gets through; the default asks for P9', async () => {
  for (const [username, parameters] of [
    ['9912003072', {}],
    ['9912003073', { vtr: '["P5.Cp.Cd"]' }],
  ] as const) {
    const { callbackUrl } = await logOn(config, { username, parameters });
    expect(callbackUrl.searchParams.get('error')).toBe('access_denied');
  }
});

test('a session of less proof is asked to log on again where more is asked', async () => {
  const { browser } = await logOn(config, { username: '9912003072', parameters: { vtr: '["P5.Cp"]' } });
  expect((await logOn(config, { username: '', browser, parameters: { vtr: '["P5.Cp"]' } })).wasAsked).toBe(false);
  expect((await logOn(config, { username: '9912003071', browser, parameters: { vtr: '["P9.Cp"]' } })).wasAsked).toBe(
    true,
  );
});

test('who is proofed but not in PDS any more is P5 and has no NHS number, at once and on refresh', async () => {
  const first = await tokensOf(config, { username: '9912003071', parameters: { vtr: '["P5.Cp"]' } });
  expect(first.claims.nhs_number).toBe('9912003071');
  await spine.control('load', { pds: { invalidated: ['9912003071'] } });
  const refreshed = await client.refreshTokenGrant(config, first.tokens.refresh_token as string);
  expect(refreshed.claims()).toMatchObject({ vot: 'P5.Cp', identity_proofing_level: 'P5' });
  expect(refreshed.claims()).not.toHaveProperty('nhs_number');
  const info = await client.fetchUserInfo(config, refreshed.access_token, first.claims.sub);
  expect(info).not.toHaveProperty('nhs_number');
  expect(info).not.toHaveProperty('family_name');
  const again = await logOn(config, { username: '9912003071' });
  expect(again.callbackUrl.searchParams.get('error')).toBe('access_denied');
  // nor does the session of before get through
  const silent = await logOn(config, { username: '', browser: first.browser, parameters: { prompt: 'none' } });
  expect(silent.callbackUrl.searchParams.get('error')).toBe('login_required');
  await spine.control('load', { pds: { patients: [mona] } });
});

test('everybody in PDS can log on to a sandbox by NHS number; the id tells nobody the number', async () => {
  const other = [...publishedNation()].find(({ stored }) => stored.nhsNumber === '9000000009')?.stored.patient;
  await spine.control('load', { pds: { patients: [other] } });
  const first = await tokensOf(config, { username: '900 000 0009' });
  expect(first.claims).toMatchObject({ nhs_number: '9000000009', identity_proofing_level: 'P9' });
  expect(first.claims.sub).not.toContain('9000000009');
  expect((await tokensOf(config, { username: '9000000009' })).claims.sub).toBe(first.claims.sub);
});

test('a refresh token is good once; used again, the whole line of it ends', async () => {
  const { tokens } = await tokensOf(config, { username: '9912003071' });
  const second = await client.refreshTokenGrant(config, tokens.refresh_token as string);
  await expect(client.refreshTokenGrant(config, tokens.refresh_token as string)).rejects.toThrow();
  await expect(client.refreshTokenGrant(config, second.refresh_token as string)).rejects.toThrow();
});

const errorOf = async (parameters: Record<string, string | undefined>) => {
  const asked: Record<string, string | undefined> = {
    client_id: appId,
    redirect_uri: callback,
    response_type: 'code',
    scope: 'openid',
    state: 's',
    nonce: 'n',
    ...parameters,
  };
  const given = Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const landing = await new BrowserJar().follow(`${issuer}/authorize?${new URLSearchParams(given)}`, callback);
  if (!landing.url.startsWith(callback)) return landing.status;
  // errors of response types that answer in the fragment come back there
  const { searchParams, hash } = new URL(landing.url);
  return searchParams.get('error') ?? new URLSearchParams(hash.slice(1)).get('error');
};

test.each([
  ['no state', { state: undefined }, 'invalid_request'],
  ['no nonce', { nonce: undefined }, 'invalid_request'],
  ['max_age', { max_age: '60' }, 'invalid_request'],
  ['acr_values', { acr_values: 'AAL3_ANY' }, 'invalid_request'],
  ['login_hint', { login_hint: 'x' }, 'invalid_request'],
  ['ui_locales', { ui_locales: 'cy' }, 'invalid_request'],
  ['two prompts', { prompt: 'login none' }, 'invalid_request'],
  ['a vtr that is none', { vtr: 'P9' }, 'invalid_request'],
  ['scopes that exclude each other', { scope: 'openid profile basic_demographics' }, 'invalid_scope'],
  ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
  ['prompt=none without a session', { prompt: 'none' }, 'login_required'],
])('%s is refused back to the client', async (_what, parameters, error) => {
  expect(await errorOf(parameters)).toBe(error);
});

test('an application without keys is no client here', async () => {
  expect(await errorOf({ client_id: await registered(spine) })).toBe(400);
});

test('a client secret is no proof here', async () => {
  const response = await fetch(`${spine.url}/nhs-login/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: appId, client_secret: 'x', code: 'x' }),
  });
  expect(response.status).toBe(401);
});
