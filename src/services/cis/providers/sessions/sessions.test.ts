import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as client from 'openid-client';
import { afterAll, expect, test } from 'vitest';
import { type BrowserJar, formAction } from '../../../../../test/support/browser-jar.ts';
import { callback, discovered, logOn, registered, tokensOf } from '../../../../../test/support/relying-party.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { claimsOf } from '../keys/signing-keys.ts';

const spine = await startSpine();

/** An application's address for log-outs; answers as told, keeps what it got. */
const received: Record<string, unknown>[] = [];
let answer = 200;
const listener = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  received.push(claimsOf(new URLSearchParams(body).get('logout_token') as string));
  response.writeHead(answer).end();
});
await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
afterAll(() => listener.close());
const logoutUri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/logout`;

const appId = await registered(spine, {
  attributes: { 'backchannel-logout-uri': logoutUri, 'post-logout-redirect-uris': 'http://localhost:9/bye' },
});
const config = await discovered(spine, 'cis2', appId);
const issuer = config.serverMetadata().issuer;
const user = { username: '656005750104' };
const until = async (isSo: () => boolean) => {
  for (let i = 0; i < 200 && !isSo(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isSo()).toBe(true);
};
const isLoggedOn = async (browser: BrowserJar) => {
  const asked = client.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid',
    prompt: 'none',
    state: 's',
    acr_values: 'AAL2_OR_AAL3_ANY',
  });
  return (await browser.follow(asked.href, callback)).url.includes('code=');
};

test('a session is used without asking while it is used, and asked for after 15 minutes of rest at level 3', async () => {
  const { browser } = await logOn(config, user);
  for (let i = 0; i < 3; i++) {
    await spine.control('clock', { advance: 'PT14M' });
    expect(await isLoggedOn(browser)).toBe(true);
  }
  await spine.control('clock', { advance: 'PT15M1S' });
  expect(await isLoggedOn(browser)).toBe(false);
});

test('at level 2 the rest may be 30 minutes', async () => {
  const { browser } = await logOn(config, { username: '656005750109', parameters: { acr_values: 'AAL2_ANY' } });
  await spine.control('clock', { advance: 'PT29M' });
  expect(await isLoggedOn(browser)).toBe(true);
  await spine.control('clock', { advance: 'PT30M1S' });
  expect(await isLoggedOn(browser)).toBe(false);
});

test('after twelve hours everybody logs on again, however busy', async () => {
  const { browser } = await logOn(config, user);
  for (let i = 0; i < 51; i++) {
    await spine.control('clock', { advance: 'PT14M' });
    expect(await isLoggedOn(browser)).toBe(true);
  }
  await spine.control('clock', { advance: 'PT10M' });
  expect(await isLoggedOn(browser)).toBe(false);
});

test('an application that asks for a recent log-on gets one', async () => {
  const { browser } = await logOn(config, user);
  await spine.control('clock', { advance: 'PT5M1S' });
  expect((await logOn(config, { ...user, browser, parameters: { max_age: '600' } })).wasAsked).toBe(false);
  const again = await tokensOf(config, { ...user, browser, parameters: { max_age: '300' } });
  expect(again.wasAsked).toBe(true);
  expect(again.claims.auth_time).toBeGreaterThanOrEqual(again.claims.iat - 5);
});

test('the times in an ID token are this Spine’s, however far its clock was moved', async () => {
  const { now } = (await spine.control('clock', { advance: 'PT1S' })) as { now: string };
  const { callbackUrl, checks } = await logOn(config, user);
  const response = await fetch(`${spine.url}/cis2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: callbackUrl.searchParams.get('code') as string,
      redirect_uri: callback,
      client_id: appId,
      client_secret: 'a long client secret of the tests',
      code_verifier: checks.pkceCodeVerifier as string,
    }),
  });
  const { id_token } = (await response.json()) as { id_token: string };
  const claims = claimsOf(id_token) as { iat: number; exp: number; auth_time: number };
  expect(Math.abs(claims.iat - Date.parse(now) / 1000)).toBeLessThan(30);
  expect(claims.exp - claims.iat).toBe(3600);
  expect(Math.abs(claims.auth_time - claims.iat)).toBeLessThan(30);
  await spine.control('clock', { now: new Date().toISOString() });
});

const sessionsPage = (browser: BrowserJar) => browser.follow(`${issuer}/account/sessions`, callback);
const tokenIn = (html: string) => /name="token" value="([^"]*)"/.exec(html)?.[1] as string;
const sessionsIn = (html: string) =>
  [...html.matchAll(/name="session" value="([^"]*)"/g)].map(([, uid]) => uid as string);

