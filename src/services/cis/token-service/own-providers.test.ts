import * as oidc from 'openid-client';
import { expect, test } from 'vitest';
import { BrowserJar, formAction } from '../../../../test/support/browser-jar.ts';
import { everyScope, loggingOn } from '../../../../test/support/log-on.ts';
import { registrationAuthority, staff } from '../../../../test/support/registration.ts';
import { callback, discovered, tokensOf } from '../../../../test/support/relying-party.ts';
import { assertionOf, clientKey, jwtBearer } from '../../../../test/support/token-service.ts';

const client = await loggingOn([]);
const { spine, introspect, userInfo } = client;
const { must } = await registrationAuthority(spine);
const base = spine.url.replace('127.0.0.1', 'localhost');
const keys = { one: await clientKey('one-1'), other: await clientKey('other-1') };
for (const [apiKey, key] of Object.entries(keys))
  await client.load({ jwks: { keys: [key.publicJwk] }, redirectUris: [callback] }, apiKey);

/** An ID token that the staff provider made for the application `one`. */
async function idToken(username: string): Promise<string> {
  const { privateKey, kid } = keys.one;
  const config = await discovered(spine, 'cis2', 'one', oidc.PrivateKeyJwt({ key: privateKey, kid }));
  return (await tokensOf(config, { username })).tokens.id_token as string;
}
const exchange = async (appId: keyof typeof keys, subject_token: string) =>
  client.post({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
    subject_token,
    client_assertion_type: jwtBearer,
    client_assertion: await assertionOf(keys[appId], { appId, audience: `${client.url}/token`, now: Date.now() }),
  });
/** The combined log-on by our own page; what came back, and the browser. */
async function combined(username: string, scope = '') {
  const browser = new BrowserJar();
  const query = { client_id: 'app', redirect_uri: callback, response_type: 'code', state: 'x', scope };
  await client.load({ redirectUris: [callback] });
  const page = await browser.follow(`${base}/oauth2/authorize?${new URLSearchParams(query)}`, callback);
  const end = await browser.follow(formAction(page.html, 'kc-form-login'), callback, { username });
  const code = new URL(end.url).searchParams.get('code') ?? '';
  const { body } = await client.redeem(code, { redirect_uri: callback });
  return { access_token: body.access_token, refresh_token: body.refresh_token, browser, end };
}

test('an ID token of our own provider is exchanged for the application it was made for, and for no other', async () => {
  const token = await idToken(staff.gp);
  expect(await exchange('other', token)).toMatchObject({
    status: 401,
    body: { error_description: "Missing 'aud' claim in subject_token JWT" },
  });
  const { body } = await exchange('one', token);
  expect((await introspect(body.access_token)).attributes).toMatchObject({
    auth_provider: 'nhs-cis2',
    auth_level: 'aal3',
    auth_user_id: staff.gp,
  });
});

test('who was suspended since gets no token for it, and no refresh', async () => {
  const token = await idToken(staff.locum);
  const before = await combined(staff.locum);
  await must(staff.manager, `/identities/${staff.locum}/suspend`, { reason: 'an inquiry' });
  expect(await exchange('one', token)).toMatchObject({ status: 401, body: { error: 'access_denied' } });
  expect((await client.refresh(before.refresh_token as string)).body.error_description).toBe(
    'refresh_token is invalid',
  );
  await must(staff.manager, `/identities/${staff.locum}/resume`, { reason: 'cleared' });
  expect((await client.refresh(before.refresh_token as string)).body.error_description).toBe(
    'refresh_token is invalid',
  );
  expect((await exchange('one', token)).status).toBe(200);
});

test.each([
  [staff.gp, 'aal3'],
  [staff.nurse, 'aal2'],
])('%s logs on by the page with one field and gets the scopes of level %s', async (username, level) => {
  const { access_token } = await combined(username);
  expect(await introspect(access_token)).toMatchObject({
    scopes: everyScope.filter((scope) => scope.includes(`:${level}:`)),
    attributes: { auth_grant_type: 'authorization_code', auth_level: level, auth_user_id: username },
  });
  expect((await userInfo(access_token)).body).toMatchObject({ sub: username });
});

test('whose level has no scope is told so at the callback', async () => {
  const { end } = await combined(staff.receptionist);
  expect([end.status, JSON.parse(end.html).error]).toEqual([401, 'unauthorized_client']);
});

test('logging out at the provider ends the tokens of that log-on here', async () => {
  const first = await combined(staff.gp);
  const second = await combined(staff.gp);
  const html = await (await first.browser.open(`${base}/cis2/account/sessions`)).text();
  const token = /name="token" value="([^"]+)"/.exec(html)?.[1] as string;
  const session = /name="session" value="([^"]+)">Log out here/.exec(html)?.[1] as string;
  await first.browser.open(`${base}/cis2/account/sessions/end`, { token, session });
  await expect.poll(async () => (await userInfo(first.access_token)).status, { timeout: 5000 }).toBe(401);
  expect((await userInfo(second.access_token)).status).toBe(200);
});
