import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { foreignProvider } from '../support/foreign-provider.ts';
import { startSpine } from '../support/spine.ts';
import { assertionOf, clientKey, encode, jwtBearer, type Wanted } from '../support/token-service.ts';

/** One row of the published list of errors. */
type Row = {
  step: number;
  endpoint: string;
  when: string;
  status: number | string;
  error: string | null;
  error_description: string | null;
};

const file = join(process.env.OPENSPINE_CONTRACTS ?? resolve('../shared/contracts'), 'cis/oauth-errors.json');
const isThere = existsSync(file);

describe.skipIf(!isThere)('every published error of the token service, by its row', async () => {
  if (!isThere) {
    test.skip('the published list is not here', () => {});
    return;
  }
  const { errors } = JSON.parse(readFileSync(file, 'utf8')) as { errors: Row[] };
  const spine = await startSpine();
  // the list of allowed addresses has none of ours
  const closed = await startSpine({ OPENSPINE_LOGOUT_ADDRESSES: '192.0.2.0/24' });
  const url = `${spine.url}/oauth2`;
  const key = await clientKey('k-1');
  const otherKey = await clientKey('k-1');
  const staff = await foreignProvider('cis2', 'our-client');
  const home = 'https://app.example/back';
  const products = [
    {
      name: 'everything',
      scopes: ['urn:nhsd:apim:app:level3:x', 'urn:nhsd:apim:user-nhs-id:aal3:x', 'urn:nhsd:apim:user-nhs-login:P9:x'],
    },
  ];
  const application = (apiKey: string, more: object = {}) => ({
    apiKey,
    secret: 'correct horse',
    jwks: { keys: [key.publicJwk] },
    redirectUris: [home],
    products,
    ...more,
  });
  const load = (...applications: object[]) => spine.control('load', { cis: { applications } });
  await spine.control('load', { cis: { providers: [staff.registration] } });
  await load(
    application('app'),
    application('no-keys', { jwks: undefined }),
    application('unreachable', { jwks: undefined, jwksUrl: 'http://127.0.0.1:9/keys' }),
    application('no-scopes', { products: [{ name: 'p', scopes: ['urn:nhsd:apim:user-nhs-id:aal1:x'] }] }),
    application('revoked', { status: 'revoked' }),
    application('nothing', { products: [] }),
    application('company', { status: 'organisation-inactive' }),
    application('developer', { status: 'developer-inactive' }),
  );

  const facts = (appId: string) => ({ appId, audience: `${url}/token`, now: Date.now() });
  const seconds = () => Math.floor(Date.now() / 1000);
  const post = (body: Record<string, string | undefined> | string, type = 'application/x-www-form-urlencoded') =>
    fetch(`${url}/token`, {
      method: 'POST',
      headers: { 'content-type': type },
      body:
        typeof body === 'string'
          ? body
          : new URLSearchParams(
              Object.entries(body).filter((entry): entry is [string, string] => entry[1] !== undefined),
            ).toString(),
    });
  const assertion = (wanted: Wanted = {}, appId = 'app', signer = key) => assertionOf(signer, facts(appId), wanted);
  const credentials = async (wanted: Wanted = {}, fields: Record<string, string | undefined> = {}, appId = 'app') =>
    post({
      grant_type: 'client_credentials',
      client_assertion_type: jwtBearer,
      client_assertion: await assertion(wanted, appId),
      ...fields,
    });
  const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const idTokenType = 'urn:ietf:params:oauth:token-type:id_token';
  const exchange = (subject: string | undefined, appId = 'app') =>
    credentials({}, { grant_type: exchangeGrant, subject_token_type: idTokenType, subject_token: subject }, appId);
  /** A subject token whose signature nobody comes to look at. */
  const unsigned = (header: object, claims: object) => `${encode(header)}.${encode(claims)}.c2ln`;
  const head = { alg: 'RS256', typ: 'JWT', kid: 'cis2-1' };
  const claims = () => ({ iss: staff.issuer, aud: 'x', sub: '1', exp: seconds() + 60 });
  const subject = (header: object, claim: object = {}) =>
    exchange(unsigned({ ...head, ...header }, { ...claims(), ...claim }));
  const actor = (header: object, claim: object = {}) =>
    exchange(
      unsigned(head, {
        ...claims(),
        act: { sub: unsigned({ ...head, ...header }, { ...claims(), nhs_number: '9912003071', ...claim }) },
      }),
    );
  const both = { client_id: 'app', client_secret: 'correct horse' };
  const code = (fields: Record<string, string | undefined>) =>
    post({ grant_type: 'authorization_code', ...both, redirect_uri: home, ...fields });
  const refreshing = (fields: Record<string, string | undefined>) =>
    post({ grant_type: 'refresh_token', ...both, ...fields });
  const authorize = (fields: Record<string, string | undefined> = {}) => {
    const query = { client_id: 'app', redirect_uri: home, response_type: 'code', state: 'mine', ...fields };
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return fetch(`${url}/authorize?${new URLSearchParams(given)}`, { redirect: 'manual' });
  };
  const locationOf = (answer: Response) => new URL(answer.headers.get('location') as string);
  /** To the provider and back, so far that the browser stands before our callback. */
  const atCallback = async (appId = 'app') => {
    const toProvider = locationOf(await authorize({ client_id: appId }));
    return locationOf(await fetch(toProvider, { redirect: 'manual' }));
  };
  const callback = async (location: URL) => fetch(`${url}/callback${location.search}`, { redirect: 'manual' });
  const misbehaving = async (change: Partial<typeof staff.behaviour>) => {
    const before = { ...staff.behaviour };
    Object.assign(staff.behaviour, change);
    try {
      return await callback(await atCallback());
    } finally {
      Object.assign(staff.behaviour, before, { idToken: before.idToken });
    }
  };
  const loggedOn = async (fields: Record<string, string> = {}) => {
    const back = locationOf(await callback(await atCallback()));
    return (await (await code({ code: back.searchParams.get('code') as string, ...fields })).json()) as Record<
      string,
      string
    >;
  };
  const logoutEvent = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const logout = async (more: object = {}, header: object = {}) =>
    logOut(
      await staff.sign(
        {
          sub: undefined,
          exp: undefined,
          authentication_assurance_level: undefined,
          events: logoutEvent,
          sid: 'unknown',
          jti: 'x',
          ...more,
        },
        header as Record<string, unknown>,
      ),
    );
  const logOut = (logout_token: string, at = url) =>
    fetch(`${at}/backchannel_logout`, { method: 'POST', body: new URLSearchParams({ logout_token }) });

  const ways: Record<string, () => Promise<Response>> = {
    '1 Content-Type absent': () => post('grant_type=client_credentials', 'text/plain'),
    '10 client_assertion_type': () => credentials({}, { client_assertion_type: 'x' }),
    '11 subject_token_type is id_token': () => credentials({}, { subject_token_type: idTokenType }),
    '12 no client_assertion': () => credentials({}, { client_assertion: undefined }),
    '13 not decodable': () => credentials({}, { client_assertion: 'a.b' }),
    '14 alg': () => credentials({ header: { alg: 'RS256' } }),
    '15 exp in the past': () => credentials({ claims: { exp: 5 } }),
    '16 no kid': () => credentials({ header: { kid: undefined } }),
    '17 typ': () => credentials({ header: { typ: 'x' } }),
    '18 no exp': () => credentials({ claims: { exp: undefined } }),
    '19 exp not an integer': () => credentials({ claims: { exp: 'tomorrow' } }),
    '20 iss or sub': () => credentials({ claims: { sub: 'another' } }),
    '21 no jti': () => credentials({ claims: { jti: undefined } }),
    '22 jti not a string': () => credentials({ claims: { jti: 7 } }),
    '23 jti seen before': async () => {
      await credentials({ claims: { jti: 'once' } });
      return credentials({ claims: { jti: 'once' } });
    },
    '24 exp more than 310 s': () => credentials({ claims: { exp: seconds() + 330 } }),
    '25 sub is not a known': () => credentials({}, {}, 'nobody'),
    '26 client has no key set': () => credentials({}, {}, 'no-keys'),
    '27 key set address': () => credentials({}, {}, 'unreachable'),
    '28 kid not in the key set': () => credentials({ header: { kid: 'another' } }),
    '29 signature wrong': async () => credentials({}, { client_assertion: await assertion({}, 'app', otherKey) }),
    '30 aud is not': () => credentials({ claims: { aud: 'https://elsewhere.example/token' } }),
    '40 no subject_token': () => exchange(undefined),
    '41 not decodable': () => exchange('x'),
    '42 no kid': () => subject({ kid: undefined }),
    "43 typ not 'jwt'": () => subject({ typ: 'x' }),
    '44 no alg': () => subject({ alg: undefined }),
    '45 no exp': () => subject({}, { exp: undefined }),
    '46 exp not an integer': () => subject({}, { exp: 'x' }),
    '47 exp past': () => subject({}, { exp: 5 }),
    '48 no iss': () => subject({}, { iss: undefined }),
    '49 no aud': () => subject({}, { aud: undefined }),
    '55 no kid': () => actor({ kid: undefined }),
    "56 typ not 'jwt'": () => actor({ typ: 'x' }),
    '57 no alg': () => actor({ alg: undefined }),
    '58 no exp': () => actor({}, { exp: undefined }),
    '59 exp not integer': () => actor({}, { exp: 'x' }),
    '60 no iss': () => actor({}, { iss: undefined }),
    '61 no aud': () => actor({}, { aud: undefined }),
    '62 no nhs_number': () => actor({}, { nhs_number: undefined }),
    '65 iss is neither': () => subject({}, { iss: 'https://nobody.example' }),
    '66 kid not in the provider': () => subject({ kid: 'another' }),
    '67 signature wrong': () => subject({}),
    '68 provider key set': async () => {
      const away = { issuer: 'https://away.example', kind: 'cis2', jwksUri: 'http://127.0.0.1:9/keys' };
      await spine.control('load', { cis: { providers: [away] } });
      return subject({}, { iss: 'https://away.example' });
    },
    '75 no scope': async () => exchange(await staff.sign(), 'no-scopes'),
    '80 client_id absent': () => authorize({ client_id: undefined }),
    '81 client_id unknown (at /authorize)': () => authorize({ client_id: 'nobody' }),
    '82 client_id unknown (at /token)': () => code({ client_id: 'nobody', code: 'x' }),
    '83 client_secret absent': () => refreshing({ client_secret: undefined }),
    '84 client_secret wrong': () => code({ client_secret: 'incorrect horse' }),
    '85 redirect_uri absent': () => code({ redirect_uri: undefined }),
    '86 redirect_uri differs': () => authorize({ redirect_uri: `${home}/` }),
    '87 code absent': () => code({}),
    '88 code unknown': () => code({ code: 'x' }),
    '89 refresh_token absent': () => refreshing({}),
    '90 refresh_token unknown': () => refreshing({ refresh_token: 'x' }),
    '91 refresh token expired': async () => {
      const { refresh_token } = await loggedOn({ _refresh_token_expiry_ms: '1' });
      await new Promise((resolve) => setTimeout(resolve, 5));
      return refreshing({ refresh_token: refresh_token as string });
    },
    '95 state absent': () => authorize({ state: undefined }),
    '95 response_type absent': () => authorize({ response_type: undefined }),
    '95 response_type is not code': () => authorize({ response_type: 'token' }),
    '96 state unknown': () => fetch(`${url}/callback?code=x&state=y&client_id=z`),
    '96 ID token aud wrong': () => misbehaving({ claims: { ...staff.behaviour.claims, aud: 'x' } }),
    '96 ID token iss wrong': () => misbehaving({ claims: { ...staff.behaviour.claims, iss: 'x' } }),
    '96 ID token kid unknown': () => misbehaving({ header: { kid: 'another' } }),
    '96 ID token not decodable': () => misbehaving({ idToken: 'x' }),
    '97 token-exchange grant': () => credentials({}, { grant_type: exchangeGrant }),
    '98 any other grant_type': () => post({ grant_type: 'password' }),
    '99 no grant_type': () => post({}),
    '100 client application revoked': () => authorize({ client_id: 'revoked' }),
    '100 client not subscribed': () => authorize({ client_id: 'nothing' }),
    '100 owning organisation': () => credentials({}, {}, 'company'),
    '100 owning developer': () => credentials({}, {}, 'developer'),
    '110 caller not on': () => logOut('x', `${closed.url}/oauth2`),
    '111 not decodable': () => logOut('x'),
    '112 aud[0]': () => logout({ aud: ['x', 'our-client'] }),
    '113 iss differs': () => logout({ iss: 'https://nobody.example' }),
    '114 no sid': () => logout({ sid: undefined }),
    '115 events lacks': () => logout({ events: {} }),
    '116 nonce present': () => logout({ nonce: 'x' }),
    '117 signature or kid': () => logout({}, { kid: 'another' }),
    '118 sid not known': () => logout(),
    '119 revocation failed': async () => {
      const away = {
        issuer: 'https://gone.example',
        kind: 'cis2',
        jwksUri: 'http://127.0.0.1:9/keys',
        clientId: 'gone',
      };
      await spine.control('load', { cis: { providers: [away] } });
      return logout({ iss: 'https://gone.example', aud: 'gone' });
    },
    '130 token not from': async () => {
      const { access_token } = (await (await credentials()).json()) as { access_token: string };
      return fetch(`${url}/userinfo`, { headers: { authorization: `Bearer ${access_token}` } });
    },
    '131 unknown path': () => fetch(`${url}/nowhere`),
    '132 apikey header': () => fetch(`${url}/_status`, { headers: { apikey: 'wrong' } }),
    // a provider that breaks down in the middle of a log-on is nothing a client could foresee
    '133 anything unforeseen': () => misbehaving({ tokenStatus: 503 }),
  };

  const wayTo = (row: Row) => Object.keys(ways).find((name) => `${row.step} ${row.when}`.startsWith(name));

  test('there is a way to each of them', () => {
    expect(errors.filter((row) => wayTo(row) === undefined)).toEqual([]);
    expect(new Set(errors.map(wayTo)).size).toBe(errors.length);
  });

  test.each(errors.map((row) => [row.step, row.when, row] as const))('step %i: %s', async (_step, _when, row) => {
    const answer = await (ways[wayTo(row) as string] as () => Promise<Response>)();
    if (row.error === null) {
      expect([answer.status, await answer.text()]).toEqual([row.status, '']);
    } else if (row.status === '302 to redirect_uri') {
      const told = Object.fromEntries(locationOf(answer).searchParams);
      const { error, error_description } = row;
      expect(answer.status).toBe(302);
      expect(told).toEqual({ error, error_description, ...(told.state === undefined ? {} : { state: 'mine' }) });
    } else {
      const { error, error_description } = row;
      const message_id = expect.stringMatching(/^\S{8,}$/);
      expect({ status: answer.status, body: await answer.json() }).toEqual({
        status: row.status,
        body: { error, error_description, message_id },
      });
    }
  });
});
