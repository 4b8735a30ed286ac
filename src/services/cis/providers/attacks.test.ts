import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as client from 'openid-client';
import { afterAll, expect, test } from 'vitest';
import { BrowserJar, formAction } from '../../../../test/support/browser-jar.ts';
import { callback, discovered, logOn, registered, secret, tokensOf } from '../../../../test/support/relying-party.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { Database } from '../../../platform/db/database.ts';

const spine = await startSpine();
const appId = await registered(spine);
const config = await discovered(spine, 'cis2', appId);
const issuer = config.serverMetadata().issuer;
const db = new Database({ url: spine.databaseUrl, lanes: 1, transactions: 1 });
afterAll(() => db.close());

const user = { username: '656005750104' };
const challenge = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');
const address = (parameters: Record<string, string>) =>
  `${issuer}/authorize?${new URLSearchParams({ client_id: appId, redirect_uri: callback, response_type: 'code', scope: 'openid', state: 's', ...parameters })}`;
const redeem = async (form: Record<string, string>) => {
  const response = await fetch(`${spine.url}/cis2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      redirect_uri: callback,
      client_id: appId,
      client_secret: secret,
      ...form,
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
};
const codeOf = async (options: Parameters<typeof logOn>[1] = user) => {
  const { callbackUrl, checks } = await logOn(config, options);
  return { code: callbackUrl.searchParams.get('code') as string, verifier: checks.pkceCodeVerifier as string };
};

test('a code that comes twice is refused, and what it gave is worth nothing any more', async () => {
  const { code, verifier } = await codeOf();
  const first = await redeem({ code, code_verifier: verifier });
  expect(first.status).toBe(200);
  expect(await redeem({ code, code_verifier: verifier })).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  });
  const headers = { authorization: `Bearer ${first.body.access_token}` };
  expect((await fetch(`${spine.url}/cis2/userinfo`, { headers })).status).toBe(401);
});

test('of many who redeem one code at once at most one gets tokens', async () => {
  const { code, verifier } = await codeOf();
  const answers = await Promise.all(Array.from({ length: 8 }, () => redeem({ code, code_verifier: verifier })));
  expect(answers.filter((answer) => answer.status === 200).length).toBeLessThanOrEqual(1);
  expect(answers.every((answer) => [200, 400].includes(answer.status))).toBe(true);
});

test('a code is of no use to another client, at another address, or without the right verifier', async () => {
  const other = await registered(spine);
  const { code, verifier } = await codeOf();
  for (const form of [
    { code, code_verifier: verifier, client_id: other },
    { code, code_verifier: verifier, redirect_uri: 'http://localhost:9/other' },
    { code, code_verifier: 'x'.repeat(43) },
    { code },
    { code: `${code}x`, code_verifier: verifier },
  ] as Record<string, string>[])
    expect(await redeem(form)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

test('PKCE cannot be talked down: no plain method, no challenge dropped, no verifier where none was announced', async () => {
  const browser = new BrowserJar();
  const plain = await browser.follow(
    address({ code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }),
    callback,
  );
  expect(new URL(plain.url).searchParams.get('error')).toBe('invalid_request');
  const page = await browser.follow(address({}), callback);
  const { url } = await browser.follow(formAction(page.html, 'kc-form-login'), callback, user);
  const code = new URL(url).searchParams.get('code') as string;
  expect(await redeem({ code, code_verifier: 'x'.repeat(43) })).toMatchObject({ status: 400 });
});

test('a public client does not get by without PKCE', async () => {
  const publicId = await registered(spine, { secret: undefined });
  const browser = new BrowserJar();
  const refused = await browser.follow(address({ client_id: publicId }), callback);
  expect(new URL(refused.url).searchParams.get('error')).toBe('invalid_request');
  const verifier = client.randomPKCECodeVerifier();
  const asked = address({ client_id: publicId, code_challenge: challenge(verifier), code_challenge_method: 'S256' });
  const page = await browser.follow(asked, callback);
  const { url } = await browser.follow(formAction(page.html, 'kc-form-login'), callback, user);
  const form = { code: new URL(url).searchParams.get('code') as string, code_verifier: verifier };
  const response = await fetch(`${spine.url}/cis2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      redirect_uri: callback,
      client_id: publicId,
      ...form,
    }),
  });
  expect(response.status).toBe(200);
});

