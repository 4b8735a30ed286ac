import * as client from 'openid-client';
import { expect, test } from 'vitest';
import { BrowserJar, formAction } from '../../../../../test/support/browser-jar.ts';
import { callback, discovered, logOn, registered, tokensOf } from '../../../../../test/support/relying-party.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { staffScopes } from './staff-claims.ts';

const spine = await startSpine();
const appId = await registered(spine);
const config = await discovered(spine, 'cis2', appId);
const issuer = config.serverMetadata().issuer;
const authorize = (parameters: Record<string, string>) =>
  `${issuer}/authorize?${new URLSearchParams({ client_id: appId, redirect_uri: callback, response_type: 'code', scope: 'openid', state: 's', ...parameters })}`;
const everyScope = Object.keys(staffScopes)
  .filter((scope) => !/role$/.test(scope))
  .join(' ');

test('discovery names the published addresses, scopes and methods, and nothing that is off', async () => {
  const response = await fetch(`${spine.url}/cis2/.well-known/openid-configuration`);
  const metadata = (await response.json()) as Record<string, unknown>;
  expect(metadata).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    end_session_endpoint: `${issuer}/logout`,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment'],
    code_challenge_methods_supported: ['S256'],
    id_token_signing_alg_values_supported: ['RS256'],
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_supported: true,
  });
  expect(metadata.scopes_supported).toEqual(Object.keys(staffScopes));
  expect(metadata.acr_values_supported).toContain('AAL3_ANY');
  expect(metadata.registration_endpoint).toBeUndefined();
  expect(metadata.pushed_authorization_request_endpoint).toBeUndefined();
});

test('addresses are our own, whatever Host a caller names', async () => {
  const { hostname, port } = new URL(spine.url);
  const { request } = await import('node:http');
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request(
      {
        hostname,
        port,
        path: '/cis2/.well-known/openid-configuration',
        headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
      },
      async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve(body);
      },
    );
    asked.on('error', reject);
    asked.end();
  });
  expect(text).not.toContain('evil.example');
});

test('a third-party client logs a user on by code and PKCE, and gets an ID token with the published claims', async () => {
  const { claims, callbackUrl } = await tokensOf(config, { username: '656005750104', scope: everyScope });
  expect(Object.keys(claims).sort()).toEqual(
    [
      ...['iss', 'sub', 'aud', 'azp', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'sid', 'at_hash', 'c_hash'],
      ...['s_hash', 'id_assurance_level', 'authentication_assurance_level', 'auditTrackingId', 'tokenName'],
      ...['tokenType', 'realm'],
    ].sort(),
  );
  expect(claims).toMatchObject({
    sub: '656005750104',
    aud: appId,
    azp: appId,
    acr: 'AAL3_ANY',
    authentication_assurance_level: 3,
    id_assurance_level: 3,
    tokenName: 'id_token',
    tokenType: 'JWTToken',
    realm: '/NHSIdentity/Healthcare',
  });
  expect(claims.exp - claims.iat).toBe(3600);
  expect(callbackUrl.searchParams.get('client_id')).toBe(appId);
  expect(callbackUrl.searchParams.get('iss')).toBe(issuer);
});

test.each([
  ['openid', ['sub']],
  ['openid profile', ['sub', 'name', 'family_name', 'given_name', 'uid']],
  ['openid nationalrbacaccess', ['sub', 'nhsid_nrbac_roles']],
  ['openid associatedorgs', ['sub', 'nhsid_user_orgs']],
])('user information for %s is what the scopes release', async (scope, released) => {
  const { tokens, claims } = await tokensOf(config, { username: '656005750104', scope });
  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  expect(Object.keys(info).sort()).toEqual([...released].sort());
});

test('a user of each level logs on at that level, even where more was asked; what was reached is said', async () => {
  for (const [username, level, acr] of [
    ['656005750104', 3, 'AAL3_ANY'],
    ['656005750109', 2, 'AAL2_ANY'],
    ['656005750110', 1, 'AAL1_USERPASS'],
  ] as const) {
    const { claims } = await tokensOf(config, { username, parameters: { acr_values: 'AAL3_ANY' } });
    expect([claims.authentication_assurance_level, claims.acr]).toEqual([level, acr]);
  }
});

test('an unknown user gets the page again, with words', async () => {
  const browser = new BrowserJar();
  const page = await browser.follow(authorize({ nonce: 'n' }), callback);
  const again = await browser.follow(formAction(page.html, 'kc-form-login'), callback, { username: '<b>nobody</b>' });
  expect(again.status).toBe(401);
  expect(again.html).toContain('There is no sandbox user &quot;&lt;b&gt;nobody&lt;/b&gt;&quot;.');
  expect(again.html).toContain('kc-form-login');
});

test('who gives up is sent back with access_denied and the state', async () => {
  const browser = new BrowserJar();
  const page = await browser.follow(authorize({}), callback);
  const cancel = /action="([^"]*\/cancel)"/.exec(page.html)?.[1] as string;
  const { searchParams } = new URL((await browser.follow(cancel, callback, {})).url);
  expect(Object.fromEntries(searchParams)).toMatchObject({
    error: 'access_denied',
    state: 's',
    iss: issuer,
    client_id: appId,
  });
});

