import { describe, expect, test } from 'vitest';
import { post, registered, release, tokenService } from '../../../../../test/support/token-service.ts';

const service = await tokenService();
const home = 'https://app.example/back?tab=1';
const client = await registered(service.db, { redirectUris: [home], secret: 'correct horse' });

const at = (path: string, init: RequestInit = {}) =>
  fetch(`${service.base}/oauth2${path}`, { redirect: 'manual', ...init });
const bodyOf = async (asked: Promise<Response>) => {
  const answer = await asked;
  return { status: answer.status, body: (await answer.json()) as object };
};

describe('grants with a client secret', () => {
  const form = (grant: string, fields: Record<string, string>) =>
    post(service.url, new URLSearchParams({ grant_type: grant, ...fields }).toString());
  const id = { client_id: client.appId };
  const both = { ...id, client_secret: 'correct horse' };
  const there = { ...both, redirect_uri: home };
  test.each<[number, string, string, Record<string, string>, number, string, string]>([
    [80, 'no client_id', 'authorization_code', {}, 401, 'invalid_request', 'client_id is missing'],
    [
      82,
      'an unknown client_id',
      'authorization_code',
      { ...both, client_id: 'x' },
      401,
      'invalid_client',
      'client_id or client_secret is invalid',
    ],
    [83, 'no client_secret', 'authorization_code', id, 401, 'invalid_request', 'client_secret is missing'],
    [
      84,
      'a wrong client_secret',
      'authorization_code',
      { ...id, client_secret: 'x' },
      401,
      'invalid_client',
      'client_id or client_secret is invalid',
    ],
    [85, 'no redirect_uri', 'authorization_code', both, 400, 'invalid_request', 'redirect_uri is missing'],
    [
      86,
      'another redirect_uri',
      'authorization_code',
      { ...both, redirect_uri: `${home}&x` },
      400,
      'invalid_request',
      'redirect_uri is invalid',
    ],
    [87, 'no code', 'authorization_code', there, 400, 'invalid_request', 'authorization_code is missing'],
    [
      88,
      'a code nobody gave out',
      'authorization_code',
      { ...there, code: 'x' },
      400,
      'invalid_grant',
      'authorization_code is invalid',
    ],
    [80, 'no client_id', 'refresh_token', {}, 401, 'invalid_request', 'client_id is missing'],
    [
      82,
      'an unknown client_id',
      'refresh_token',
      { ...both, client_id: 'x' },
      401,
      'invalid_client',
      'client_id or client_secret is invalid',
    ],
    [83, 'no client_secret', 'refresh_token', id, 401, 'invalid_request', 'client_secret is missing'],
    [
      84,
      'a wrong client_secret',
      'refresh_token',
      { ...id, client_secret: 'x' },
      401,
      'invalid_client',
      'client_id or client_secret is invalid',
    ],
    [89, 'no refresh_token', 'refresh_token', both, 400, 'invalid_request', 'refresh_token is missing'],
    [
      90,
      'a refresh_token nobody gave out',
      'refresh_token',
      { ...both, refresh_token: 'x' },
      401,
      'invalid_grant',
      'refresh_token is invalid',
    ],
  ])('step %i: %s (%s)', async (_step, _when, grant, fields, status, error, error_description) => {
    const answer = await form(grant, fields);
    expect({ status: answer.status, ...answer.body }).toEqual({
      status,
      error,
      error_description,
      message_id: expect.any(String),
    });
  });

  test('a client without a secret is let in with none', async () => {
    const bare = await registered(service.db);
    const answer = await form('refresh_token', { client_id: bare.appId, client_secret: 'undefined' });
    expect(answer.body.error_description).toBe('client_id or client_secret is invalid');
  });
});

describe('GET /authorize', () => {
  const asks = (query: Record<string, string>) => at(`/authorize?${new URLSearchParams(query)}`);
  const whole = { client_id: client.appId, redirect_uri: home, response_type: 'code', state: 's 1' };
  const without = (name: keyof typeof whole) =>
    Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name));

  test.each<[number, string, Record<string, string>, number, string]>([
    [80, 'no client_id', without('client_id'), 401, 'client_id is missing'],
    [81, 'an unknown client_id', { ...whole, client_id: 'x' }, 401, 'client_id is invalid'],
    [85, 'no redirect_uri', without('redirect_uri'), 400, 'redirect_uri is missing'],
    [86, 'another redirect_uri', { ...whole, redirect_uri: 'https://evil.example/' }, 400, 'redirect_uri is invalid'],
  ])('step %i: %s is answered, never redirected', async (_step, _when, query, status, error_description) => {
    expect(await bodyOf(asks(query))).toMatchObject({ status, body: { error: 'invalid_request', error_description } });
  });

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['no state', without('state'), { error: 'invalid_request', error_description: 'state is missing' }],
    [
      'no response_type',
      without('response_type'),
      { error: 'invalid_request', error_description: 'response_type is missing', state: 's 1' },
    ],
    [
      'a state that cannot be kept',
      { ...whole, state: 's\u0000' },
      { error: 'invalid_request', error_description: 'state is invalid', state: 's\u0000' },
    ],
    [
      'another response_type',
      { ...whole, response_type: 'token' },
      { error: 'unsupported_response_type', error_description: 'response_type is invalid', state: 's 1' },
    ],
  ])('step 95: %s goes back to the registered address', async (_when, query, told) => {
    const answer = await asks(query);
    const location = new URL(answer.headers.get('location') as string);
    expect(answer.status).toBe(302);
    expect(location.origin + location.pathname).toBe('https://app.example/back');
    expect(Object.fromEntries(location.searchParams)).toEqual({ tab: '1', ...told });
  });

  test('the query of the registered address is kept letter for letter', async () => {
    const odd = 'https://app.example/back?flag&a=b%20c';
    const other = await registered(service.db, { redirectUris: [odd] });
    const answer = await asks({ client_id: other.appId, redirect_uri: odd, response_type: 'token', state: 's' });
    expect(answer.headers.get('location')).toMatch(/^https:\/\/app\.example\/back\?flag&a=b%20c&error=/);
  });

  test('a wrong method is 405, empty, with Allow', async () => {
    const answer = await at('/authorize', { method: 'POST' });
    expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([405, 'GET', '']);
  });
});

