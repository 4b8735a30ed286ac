import { expect, test } from 'vitest';
import { BrowserJar, formAction } from '../../../../test/support/browser-jar.ts';
import { callback, registered, secret } from '../../../../test/support/relying-party.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { publishedNation } from '../../../population/demo/demo-nation.ts';

const spine = await startSpine();
const base = spine.url.replace('127.0.0.1', 'localhost');
const scopes = [
  ...['aal1', 'aal2', 'aal3'].map((level) => `urn:nhsd:apim:user-nhs-id:${level}:personal-demographics-service`),
  ...['P0', 'P5', 'P9'].map((level) => `urn:nhsd:apim:user-nhs-login:${level}:personal-demographics-service`),
];
const appId = await registered(spine, { products: [{ name: 'identity-service', scopes }] });
const mona = [...publishedNation()].find(({ stored }) => stored.nhsNumber === '9912003071')?.stored.patient;
await spine.control('load', { pds: { patients: [mona] } });

/** As published test suites do it: fetch the page, post `username` to the form, follow redirects, redeem the code. */
async function combined(username: string, path: string, more: Record<string, string>) {
  const browser = new BrowserJar();
  const asked = { client_id: appId, redirect_uri: callback, response_type: 'code', state: 'z', ...more };
  const page = await browser.follow(`${base}${path}/authorize?${new URLSearchParams(asked)}`, callback);
  const form = /<form[^>]*>/.exec(page.html)?.[0];
  if (form === undefined) throw new Error(JSON.stringify(page));
  expect(form).toContain('id="kc-form-login"');
  const { url } = await browser.follow(formAction(page.html, 'kc-form-login'), callback, { username });
  const { searchParams } = new URL(url);
  expect(searchParams.get('state')).toBe('z');
  const response = await fetch(`${base}${path}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: searchParams.get('code') as string,
      redirect_uri: callback,
      client_id: appId,
      client_secret: secret,
    }),
  });
  return { status: response.status, body: (await response.json()) as { access_token: string } };
}

test.each([
  ['656005750104', 'aal3', {}],
  ['656005750109', 'aal2', {}],
  ['656005750110', 'aal1', {}],
  ['9912003071', 'P9', { scope: 'nhs-login' }],
  ['9912003072', 'P5', { scope: 'nhs-login' }],
  ['9912003073', 'P0', { scope: 'nhs-login' }],
] as [string, string, Record<string, string>][])(
  'the published test user %s gets a token of level %s, by either address',
  async (username, level, more) => {
    for (const path of ['/oauth2', '/oauth2-mock']) {
      const { status, body } = await combined(username, path, more);
      expect(status).toBe(200);
      const { scopes: granted } = (await spine.control('introspect', { token: body.access_token })) as {
        scopes: string[];
      };
      expect(granted).toEqual(scopes.filter((scope) => scope.includes(`:${level}:`)));
    }
  },
);

test('a token ends with the session at the provider', async () => {
  const { body } = await combined('656005750104', '/oauth2', {});
  const lookAt = () => fetch(`${base}/oauth2/userinfo`, { headers: { authorization: `Bearer ${body.access_token}` } });
  expect((await lookAt()).status).toBe(200);
  const browser = new BrowserJar();
  const page = await browser.follow(`${base}/cis2/account/sessions`, callback);
  await browser.follow(formAction(page.html, 'kc-form-login'), callback, { username: '656005750104' });
  const { html } = await browser.follow(`${base}/cis2/account/sessions`, callback);
  const token = /name="token" value="([^"]*)"/.exec(html)?.[1] as string;
  await browser.open(`${base}/cis2/account/sessions/end`, { token, session: 'others' });
  expect((await lookAt()).status).toBe(401);
});
