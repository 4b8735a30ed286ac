import { expect, test } from 'vitest';
import { foreignProvider } from '../../../../test/support/foreign-provider.ts';
import { loggingOn } from '../../../../test/support/log-on.ts';
import { clientKey } from '../../../../test/support/token-service.ts';

const staff = await foreignProvider('cis2', 'their-client');
const patients = await foreignProvider('nhs-login', 'their-login-client');
const client = await loggingOn([staff, patients]);
const { exchange, introspect } = client;

test('an ID token of staff is exchanged for tokens, with the published members', async () => {
  const { status, body } = await exchange(await staff.sign());
  expect([status, body]).toEqual([
    200,
    {
      access_token: expect.any(String),
      expires_in: '599',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      token_type: 'Bearer',
      refresh_token: expect.any(String),
      refresh_token_expires_in: '43199',
      refresh_count: '0',
    },
  ]);
  expect(await introspect(body.access_token)).toMatchObject({
    scopes: ['urn:nhsd:apim:user-nhs-id:aal3:personal-demographics-service'],
    attributes: {
      auth_type: 'user',
      auth_grant_type: 'token_exchange',
      auth_provider: 'nhs-cis2',
      auth_level: 'aal3',
      auth_user_id: '555000000042',
    },
  });
});

test.each([
  [2, ['urn:nhsd:apim:user-nhs-id:aal2:personal-demographics-service']],
  ['3', ['urn:nhsd:apim:user-nhs-id:aal3:personal-demographics-service']],
])('level %j gets the scopes of that level only', async (authentication_assurance_level, scopes) => {
  const { body } = await exchange(await staff.sign({ authentication_assurance_level }));
  expect((await introspect(body.access_token)).scopes).toEqual(scopes);
});

test.each([[1], [0], [4], ['3:'], [undefined], [{ a: 1 }]])('level %j gets nothing', async (level) => {
  const { status, body } = await exchange(await staff.sign({ authentication_assurance_level: level }));
  expect([status, body.error]).toEqual([401, 'unauthorized_client']);
});

test('a patient comes with proofing, vector and number, by RS512; the first two characters of the level count', async () => {
  const { body } = await exchange(await patients.sign({ identity_proofing_level: 'P9.Cp.Cd' }));
  expect(body.refresh_token_expires_in).toBe('3599');
  expect(await introspect(body.access_token)).toMatchObject({
    scopes: ['urn:nhsd:apim:user-nhs-login:P9:personal-demographics-service'],
    attributes: { auth_provider: 'nhs-login', auth_level: 'p9', auth_user_id: '9912003071' },
  });
  const { status } = await exchange(await patients.sign({ identity_proofing_level: 'P5' }));
  expect(status).toBe(401);
});

test('a proxy who acts for the patient is known', async () => {
  const sub = await patients.sign({ nhs_number: '9912003888' });
  const { body } = await exchange(await patients.sign({ act: { sub } }));
  expect((await introspect(body.access_token)).attributes).toMatchObject({
    auth_user_id: '9912003071',
    act_nhs_number: '9912003888',
  });
});

test('a patient reads with such a token what is theirs', async () => {
  await client.spine.control('load', {
    pds: {
      patients: [{ resourceType: 'Patient', id: '9912003071', meta: { versionId: '1', security: [{ code: 'U' }] } }],
    },
  });
  const { body } = await exchange(await patients.sign());
  const ask = async (number: string) =>
    (await client.spine.pds(`/Patient/${number}`, { token: body.access_token as string })).status;
  expect([await ask('9912003071'), await ask('9000000009')]).toEqual([200, 403]);
});

test('keys are fetched once and kept; an unknown kid makes us look once more, so that a provider may change its keys', async () => {
  const before = staff.asked.keys;
  for (let i = 0; i < 3; i++) expect((await exchange(await staff.sign())).status).toBe(200);
  expect(staff.asked.keys - before).toBeLessThanOrEqual(1);
  const next = await clientKey('cis2-2');
  staff.behaviour.signer = next;
  expect((await exchange(await staff.sign())).body.error_description).toBe(
    "Invalid 'kid' header in subject_token JWT - no matching public key",
  );
  staff.behaviour.published.push(next);
  expect((await exchange(await staff.sign())).status).toBe(200);
  staff.behaviour.signer = staff.key;
  staff.behaviour.isUp = false;
  expect((await exchange(await staff.sign())).status).toBe(200);
  staff.behaviour.isUp = true;
});

test('the algorithm in the header chooses among RS256 and RS512 and nothing else', async () => {
  const [header, claims] = (await staff.sign()).split('.') as [string, string];
  const forged = (alg: string) =>
    `${Buffer.from(JSON.stringify({ alg, typ: 'JWT', kid: 'cis2-1' })).toString('base64url')}.${claims}.c2ln`;
  for (const alg of ['none', 'HS256', 'HS512', 'PS256', 'ES256', 'RS384', '__proto__', 'constructor'])
    expect((await exchange(forged(alg))).body.error_description).toBe('JWT signature verification failed');
  expect(header.length).toBeGreaterThan(10);
});

test('a token that the other provider signed in this one’s name is refused', async () => {
  const { body } = await exchange(await patients.sign({ iss: staff.issuer }, { kid: 'nhs-login-1' }));
  expect(body.error_description).toBe("Invalid 'kid' header in subject_token JWT - no matching public key");
});

test('a scope of an odd name makes no patient a member of staff', async () => {
  await client.load({ products: [{ name: 'odd', scopes: ['urn:nhsd:apim:user-nhs-id:aal3:P9:x'] }] });
  const { body } = await exchange(await patients.sign());
  const other = await client.spine.pds('/Patient/9000000009', { token: body.access_token as string });
  expect([body.refresh_token_expires_in, other.status]).toEqual(['3599', 403]);
  await client.load();
});

test.each([['\u0000'], ['\ud800']])('claims that cannot be kept (%j) are refused, not a failure', async (odd) => {
  const { status, body } = await exchange(await staff.sign({ nickname: odd }));
  expect([status, body.error_description]).toEqual([400, 'Malformed JWT in subject_token']);
});

test.each([[undefined], [''], [5]])('a person whose sub is %j is nobody, and gets nothing', async (sub) => {
  const nobody = { error: 'access_denied', error_description: 'The identity provider does not say who logged on' };
  expect(await exchange(await staff.sign({ sub }))).toMatchObject({ status: 401, body: nobody });
  expect(await exchange(await patients.sign({ sub, nhs_number: undefined }))).toMatchObject({
    status: 401,
    body: nobody,
  });
  expect((await exchange(await patients.sign({ sub }))).status).toBe(200);
});

test('an ID token for an empty list of audiences is for nobody', async () => {
  expect((await exchange(await staff.sign({ aud: [] }))).body.error_description).toBe(
    "Missing 'aud' claim in subject_token JWT",
  );
});