test('step 96: no state is known at the callback', async () => {
  expect(await bodyOf(at('/callback?code=x&state=y'))).toMatchObject({
    status: 400,
    body: { error: 'invalid_request', error_description: 'Invalid state parameter.' },
  });
});

test('step 110: only addresses on the list may tell of ended sessions', async () => {
  const closed = await tokenService({ config: { logoutAddresses: ['192.0.2.0/24'] } });
  const tell = async (base: string) => {
    const body = new URLSearchParams({ logout_token: 'x' });
    const answer = await fetch(`${base}/oauth2/backchannel_logout`, { method: 'POST', body });
    return [answer.status, await answer.text()];
  };
  expect(await tell(closed.base)).toEqual([403, '']);
  expect((await tell(service.base))[0]).toBe(400);
});

describe('GET /userinfo', () => {
  const asks = (authorization?: string) =>
    bodyOf(at('/userinfo', authorization === undefined ? {} : { headers: { authorization } }));
  const issue = (life: number) =>
    service.tokens.issue({ mode: 'healthcare-worker', appId: client.appId, scopes: [], attributes: {} }, life);

  test.each([[undefined], [''], ['Bearer'], ['Bearer '], ['Basic eDp5']])(
    'Authorization %j is no token',
    async (value) => {
      const fault = { faultstring: 'Invalid access token', detail: { errorcode: 'oauth.v2.InvalidAccessToken' } };
      expect(await asks(value)).toMatchObject({ status: 401, body: { fault } });
    },
  );

  test('an unknown, a revoked and an expired token are told apart as published', async () => {
    const unknown = {
      faultstring: 'Invalid Access Token',
      detail: { errorcode: 'keymanagement.service.invalid_access_token' },
    };
    const expired = {
      faultstring: 'Access Token expired',
      detail: { errorcode: 'keymanagement.service.access_token_expired' },
    };
    const revoked = await issue(600);
    await service.tokens.revoke(revoked);
    expect(await asks('Bearer nobody')).toMatchObject({ status: 401, body: { fault: unknown } });
    expect(await asks(`Bearer ${revoked}`)).toMatchObject({ status: 401, body: { fault: unknown } });
    expect(await asks(`Bearer ${await issue(-1)}`)).toMatchObject({ status: 401, body: { fault: expired } });
  });

  test('step 130: a token that is not from a combined log-on', async () => {
    expect(await asks(`Bearer ${await issue(600)}`)).toMatchObject({
      status: 400,
      body: {
        error_description: expect.stringMatching(
          /^The Userinfo endpoint is only supported for Combined Auth integrations\./,
        ),
      },
    });
  });
});

describe('monitoring', () => {
  test('_ping says which build is running', async () => {
    expect(await bodyOf(at('/_ping'))).toMatchObject({ status: 200, body: release });
    expect((await at('/_ping', { method: 'HEAD' })).status).toBe(200);
  });

  test.each(['GET', 'HEAD'])('step 132: %s _status needs its key', async (method) => {
    expect((await at('/_status', { method })).status).toBe(401);
    expect((await at('/_status', { method, headers: { apikey: 'monitorinG' } })).status).toBe(401);
    expect((await at('/_status', { method, headers: { apikey: 'monitoring' } })).status).toBe(200);
  });

  test('_status says what was checked', async () => {
    expect(await bodyOf(at('/_status'))).toMatchObject({
      body: { error: 'Access Denied', error_description: 'Invalid api key for _status monitoring endpoint' },
    });
    expect(await bodyOf(at('/_status', { headers: { apikey: 'monitoring' } }))).toMatchObject({
      body: { status: 'pass', ...release, checks: { 'identity-service:status': [{ status: 'pass' }] } },
    });
  });

  test('without a key configured nothing opens _status', async () => {
    const closed = await tokenService({ config: { statusApiKey: '' } });
    expect((await fetch(`${closed.base}/oauth2/_status`, { headers: { apikey: '' } })).status).toBe(401);
  });
});

test.each(['/', '', '/token/', '/Token', '/unknown', '/token/x', '/_ping/x'])(
  'step 131: %j is not found',
  async (path) => {
    expect(await bodyOf(at(path))).toMatchObject({
      status: 404,
      body: { error: 'invalid_request', error_description: 'Not Found', message_id: expect.any(String) },
    });
  },
);

test('production refuses a token service that does not know its own address', async () => {
  await expect(tokenService({ config: { mode: 'production' } })).rejects.toThrow('OPENSPINE_ISSUER_BASE');
});