test('a user sees each of her sessions, ends one, and its applications are told', async () => {
  const claims = { authentication_assurance_level: 3 };
  await spine.control('load', {
    cis: { users: [{ provider: 'cis2', username: 'matron', sub: '555000000001', claims }] },
  });
  const here = await tokensOf(config, { username: 'matron' });
  const there = await tokensOf(config, { username: 'matron' });
  const page = await sessionsPage(here.browser);
  expect(page.status).toBe(200);
  expect(page.html).toContain('This browser');
  expect(page.html).toContain('Ward round');
  received.length = 0;
  const all = sessionsIn(page.html).filter((uid) => uid !== 'others');
  expect(all).toHaveLength(2);
  const token = tokenIn(page.html);
  const endAddress = `${issuer}/account/sessions/end`;
  const hersHere = /This browser[\s\S]*?name="session" value="([^"]*)"/.exec(page.html)?.[1];
  await here.browser.open(endAddress, { token, session: all.find((uid) => uid !== hersHere) as string });
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({
    iss: issuer,
    aud: appId,
    sub: '555000000001',
    sid: there.claims.sid,
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  });
  expect(received[0]).not.toHaveProperty('nonce');
  expect(await isLoggedOn(there.browser)).toBe(false);
  expect(await isLoggedOn(here.browser)).toBe(true);
  const headers = { authorization: `Bearer ${there.tokens.access_token}` };
  expect((await fetch(`${spine.url}/cis2/userinfo`, { headers })).status).toBe(401);
});

test('all sessions but this one are ended at once', async () => {
  const here = await logOn(config, { username: '656005750110' });
  const others = [await logOn(config, { username: '656005750110' }), await logOn(config, { username: '656005750110' })];
  const page = await sessionsPage(here.browser);
  await here.browser.open(`${issuer}/account/sessions/end`, { token: tokenIn(page.html), session: 'others' });
  expect(sessionsIn((await sessionsPage(here.browser)).html)).toHaveLength(1);
  for (const { browser } of others) expect((await sessionsPage(browser)).html).toContain('kc-form-login');
});

test('nobody ends a session of somebody else, nor by a form of another site', async () => {
  const victim = await logOn(config, user);
  const attacker = await logOn(config, { username: '656005750109' });
  const uid = sessionsIn((await sessionsPage(victim.browser)).html)[0] as string;
  const token = tokenIn((await sessionsPage(attacker.browser)).html);
  const end = `${issuer}/account/sessions/end`;
  await attacker.browser.open(end, { token, session: uid });
  expect((await victim.browser.open(end, { token, session: uid })).status).toBe(403);
  expect((await victim.browser.open(end, { session: uid })).status).toBe(403);
  const own = tokenIn((await sessionsPage(victim.browser)).html);
  const foreign = await victim.browser.open(end, { token: own, session: uid }, { origin: 'https://evil.example' });
  expect(foreign.status).toBe(403);
  expect(await isLoggedOn(victim.browser)).toBe(true);
});

test('logging out at an application’s wish asks the user, tells the others, and goes nowhere unregistered', async () => {
  const { tokens, browser, claims } = await tokensOf(config, user);
  const address = (to: string) =>
    `${issuer}/logout?${new URLSearchParams({ id_token_hint: tokens.id_token as string, post_logout_redirect_uri: to, state: 'z' })}`;
  expect((await browser.open(address('https://evil.example/'))).status).toBe(400);
  const page = await browser.follow(address('http://localhost:9/bye'), 'http://localhost:9/');
  expect(page.html).toContain('Log out?');
  const xsrf = /name="xsrf" value="([^"]*)"/.exec(page.html)?.[1] as string;
  received.length = 0;
  expect((await browser.open(formAction(page.html, 'op.logoutForm'), { xsrf: 'wrong', logout: 'yes' })).status).toBe(
    400,
  );
  const gone = await browser.follow(formAction(page.html, 'op.logoutForm'), 'http://localhost:9/', {
    xsrf,
    logout: 'yes',
  });
  expect(gone.url).toBe('http://localhost:9/bye?state=z');
  expect(received.map((one) => one.sid)).toEqual([claims.sid]);
  expect(await isLoggedOn(browser)).toBe(false);
});

test('an application that is away for a moment is told later', async () => {
  const { browser } = await tokensOf(config, user);
  const page = await sessionsPage(browser);
  received.length = 0;
  answer = 503;
  const hersHere = /This browser[\s\S]*?name="session" value="([^"]*)"/.exec(page.html)?.[1] as string;
  await browser.open(`${issuer}/account/sessions/end`, { token: tokenIn(page.html), session: hersHere });
  expect(received).toHaveLength(1);
  answer = 200;
  await spine.control('clock', { advance: 'PT6S' });
  await until(() => received.length === 2);
  expect(received[1]?.sid).toBe(received[0]?.sid);
});
