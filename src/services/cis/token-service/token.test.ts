import { describe, expect, test } from 'vitest';
import {
  answersAsPublished,
  assertionOf,
  credentialsForm,
  post,
  registered,
  serviceWithClient,
  type TokenAnswer,
  tokenService,
} from '../../../../test/support/token-service.ts';
import { sql } from '../../../platform/db/sql.ts';
import type { Registration } from '../../../platform/identity/applications.ts';

const { service, key, client, ask, seconds } = await serviceWithClient({ attributes: { colour: 'teal' } });
const now = () => service.clock.now();
const idToken = 'urn:ietf:params:oauth:token-type:id_token';
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';

test('a signed assertion gets a token whose numbers are strings and that no cache keeps', async () => {
  const answer = await ask();
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    access_token: expect.stringMatching(/^[\w-]{28}$/),
    expires_in: '599',
    token_type: 'Bearer',
    issued_at: expect.stringMatching(/^\d{13}$/),
  });
  expect(Math.abs(Number(answer.body.issued_at) - now())).toBeLessThan(10_000);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
});

test('the token stands for the application, with its ASID, organisation, scopes and attributes', async () => {
  const { body } = await ask();
  expect(await service.tokens.resolve(body.access_token)).toEqual({
    is: 'valid',
    principal: {
      mode: 'application-restricted',
      appId: client.appId,
      asid: '200000000123',
      odsCode: 'A81001',
      scopes: ['urn:nhsd:apim:app:level3:personal-demographics-service'],
      attributes: { colour: 'teal' },
      grant: 'client_credentials',
      provider: 'apim',
      level: 'level3',
      clientName: 'Test',
    },
  });
});

test('the privileged scope makes a privileged token; scopes of users are left out', async () => {
  const other = await registered(service.db, {
    jwks: { keys: [key.publicJwk] },
    mode: ['healthcare-worker', 'privileged-application-restricted', 'patient-access'],
  });
  const { body } = await ask({}, {}, key, other.appId);
  expect(await service.tokens.resolve(body.access_token)).toMatchObject({
    principal: {
      mode: 'privileged-application-restricted',
      scopes: ['urn:nhsd:apim:app:level3:privileged-personal-demographics-service'],
    },
  });
});

test.each([
  ['1500', '1'],
  ['1000', '0'],
  ['600000', '599'],
  ['999999999999', '599'],
  ['0', '599'],
  ['-5', '599'],
  ['soon', '599'],
])('_access_token_expiry_ms=%s gives expires_in %s', async (wanted, expires_in) => {
  expect((await ask({}, { _access_token_expiry_ms: wanted })).body).toMatchObject({ expires_in });
});

test('a shortened token is over when it says so, and an ordinary one after ten minutes', async () => {
  const short = await ask({}, { _access_token_expiry_ms: '2000' });
  const long = await ask();
  const is = async (answer: TokenAnswer) => (await service.tokens.resolve(answer.body.access_token)).is;
  try {
    expect([await is(short), await is(long)]).toEqual(['valid', 'valid']);
    service.clock.moveTo(2_500);
    expect([await is(short), await is(long)]).toEqual(['expired', 'valid']);
    service.clock.moveTo(600_500);
    expect(await is(long)).toBe('expired');
  } finally {
    service.clock.moveTo(0);
  }
});

test.each([['jwt'], ['JWT'], ['Jwt']])('typ %s is accepted', async (typ) => {
  expect((await ask({ header: { typ } })).status).toBe(200);
});

test('exp may be 310 seconds ahead', async () => {
  expect((await ask({ claims: { exp: seconds() + 310 } })).status).toBe(200);
});

test('message_id is fresh in every answer', async () => {
  const [one, two] = await Promise.all([post(service.url, ''), post(service.url, '')]);
  expect(one.body.message_id).not.toBe(two.body.message_id);
});

