import { expect, test } from 'vitest';
import { foreignProvider } from '../../../../test/support/foreign-provider.ts';
import { loggingOn } from '../../../../test/support/log-on.ts';

const staff = await foreignProvider('cis2', 'our-client');
const patients = await foreignProvider('nhs-login', 'our-login-client');
const client = await loggingOn([staff, patients]);
const { spine, logOn, refresh, userInfo } = client;
const tokenOf = (body: Record<string, string>) => body.refresh_token as string;

test('a refresh token is good once and counts; the whole log-on ends twelve hours after it began', async () => {
  const first = await logOn();
  const second = (await refresh(tokenOf(first))).body;
  expect(second).toMatchObject({ expires_in: '599', token_type: 'Bearer', refresh_count: '1' });
  await spine.control('clock', { advance: 'PT11H59M' });
  const third = await refresh(tokenOf(second));
  expect(third.body.refresh_count).toBe('2');
  expect(Number(third.body.refresh_token_expires_in)).toBeLessThan(61);
  await spine.control('clock', { advance: 'PT2M' });
  expect(await refresh(tokenOf(third.body))).toMatchObject({
    status: 401,
    body: { error: 'invalid_grant', error_description: 'refresh token refresh period has expired' },
  });
  await spine.control('clock');
});

test('a patient has one hour', async () => {
  const { refresh_token } = await logOn({ scope: 'nhs-login' });
  await spine.control('clock', { advance: 'PT1H1S' });
  expect((await refresh(refresh_token as string)).body.error_description).toBe(
    'refresh token refresh period has expired',
  );
  await spine.control('clock');
});

test('a spent refresh token that comes again revokes the whole family', async () => {
  const first = await logOn();
  const second = (await refresh(tokenOf(first))).body;
  expect((await userInfo(second.access_token)).status).toBe(200);
  expect((await refresh(tokenOf(first))).body.error_description).toBe('refresh_token is invalid');
  expect((await refresh(tokenOf(second))).body.error_description).toBe('refresh_token is invalid');
  expect((await userInfo(second.access_token)).status).toBe(401);
  expect((await userInfo(first.access_token)).status).toBe(401);
});

test('of many refreshes at the same moment one is answered, and the family is revoked', async () => {
  const first = await logOn();
  const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(tokenOf(first))));
  const given = answers.filter(({ status }) => status === 200);
  expect(given).toHaveLength(1);
  expect((await userInfo(given[0]?.body.access_token)).status).toBe(401);
});

test('the test fields shorten lives and never lengthen them', async () => {
  const short = await logOn({}, { _access_token_expiry_ms: '5000', _refresh_token_expiry_ms: '60000' });
  expect([short.expires_in, short.refresh_token_expires_in]).toEqual(['4', '59']);
  const long = await logOn({}, { _access_token_expiry_ms: '9999999', _refresh_token_expiry_ms: '99999999999' });
  expect([long.expires_in, long.refresh_token_expires_in]).toEqual(['599', '43199']);
  const refreshed = await refresh(tokenOf(long), { _refresh_tokens_validity_ms: '120000' });
  expect(Number(refreshed.body.refresh_token_expires_in)).toBeLessThan(120);
  expect((await refresh(tokenOf(refreshed.body), { _refresh_tokens_validity_ms: '1' })).body.error_description).toBe(
    'refresh token refresh period has expired',
  );
});

test('another application gains nothing from it', async () => {
  await client.load({}, 'another');
  const first = await logOn();
  expect((await refresh(tokenOf(first), { client_id: 'another' })).body.error_description).toBe(
    'refresh_token is invalid',
  );
  expect((await refresh(tokenOf(first))).status).toBe(200);
});

test('what the application may have is looked at anew', async () => {
  const first = await logOn();
  await client.load({ status: 'revoked' });
  expect((await refresh(tokenOf(first))).body.error).toBe('access_denied');
  await client.load({ products: [{ name: 'p', scopes: ['urn:nhsd:apim:user-nhs-id:aal2:x'] }] });
  expect((await refresh(tokenOf(first))).body.error).toBe('unauthorized_client');
  await client.load({ products: [{ name: 'p', scopes: ['urn:nhsd:apim:user-nhs-id:aal3:new'] }] });
  const { access_token } = (await refresh(tokenOf(first))).body;
  expect((await client.introspect(access_token)).scopes).toEqual(['urn:nhsd:apim:user-nhs-id:aal3:new']);
  await client.load();
});