test('a wrong secret, no secret, or a secret hash is no proof', async () => {
  const { code, verifier } = await codeOf();
  const hash = `sha256:${createHash('sha256').update(secret).digest('hex')}`;
  for (const client_secret of ['wrong', hash])
    expect(await redeem({ code, code_verifier: verifier, client_secret })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
});

test('an address that is not registered is shown an error, never redirected to', async () => {
  for (const redirect_uri of [
    'https://evil.example/callback',
    `${callback}/../evil`,
    `${callback}?x=1`,
    `${callback}#x`,
    'http://localhost:9/CALLBACK',
    'http://localhost:9@evil.example/callback',
    'javascript:alert(1)',
  ]) {
    const response = await fetch(address({ redirect_uri }), { redirect: 'manual', headers: { accept: 'text/html' } });
    expect([redirect_uri, response.status, response.headers.get('location')]).toEqual([redirect_uri, 400, null]);
    expect(await response.text()).not.toContain('javascript:');
  }
});

test('an unknown or suspended client is shown an error', async () => {
  const suspended = await registered(spine, { status: 'revoked' });
  for (const client_id of ['nobody', suspended, "x' or 1=1", 'a\u0000b']) {
    const response = await fetch(address({ client_id }), { redirect: 'manual', headers: { accept: 'text/html' } });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  }
});

test('what a caller sends is shown as text, not as a page', async () => {
  const response = await fetch(address({ client_id: '<script>alert(1)</script>', scope: '<b>' }), {
    headers: { accept: 'text/html' },
  });
  expect(await response.text()).not.toContain('<script>alert');
});

test('nothing a caller sends is too much for the provider: every answer is a page, a refusal or a way on', async () => {
  const odd = fc.oneof(
    fc.constantFrom(
      '\u0000',
      'a\u0000b',
      '\u{10ffff}',
      '\ud800',
      '[',
      '{"a":',
      '%00',
      'x'.repeat(3000),
      '-1',
      '1e999',
      '',
    ),
    fc.string({ maxLength: 40 }),
  );
  const names = [
    'state',
    'nonce',
    'scope',
    'acr_values',
    'max_age',
    'prompt',
    'login_hint',
    'id_token_hint',
    'response_mode',
  ];
  const more = ['code_challenge', 'code_challenge_method', 'request', 'request_uri', 'claims', 'resource', 'display'];
  const parameters = fc.dictionary(fc.constantFrom(...names, ...more), odd, { maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(parameters, async (sent) => {
      const response = await fetch(address(sent), { redirect: 'manual', headers: { accept: 'text/html' } });
      expect([200, 303, 400]).toContain(response.status);
      expect(response.headers.get('location') ?? '').not.toContain('server_error');
    }),
    { numRuns: 120, examples: [[{ state: 'a\u0000b', nonce: '\u0000' }]] },
  );
});

test('nothing typed into the log-on page is too much for it', async () => {
  const browser = new BrowserJar();
  const page = await browser.follow(address({ state: 'a\u0000b' }), callback);
  const action = formAction(page.html, 'kc-form-login');
  for (const username of ['\u0000', 'a\u0000', "' or 1=1 --", '%', 'x'.repeat(10_000), '\ud800', '{}'])
    expect((await browser.open(action, { username })).status).toBe(401);
  const done = await browser.follow(action, callback, user);
  expect(new URL(done.url).searchParams.get('state')).toBe('a\u0000b');
});

test('every page keeps out of frames, runs no foreign script and is kept by nobody', async () => {
  const browser = new BrowserJar();
  const begun = await browser.open(address({}));
  const pages = [await browser.open(begun.headers.get('location') as string), await fetch(address({ client_id: 'x' }))];
  for (const { headers } of pages) {
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toContain('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('a log-on belongs to the browser it began in: its address alone is worth nothing', async () => {
  const hers = new BrowserJar();
  const page = await hers.follow(address({}), callback);
  const action = formAction(page.html, 'kc-form-login');
  const his = new BrowserJar();
  await his.follow(address({}), callback);
  for (const browser of [new BrowserJar(), his]) {
    expect((await browser.open(action, user)).status).toBe(400);
    expect((await browser.open(page.url)).status).toBe(400);
  }
});

test('a cookie that is made up from the address is not taken', async () => {
  const hers = new BrowserJar();
  const page = await hers.follow(address({}), callback);
  const uid = page.url.split('/').at(-1) as string;
  const forged = new BrowserJar();
  forged.setCookie('cis2_log_on', uid);
  forged.setCookie('cis2_log_on.sig', 'x'.repeat(43));
  expect((await forged.open(formAction(page.html, 'kc-form-login'), user)).status).toBe(400);
});

test('cookies are of no use to scripts and do not come along with posts from other sites', async () => {
  const browser = new BrowserJar();
  const begun = await browser.open(address({}));
  const cookies = begun.headers.getSetCookie();
  expect(cookies.length).toBeGreaterThanOrEqual(2);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/httponly/i);
    expect(cookie).toMatch(/samesite=lax/i);
  }
});

test('a session cookie planted before log-on is another one afterwards, and worth nothing', async () => {
  const planted = new BrowserJar();
  await logOn(config, { ...user, browser: planted });
  const before = planted.cookie('cis2_session') as string;
  await logOn(config, { ...user, browser: planted, parameters: { prompt: 'login' } });
  expect(planted.cookie('cis2_session')).not.toBe(before);
  const attacker = new BrowserJar();
  attacker.setCookie('cis2_session', before);
  attacker.setCookie('cis2_session.sig', planted.cookie('cis2_session.sig') as string);
  const silent = await attacker.follow(address({ prompt: 'none' }), callback);
  expect(new URL(silent.url).searchParams.get('error')).toBe('login_required');
});

test('a finished log-on cannot be finished again', async () => {
  const browser = new BrowserJar();
  const page = await browser.follow(address({}), callback);
  const action = formAction(page.html, 'kc-form-login');
  await browser.follow(action, callback, user);
  expect((await browser.open(action, { username: '656005750109' })).status).toBe(400);
});

test('a log-on left alone for ten minutes has ended', async () => {
  const browser = new BrowserJar();
  const page = await browser.follow(address({}), callback);
  await spine.control('clock', { advance: 'PT10M1S' });
  const late = await browser.open(formAction(page.html, 'kc-form-login'), user);
  expect(late.status).toBe(400);
  expect(await late.text()).toContain('This log-on has ended');
});

test('an answer says who it comes from, so that no other provider’s can be passed off as it (RFC 9207)', async () => {
  const { callbackUrl, checks } = await logOn(config, user);
  callbackUrl.searchParams.set('iss', 'https://evil.example');
  await expect(client.authorizationCodeGrant(config, callbackUrl, checks)).rejects.toThrow();
});

test('a client assertion is good once, for us, from its own key', async () => {
  const { generateKeyPairSync, sign, randomUUID } = await import('node:crypto');
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const id = await registered(spine, { publicKeyPem: pem, kid: 'k', secret: undefined });
  const assertion = (claims: object = {}, header: object = {}, key = privateKey) => {
    const now = Math.floor(Date.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const all = { iss: id, sub: id, aud: `${issuer}/token`, jti: randomUUID(), exp: now + 60, iat: now, ...claims };
    const input = `${part({ alg: 'RS512', kid: 'k', ...header })}.${part(all)}`;
    return `${input}.${sign('sha512', Buffer.from(input), key).toString('base64url')}`;
  };
  const ask = async (client_assertion: string) => {
    const response = await fetch(`${spine.url}/cis2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: 'none',
        redirect_uri: callback,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion,
      }),
    });
    return ((await response.json()) as { error: string }).error;
  };
  const good = assertion();
  expect(await ask(good)).toBe('invalid_grant');
  expect(await ask(good)).toBe('invalid_client');
  for (const bad of [
    assertion({ aud: 'https://evil.example/token' }),
    assertion({ exp: 1 }),
    assertion({ iss: 'somebody' }),
    assertion({}, { alg: 'none' }),
    assertion({}, { alg: 'HS256' }),
    assertion({}, {}, other),
  ])
    expect(await ask(bad)).toBe('invalid_client');
  const many = assertion();
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask(many)));
  expect(answers.filter((error) => error === 'invalid_grant')).toHaveLength(1);
});

test('behind https every cookie is for https, and every address is the configured one', async () => {
  const secure = await startSpine({ OPENSPINE_ISSUER_BASE: 'https://spine.example' });
  const id = await registered(secure);
  const parameters = { client_id: id, redirect_uri: callback, response_type: 'code', scope: 'openid', state: 's' };
  const begun = await fetch(`${secure.url}/cis2/authorize?${new URLSearchParams(parameters)}`, { redirect: 'manual' });
  expect(begun.headers.get('location')).toMatch(/^https:\/\/spine\.example\/cis2\/log-on\//);
  for (const line of begun.headers.getSetCookie()) expect(line).toMatch(/; secure/i);
  const cookies = begun.headers.getSetCookie().map((line) => line.split(';')[0]);
  const path = new URL(begun.headers.get('location') as string).pathname;
  const done = await fetch(`${secure.url}${path}/sandbox`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookies.join('; ') },
    body: new URLSearchParams(user),
  });
  expect(done.headers.get('location')).toMatch(/^https:\/\/spine\.example\/cis2\/authorize\//);
});

test('nobody who reads the database can use what is there: no token, code, cookie or key stands in it', async () => {
  const { tokens, browser, callbackUrl } = await tokensOf(config, user);
  const secrets = [
    tokens.access_token,
    callbackUrl.searchParams.get('code'),
    browser.cookie('cis2_session'),
  ] as string[];
  const rows = await db.query<{ text: string }>({
    text: `select row_to_json(a)::text as text from cis.provider_artifact a
           union all select row_to_json(s)::text from cis.provider_session s
           union all select row_to_json(k)::text from cis.signing_key k`,
    values: [],
    name: 'everything',
  });
  const all = rows.map((row) => row.text).join('\n');
  expect(rows.length).toBeGreaterThan(5);
  for (const one of secrets) expect(all).not.toContain(one);
  expect(all).not.toContain('PRIVATE KEY');
});

test('every log-on, refusal and token is in the audit log, with who and through which application', async () => {
  const { callbackUrl } = await logOn(config, user);
  expect(callbackUrl.href).toContain('code=');
  const browser = new BrowserJar();
  const page = await browser.follow(address({}), callback);
  await browser.open(formAction(page.html, 'kc-form-login'), { username: 'nobody' });
  const rows = await db.query<{ operation: string; outcome: string; user_id: string; app_id: string }>({
    text: `select operation, outcome, user_id, app_id from audit.entry order by at desc limit 400`,
    values: [],
    name: 'audit',
  });
  expect(rows).toContainEqual(
    expect.objectContaining({ operation: 'cis.log-on-sandbox-user', outcome: 'UNKNOWN_USER' }),
  );
  expect(rows).toContainEqual(
    expect.objectContaining({ operation: 'cis.log-on-sandbox-user', outcome: 'allowed', user_id: user.username }),
  );
  expect(rows).toContainEqual({
    operation: 'cis2.authorize',
    outcome: 'allowed',
    user_id: user.username,
    app_id: appId,
  });
  expect(rows).toContainEqual(
    expect.objectContaining({ operation: 'cis2.redeem', outcome: 'invalid_grant', app_id: appId }),
  );
  expect(rows).toContainEqual(
    expect.objectContaining({ operation: 'cis.log-on-sandbox-user', outcome: 'LOG_ON_ENDED' }),
  );
});