describe('refusals before the flow is known', () => {
  const contentType = 'Content-Type header must be application/x-www-form-urlencoded';
  const withType = (type: string | undefined) => async () => {
    const answer = await fetch(service.url, {
      method: 'POST',
      headers: type === undefined ? {} : { 'content-type': type },
      body: Buffer.from('grant_type=client_credentials'),
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  answersAsPublished([
    [1, 'no Content-Type', withType(undefined), 415, 'invalid_request', contentType],
    [1, 'a JSON body', withType('application/json'), 415, 'invalid_request', contentType],
    [
      1,
      'a Content-Type with a parameter',
      withType('application/x-www-form-urlencoded; charset=utf-8'),
      415,
      'invalid_request',
      contentType,
    ],
    [1, 'a Content-Type that is none', withType('form'), 415, 'invalid_request', contentType],
    [
      97,
      'token exchange without subject_token_type',
      () => ask({}, { grant_type: exchangeGrant }),
      400,
      'invalid_request',
      `missing or invalid subject_token_type - must be '${idToken}'`,
    ],
    [
      97,
      'token exchange of something else',
      () => ask({}, { grant_type: exchangeGrant, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' }),
      400,
      'invalid_request',
      `missing or invalid subject_token_type - must be '${idToken}'`,
    ],
    [
      98,
      'an unknown grant_type',
      () => ask({}, { grant_type: 'password' }),
      400,
      'unsupported_grant_type',
      'grant_type is invalid',
    ],
    [99, 'no grant_type', () => ask({}, { grant_type: undefined }), 400, 'invalid_request', 'grant_type is missing'],
  ]);

  test('no body at all is no form', async () => {
    const answer = await fetch(service.url, { method: 'POST' });
    expect([answer.status, await answer.json()]).toMatchObject([415, { error_description: contentType }]);
  });

  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])(
    '%s /oauth2/token is 405, empty, with Allow',
    async (method) => {
      const answer = await fetch(service.url, { method });
      expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([405, 'POST', '']);
    },
  );
});

describe('what the application may have', () => {
  const answerTo = async (registration: Partial<Registration>) => {
    const other = await registered(service.db, { jwks: { keys: [key.publicJwk] }, ...registration });
    return ask({}, {}, key, other.appId);
  };
  const noScope =
    'you have tried to request authorization but your application is not configured to use this authorization grant type';
  const notApproved = 'The developer app associated with the API key is not approved or revoked';
  const pds = { name: 'demographics', scopes: ['urn:nhsd:apim:app:level3:personal-demographics-service'] };
  answersAsPublished([
    [75, 'only scopes of users', () => answerTo({ mode: 'healthcare-worker' }), 401, 'unauthorized_client', noScope],
    [
      75,
      'products without scopes',
      () => answerTo({ mode: undefined, products: [{ name: 'p', scopes: [] }] }),
      401,
      'unauthorized_client',
      noScope,
    ],
    [100, 'not yet approved', () => answerTo({ status: 'pending' }), 401, 'access_denied', notApproved],
    [100, 'revoked', () => answerTo({ status: 'revoked' }), 401, 'access_denied', notApproved],
    [
      100,
      'subscribed to nothing at all',
      () => answerTo({ mode: undefined }),
      401,
      'access_denied',
      'API Key supplied does not have access to this resource. Please check the API Key you are using belongs to an app which has sufficient access to access this resource.',
    ],
    [
      100,
      'not subscribed to the identity product',
      () => answerTo({ mode: undefined, products: [pds] }),
      401,
      'access_denied',
      'API Key supplied does not have access to this resource. Please check the API Key you are using belongs to an app which has sufficient access to access this resource.',
    ],
    [
      100,
      'organisation inactive',
      () => answerTo({ status: 'organisation-inactive' }),
      401,
      'access_denied',
      'The company associated with the developer app that has the API key you are using has an inactive status',
    ],
    [
      100,
      'developer inactive',
      () => answerTo({ status: 'developer-inactive' }),
      401,
      'access_denied',
      'The developer who created the developer app that has the API key you are using has an inactive status',
    ],
  ]);
});

test('step 133: when the database is away the answer is the published one, and no token', async () => {
  const broken = await tokenService();
  await broken.db.query(sql`alter table identity.assertion rename to assertion_away`);
  const assertion = await assertionOf(key, { appId: 'x', audience: broken.url, now: broken.clock.now() });
  expect(await post(broken.url, credentialsForm(assertion))).toMatchObject({
    status: 500,
    body: {
      error: 'unknown_error',
      error_description: expect.stringMatching(/^An unknown error occurred .* quoting Message ID$/),
    },
  });
});

test('a body larger than is accepted is refused in the form of the service', async () => {
  const answer = await post(service.url, `grant_type=${'x'.repeat(300_000)}`);
  expect([answer.status, answer.body.error]).toEqual([413, 'invalid_request']);
});
