import { expect, test } from 'vitest';
import { startSpine } from '../../../../test/support/spine.ts';
import { assertionOf, clientKey, credentialsForm, post } from '../../../../test/support/token-service.ts';

const spine = await startSpine();
const portal = await spine.token({
  mode: 'application-restricted',
  appId: 'portal',
  attributes: { 'developer-portal': 'true' },
});
const [first, second, third] = await Promise.all(['one', 'two', 'three'].map(clientKey));

// biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was answered
type Told = { status: number; body: any };
async function ask(method: string, path: string, body?: object, token = portal): Promise<Told> {
  const answer = await fetch(`${spine.url}/developer/applications${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}
const register = (more: object = {}) =>
  ask('POST', '', {
    name: 'Ward rounds',
    odsCode: 'RR8',
    asid: '200000001234',
    modes: ['application-restricted'],
    jwks: { keys: [first?.publicJwk] },
    ...more,
  });
const tokenFor = async (appId: string, key: typeof first) => {
  const url = `${spine.url}/oauth2/token`;
  const assertion = await assertionOf(key as never, { appId, audience: url, now: Date.now() });
  return post(url, credentialsForm(assertion));
};

test('a developer registers an application, and it gets a token', async () => {
  const { status, body } = await register({ attributes: { colour: 'teal' } });
  expect([status, body.status, body.keys, body.hasSecret]).toEqual([201, 'approved', [{ kid: 'one' }], false]);
  expect((await tokenFor(body.apiKey, first)).status).toBe(200);
  expect((await ask('GET', `/${body.apiKey}`)).body).toEqual(body);
  expect((await ask('GET', '')).body.applications).toContainEqual(body);
});

test('a secret is shown once, and a new one takes the place of the old', async () => {
  const { body } = await register({ withSecret: true, redirectUris: ['https://app.example/back'] });
  expect(body.secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(JSON.stringify((await ask('GET', `/${body.apiKey}`)).body)).not.toContain(body.secret);
  const works = async (client_secret: string) => {
    const fields = { grant_type: 'refresh_token', client_id: body.apiKey, client_secret, refresh_token: 'x' };
    const answer = await post(`${spine.url}/oauth2/token`, new URLSearchParams(fields).toString());
    return answer.body.error_description === 'refresh_token is invalid';
  };
  const renewed = (await ask('POST', `/${body.apiKey}/secret`)).body.secret;
  expect([await works(body.secret), await works(renewed)]).toEqual([false, true]);
});

test('two keys are good at once; a third ends the first; a withdrawn one is good no more', async () => {
  const { body } = await register();
  const works = async () =>
    (await Promise.all([first, second, third].map((key) => tokenFor(body.apiKey, key)))).map(({ status }) => status);
  await ask('POST', `/${body.apiKey}/keys`, { jwks: { keys: [second?.publicJwk] } });
  expect(await works()).toEqual([200, 200, 401]);
  expect((await ask('POST', `/${body.apiKey}/keys`, { jwks: { keys: [third?.publicJwk] } })).body.keys).toEqual([
    { kid: 'three' },
    { kid: 'two' },
  ]);
  expect(await works()).toEqual([401, 200, 200]);
  await ask('DELETE', `/${body.apiKey}/keys/two`);
  expect(await works()).toEqual([401, 401, 200]);
  expect((await ask('POST', `/${body.apiKey}/keys`, { jwks: { keys: [third?.publicJwk] } })).status).toBe(400);
  expect((await ask('DELETE', `/${body.apiKey}/keys/two`)).body.issue[0].diagnostics).toBe('There is no key "two".');
  const odd = { jwks: { keys: [{ ...first?.publicJwk, kid: '\u0000' }] } };
  expect((await ask('POST', `/${body.apiKey}/keys`, odd)).status).toBe(400);
});

test('a suspended application gets no tokens, and those it has end', async () => {
  const { body } = await register();
  const { access_token } = (await tokenFor(body.apiKey, first)).body;
  expect((await ask('POST', `/${body.apiKey}/suspend`)).body.status).toBe('revoked');
  expect((await tokenFor(body.apiKey, first)).body.error).toBe('access_denied');
  await expect(spine.control('introspect', { token: access_token })).rejects.toThrow('unknown');
});

test('whose application it is not finds none; whose token is no portal’s is refused by the rule', async () => {
  const { body } = await register();
  const other = await spine.token({
    mode: 'application-restricted',
    appId: 'other',
    attributes: { 'developer-portal': 'true' },
  });
  const plain = await spine.token({ mode: 'application-restricted' });
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/keys'],
    ['POST', '/secret'],
    ['POST', '/suspend'],
  ] as const)
    expect((await ask(method, `/${body.apiKey}${path}`, method === 'POST' ? {} : undefined, other)).status).toBe(404);
  expect((await ask('GET', '', undefined, other)).body.applications).toEqual([]);
  expect(await ask('GET', '', undefined, plain)).toMatchObject({
    status: 403,
    body: { issue: [{ details: { coding: [{ code: 'attribute' }] } }] },
  });
  expect((await ask('GET', '', undefined, 'nobody')).status).toBe(401);
});

test.each([
  [{ name: '' }, 'name'],
  [{ odsCode: '!' }, 'ODS code'],
  [{ modes: ['root'] }, 'modes/0'],
  [{ jwks: { keys: [] } }, 'keys'],
  [{ jwksUrl: 'file:///etc/passwd', jwks: undefined }, 'http or https'],
  [{ redirectUris: ['javascript:alert(1)'] }, 'javascript:alert(1)'],
  [{ redirectUris: ['https://app.example/#x'] }, '#x'],
  [{ owner: 'me' }, 'owner'],
  [{ redirectUris: ['java\tscript:alert(1)'] }, 'callback address'],
  [{ redirectUris: ['\u0001javascript:alert(1)'] }, 'callback address'],
  [{ name: 'a\u0000' }, 'cannot be kept'],
  [{ attributes: { a: '\ud800' } }, 'cannot be kept'],
  [{ products: [{ name: 'p', scopes: ['\u0000'] }] }, 'cannot be kept'],
  [{ redirectUris: ['https://app.example/\u0000'] }, 'cannot be kept'],
  [{ jwks: { keys: [{ ...first?.publicJwk, kid: '\u0000' }] } }, 'cannot be kept'],
])('%j is refused by its name', async (more, word) => {
  const { status, body } = await register(more);
  expect([status, JSON.stringify(body).includes(word)]).toEqual([400, true]);
});
