import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { foreignProvider } from '../../../../test/support/foreign-provider.ts';
import { home, loggingOn } from '../../../../test/support/log-on.ts';

const staff = await foreignProvider('cis2', 'our-client');
const patients = await foreignProvider('nhs-login', 'our-login-client');
const role = { person_orgid: '1', person_roleid: '555000000777', org_code: 'A81001', role_code: 'S0:G0:R8000' };
staff.behaviour.userInfo = {
  sub: '555000000042',
  name: 'Farrier Aroha',
  nhsid_nrbac_roles: [{ ...role, role_name: '"a":"b":"c"', activity_codes: ['B0370'] }],
};
const client = await loggingOn([staff, patients]);
const { spine, code, redeem, logOn, introspect, locationOf, authorize, atCallback, callback, userInfo } = client;

test('the person is sent to the staff provider with our own state, nonce, PKCE and the published parameters', async () => {
  const to = locationOf(await authorize({ scope: 'whatever they write' }));
  const asked = Object.fromEntries(to.searchParams);
  expect(to.origin + to.pathname).toBe(`${staff.issuer}/authorize`);
  expect(asked).toMatchObject({
    client_id: 'our-client',
    response_type: 'code',
    scope: 'openid nationalrbacaccess',
    max_age: '300',
    acr_values: 'AAL3_ANY',
    code_challenge_method: 'S256',
  });
  expect(asked.redirect_uri).toMatch(/\/oauth2\/callback$/);
  expect(asked.state).toMatch(/^[A-Za-z0-9_-]{36}$/);
  expect(asked.nonce).not.toBe(asked.state);
  const other = locationOf(await authorize({ acr_values: 'AAL2_ANY', prompt: 'login' })).searchParams;
  expect([other.get('acr_values'), other.get('prompt')]).toEqual(['AAL2_ANY', 'login']);
  expect(other.get('state')).not.toBe(asked.state);
});

test('only the scope nhs-login, alone, chooses the patient provider', async () => {
  expect(locationOf(await authorize({ scope: 'nhs-login' })).origin).toBe(patients.issuer);
  expect(locationOf(await authorize({ scope: 'openid nhs-login' })).origin).toBe(staff.issuer);
  const asked = locationOf(await authorize({ scope: 'nhs-login' })).searchParams;
  expect([asked.get('scope'), asked.get('max_age')]).toEqual(['openid profile', '300']);
});

test('back at the application: our code once, the state as it was given, everything else of its address kept', async () => {
  const back = locationOf(await callback((await atCallback()).search));
  expect(`${back.origin}${back.pathname}`).toBe('https://app.example/back');
  expect(Object.fromEntries(back.searchParams)).toEqual({ tab: '1', code: expect.any(String), state: 'my state' });
  expect(home.startsWith('https://app.example/back')).toBe(true);
});

test('we prove to the provider that we are who asked: secret, code, and the verifier of the challenge', async () => {
  await logOn();
  const sent = staff.asked.token.at(-1) as URLSearchParams;
  const challenge = staff.asked.authorize.at(-1)?.get('code_challenge');
  expect(
    createHash('sha256')
      .update(sent.get('code_verifier') as string)
      .digest('base64url'),
  ).toBe(challenge);
  expect([sent.get('client_id'), sent.get('client_secret')]).toEqual(['our-client', 'between us']);
});

test('the answer has the published members, numbers as strings', async () => {
  expect(await redeem(await code())).toEqual({
    status: 200,
    body: {
      access_token: expect.any(String),
      expires_in: '599',
      token_type: 'Bearer',
      refresh_token: expect.any(String),
      refresh_token_expires_in: '43199',
      refresh_count: '0',
    },
  });
  const patient = await logOn({ scope: 'nhs-login' });
  expect([patient.expires_in, patient.refresh_token_expires_in]).toEqual(['599', '3599']);
});

test('the token stands for the person in the application, at the level reached', async () => {
  const { access_token } = await logOn();
  expect(await introspect(access_token)).toMatchObject({
    scopes: ['urn:nhsd:apim:user-nhs-id:aal3:personal-demographics-service'],
    attributes: {
      auth_type: 'user',
      auth_grant_type: 'authorization_code',
      auth_provider: 'nhs-cis2',
      auth_level: 'aal3',
      auth_user_id: '555000000042',
      client_id: 'app',
      asid: '200000009876',
      colour: 'teal',
    },
  });
  const patient = await logOn({ scope: 'nhs-login' });
  expect(await introspect(patient.access_token)).toMatchObject({
    scopes: ['urn:nhsd:apim:user-nhs-login:P9:personal-demographics-service'],
    attributes: { auth_provider: 'nhs-login', auth_level: 'p9', auth_user_id: '9912003071' },
  });
});

test('user information is what the provider gave, for staff alone', async () => {
  const { access_token } = await logOn();
  expect(await userInfo(access_token)).toEqual({ status: 200, body: staff.behaviour.userInfo });
  const patient = await logOn({ scope: 'nhs-login' });
  expect((await userInfo(patient.access_token)).status).toBe(400);
});

test('roles come from the user information: PDS takes the one that is hers and no other', async () => {
  const { access_token: token = '' } = await logOn();
  const ask = async (urid: string) =>
    (await spine.pds('/Patient/9000000009', { token, headers: { 'nhsd-session-urid': urid } })).status;
  expect([await ask('555000000777'), await ask('555000000778')]).toEqual([404, 400]);
});

