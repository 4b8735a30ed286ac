import { expect, test } from 'vitest';
import { foreignProvider } from '../../../../test/support/foreign-provider.ts';
import { loggingOn } from '../../../../test/support/log-on.ts';

const staff = await foreignProvider('cis2', 'our-client');
const client = await loggingOn([staff]);
const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };

const logOut = async (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) => {
  const logout_token = await staff.sign({ events, jti: crypto.randomUUID(), exp: undefined, ...claims }, header);
  const body = new URLSearchParams({ logout_token });
  return client.told(await fetch(`${client.url}/backchannel_logout`, { method: 'POST', body }));
};

test('the end of a session at the provider ends its tokens here, once', async () => {
  staff.behaviour.claims.sid = 'morning';
  const ended = await client.logOn();
  staff.behaviour.claims.sid = 'afternoon';
  const other = await client.logOn();
  expect(await logOut({ sid: 'morning' })).toEqual({ status: 200, body: { success: true } });
  expect((await client.userInfo(ended.access_token)).status).toBe(401);
  expect((await client.refresh(ended.refresh_token as string)).body.error_description).toBe('refresh_token is invalid');
  expect((await client.userInfo(other.access_token)).status).toBe(200);
  expect(await logOut({ sid: 'morning' })).toMatchObject({ status: 501, body: { error_description: 'SID not found' } });
});

test('the issuer is compared without regard to case, the audience exactly', async () => {
  staff.behaviour.claims.sid = 'evening';
  await client.logOn();
  expect((await logOut({ sid: 'evening', aud: 'OUR-CLIENT' })).body.error_description).toBe(
    'Missing/invalid aud claim in JWT',
  );
  expect((await logOut({ sid: 'evening', iss: staff.issuer.toUpperCase(), aud: ['our-client', 'x'] })).status).toBe(
    200,
  );
});

test('a token that ended, or that nobody signed, ends no session', async () => {
  staff.behaviour.claims.sid = 'night';
  const { access_token } = await client.logOn();
  expect((await logOut({ sid: 'night', exp: 5 })).body.error_description).toBe('Unable to verify JWT');
  expect((await logOut({ sid: 'night' }, { kid: 'x' })).body.error_description).toBe('Unable to verify JWT');
  expect((await logOut({ sid: 'night', events: [] })).body.error_description).toBe(
    'Missing/invalid events claim in JWT',
  );
  expect((await client.userInfo(access_token)).status).toBe(200);
});

test('a code given out before the session ended gives no tokens after it', async () => {
  staff.behaviour.claims.sid = 'noon';
  const code = await client.code();
  expect((await logOut({ sid: 'noon' })).body.error_description).toBe('SID not found');
  expect((await client.redeem(code)).body.error_description).toBe('authorization_code is invalid');
});