test('prompt=none without a session is login_required, with one goes through unseen', async () => {
  const browser = new BrowserJar();
  const refused = await browser.follow(authorize({ prompt: 'none' }), callback);
  expect(new URL(refused.url).searchParams.get('error')).toBe('login_required');
  await logOn(config, { username: '656005750104', browser });
  const { wasAsked, callbackUrl } = await logOn(config, {
    username: '',
    browser,
    parameters: { prompt: 'none' },
  });
  expect(wasAsked).toBe(false);
  expect(callbackUrl.searchParams.get('code')).not.toBeNull();
});

test('a second application is logged on to without asking, prompt=login asks again', async () => {
  const { browser } = await logOn(config, { username: '656005750104' });
  const other = await discovered(spine, 'cis2', await registered(spine));
  expect((await tokensOf(other, { username: '', browser })).wasAsked).toBe(false);
  const again = await logOn(config, { username: '656005750104', browser, parameters: { prompt: 'login' } });
  expect(again.wasAsked).toBe(true);
});

test('a session below the level asked for is asked to log on again, one above is enough', async () => {
  const { browser } = await logOn(config, { username: '656005750109', parameters: { acr_values: 'AAL2_ANY' } });
  expect((await logOn(config, { username: '', browser, parameters: { acr_values: 'AAL2_ANY' } })).wasAsked).toBe(false);
  const stepUp = { browser, parameters: { acr_values: 'AAL3_ANY' } };
  expect((await logOn(config, { username: '656005750109', ...stepUp })).wasAsked).toBe(true);
  const silent = await browser.follow(authorize({ acr_values: 'AAL3_FIDO2', prompt: 'none' }), callback);
  expect(new URL(silent.url).searchParams.get('error')).toBe('login_required');
});

test('a step-up is by the same person: somebody else is told to log out first', async () => {
  const { browser } = await logOn(config, { username: '656005750109', parameters: { acr_values: 'AAL2_ANY' } });
  const page = await browser.follow(authorize({ acr_values: 'AAL3_ANY' }), callback);
  const refused = await browser.follow(formAction(page.html, 'kc-form-login'), callback, { username: '656005750104' });
  expect(refused.status).toBe(403);
  expect(refused.html).toContain('logged on as somebody else');
});

test('somebody else logs on with prompt=login in the same browser: nothing of the session before is left', async () => {
  const first = await tokensOf(config, { username: '656005750104' });
  const { browser } = first;
  const second = await tokensOf(config, { username: '656005750109', browser, parameters: { prompt: 'login' } });
  expect(second.claims.sub).toBe('656005750109');
  expect(second.claims.sid).not.toBe(first.claims.sid);
  await expect(client.fetchUserInfo(config, first.tokens.access_token, first.claims.sub)).rejects.toThrow();
});

test('user information is read by GET and POST with the token in the header, and by nobody without', async () => {
  const { tokens } = await tokensOf(config, { username: '656005750104' });
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  for (const method of ['GET', 'POST'])
    expect((await fetch(`${spine.url}/cis2/userinfo`, { method, headers })).status).toBe(200);
  const refused = await fetch(`${spine.url}/cis2/userinfo`, { headers: { authorization: 'Bearer x' } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toContain('invalid_token');
  const inAddress = await fetch(`${spine.url}/cis2/userinfo?access_token=${tokens.access_token}`);
  expect(inAddress.status).toBe(400);
});

test('a log-on may be asked for by POST too', async () => {
  const browser = new BrowserJar();
  const form = { client_id: appId, redirect_uri: callback, response_type: 'code', scope: 'openid', state: 's' };
  const page = await browser.follow(`${issuer}/authorize`, callback, form);
  expect(page.html).toContain('kc-form-login');
  const done = await browser.follow(formAction(page.html, 'kc-form-login'), callback, { username: '656005750104' });
  expect(done.url).toContain('code=');
  const huge = await fetch(`${spine.url}/cis2/authorize`, {
    method: 'POST',
    body: new URLSearchParams({ state: 'x'.repeat(10_000) }),
  });
  expect(huge.status).toBe(400);
});

test('somebody who is no longer there is asked to log on, and her tokens say nothing more of her', async () => {
  const user = { provider: 'cis2', username: 'locum', sub: '555000000777', claims: {} };
  await spine.control('load', { cis: { users: [user] } });
  const { browser, tokens } = await tokensOf(config, { username: 'locum' });
  await spine.control('reset', { population: 'none' });
  const silent = await browser.follow(authorize({ prompt: 'none' }), callback);
  expect(new URL(silent.url).searchParams.get('error')).toBe('login_required');
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  expect((await fetch(`${spine.url}/cis2/userinfo`, { headers })).status).toBe(401);
});

test('a path that is not there is a page to people, and JSON to machines', async () => {
  const toPeople = await fetch(`${spine.url}/cis2/nowhere`, { headers: { accept: 'text/html' } });
  expect([toPeople.status, (await toPeople.text()).includes('<h1>Page not found</h1>')]).toEqual([404, true]);
  const toMachines = await fetch(`${spine.url}/cis2/nowhere`, { headers: { accept: 'application/json' } });
  expect([toMachines.status, await toMachines.json()]).toEqual([404, { error: 'not_found' }]);
});