test('no scope for the level reached: refused at the callback, 401', async () => {
  await client.load({ products: [{ name: 'p', scopes: ['urn:nhsd:apim:user-nhs-id:aal2:x'] }] });
  const answer = await client.told(await callback((await atCallback()).search));
  expect([answer.status, answer.body.error]).toEqual([401, 'unauthorized_client']);
  await client.load();
});

test('a code is good once, for the application and the address it was made for; the second use revokes the first', async () => {
  const first = await code();
  const given = await redeem(first);
  expect((await userInfo(given.body.access_token)).status).toBe(200);
  expect((await redeem(first)).body.error_description).toBe('authorization_code is invalid');
  expect((await userInfo(given.body.access_token)).status).toBe(401);
  expect((await client.refresh(given.body.refresh_token as string)).body.error_description).toBe(
    'refresh_token is invalid',
  );
  await client.load({}, 'another');
  expect((await redeem(await code(), { client_id: 'another' })).body.error).toBe('invalid_grant');
  await client.load({ redirectUris: [home, 'https://app.example/other'] });
  expect((await redeem(await code(), { redirect_uri: 'https://app.example/other' })).body.error).toBe('invalid_grant');
});

test('of many who redeem one code at the same moment none keeps what it got', async () => {
  const one = await code();
  const answers = await Promise.all(Array.from({ length: 8 }, () => redeem(one)));
  const given = answers.filter(({ status }) => status === 200);
  expect(given).toHaveLength(1);
  expect((await userInfo(given[0]?.body.access_token)).status).toBe(401);
});

test('what the application may have is looked at anew when it redeems the code', async () => {
  const early = await code();
  await client.load({ products: [{ name: 'p', scopes: ['urn:nhsd:apim:user-nhs-id:aal3:new'] }] });
  const { body } = await redeem(early);
  expect((await introspect(body.access_token)).scopes).toEqual(['urn:nhsd:apim:user-nhs-id:aal3:new']);
  const late = await code();
  await client.load({ products: [{ name: 'p', scopes: ['urn:nhsd:apim:user-nhs-id:aal2:x'] }] });
  expect((await redeem(late)).body.error).toBe('unauthorized_client');
  await client.load();
});

test('a code lasts five minutes by the clock of the Spine', async () => {
  const late = await code();
  await spine.control('clock', { advance: 'PT5M1S' });
  expect((await redeem(late)).body.error).toBe('invalid_grant');
  await spine.control('clock');
});

test('a state is good once, and another provider that answers in its place is turned away', async () => {
  const { search } = await atCallback();
  const mixedUp = new URLSearchParams((await atCallback()).search);
  mixedUp.set('iss', patients.issuer);
  expect((await callback(search)).status).toBe(302);
  expect((await client.told(await callback(search))).body.error_description).toBe('Invalid state parameter.');
  expect((await client.told(await callback(`?${mixedUp}`))).body.error_description).toBe(
    'Invalid iss claim in external ID token JWT',
  );
});

test('the staff provider repeats our client_id, or is not believed', async () => {
  for (const [name, value, text] of [
    ['client_id', undefined, 'client_id is missing'],
    ['client_id', 'x', 'client_id is invalid'],
  ] as const) {
    const query = new URLSearchParams((await atCallback()).search);
    query.delete(name);
    if (value) query.set(name, value);
    const { status, body } = await client.told(await callback(`?${query}`));
    expect([status, body.error_description]).toEqual([401, text]);
  }
});

test('an ID token of another log-on is worth nothing: its nonce is not ours', async () => {
  staff.behaviour.idToken = await staff.sign({ nonce: 'stolen' });
  const { body } = await client.told(await callback((await atCallback()).search));
  expect(body.error_description).toBe("Invalid 'nonce' claim in external ID token JWT");
  staff.behaviour.idToken = undefined;
});

test('a code that the provider never gave out is refused, not a failure', async () => {
  const query = new URLSearchParams((await atCallback()).search);
  query.set('code', 'injected');
  const { status, body } = await client.told(await callback(`?${query}`));
  expect([status, body.error]).toEqual([400, 'invalid_grant']);
});

test('a person who gives up is sent back with what the provider said', async () => {
  const query = new URLSearchParams((await atCallback()).search);
  query.delete('code');
  query.set('error', 'access_denied');
  const back = locationOf(await callback(`?${query}`));
  expect(Object.fromEntries(back.searchParams)).toEqual({ tab: '1', error: 'access_denied', state: 'my state' });
});

test('user information of somebody else is not taken', async () => {
  const before = staff.behaviour.userInfo;
  staff.behaviour.userInfo = { ...before, sub: '555000000043' };
  expect((await callback((await atCallback()).search)).status).toBe(500);
  staff.behaviour.userInfo = before;
});

test('the same service answers by its second published address, and says so in the token', async () => {
  const mock = `${spine.url}/oauth2-mock`;
  const query = new URLSearchParams({ client_id: 'app', redirect_uri: home, response_type: 'code', state: 's' });
  const to = locationOf(await fetch(`${mock}/authorize?${query}`, { redirect: 'manual' }));
  const at = locationOf(await fetch(to, { redirect: 'manual' }));
  expect(at.pathname).toBe('/oauth2-mock/callback');
  const back = locationOf(await fetch(`${mock}/callback${at.search}`, { redirect: 'manual' }));
  const { body } = await redeem(back.searchParams.get('code') as string);
  expect((await introspect(body.access_token)).attributes.auth_provider).toBe('apim-mock-nhs-cis2');
});
