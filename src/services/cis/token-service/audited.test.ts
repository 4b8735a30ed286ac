import { expect, test } from 'vitest';
import { foreignProvider } from '../../../../test/support/foreign-provider.ts';
import { loggingOn } from '../../../../test/support/log-on.ts';
import { Database } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

const staff = await foreignProvider('cis2', 'our-client');
const patients = await foreignProvider('nhs-login', 'our-login-client');
const client = await loggingOn([staff, patients]);
const userId = '555000000042';

/** The last audit entry of an operation: whose, by which application, and how it ended. */
async function lastEntry(operation: string) {
  const db = new Database({ url: client.spine.databaseUrl });
  try {
    const [entry] = await db.query<{ app_id: string; user_id: string; nhs_number: string; outcome: string }>(sql`
      select app_id, user_id, nhs_number, outcome from audit.entry where operation = ${operation}
       order by at desc, seq desc limit 1`);
    return entry;
  } finally {
    await db.close();
  }
}

test('a refresh token that comes again is audited with whose it was', async () => {
  const { refresh_token = '' } = await client.logOn();
  await client.refresh(refresh_token);
  await client.refresh(refresh_token);
  expect(await lastEntry('cis.token')).toMatchObject({
    app_id: 'app',
    user_id: userId,
    outcome: expect.stringContaining('refresh_token is invalid'),
  });
});

test('a code that comes again is audited with whose it was', async () => {
  const code = await client.code();
  await client.redeem(code);
  await client.redeem(code);
  expect(await lastEntry('cis.token')).toMatchObject({
    app_id: 'app',
    user_id: userId,
    outcome: expect.stringContaining('authorization_code is invalid'),
  });
});

test('an application that has proved itself is named in the refusal', async () => {
  await client.refresh('nobody');
  expect(await lastEntry('cis.token')).toMatchObject({ app_id: 'app', user_id: '' });
  await client.exchange('x.y.z');
  expect(await lastEntry('cis.token')).toMatchObject({
    app_id: 'app',
    user_id: '',
    outcome: expect.stringContaining('Malformed'),
  });
  await client.post({ grant_type: 'refresh_token', client_id: 'app', client_secret: 'wrong', refresh_token: 'x' });
  expect(await lastEntry('cis.token')).toMatchObject({ app_id: '', user_id: '' });
});

test('a person who may not have what they reached is named in the refusal', async () => {
  await client.exchange(await staff.sign({ authentication_assurance_level: 1 }));
  expect(await lastEntry('cis.token')).toMatchObject({ app_id: 'app', user_id: userId });
  await client.exchange(await patients.sign({ identity_proofing_level: 'P0' }));
  expect(await lastEntry('cis.token')).toMatchObject({
    app_id: 'app',
    user_id: '9912003071',
    nhs_number: '9912003071',
  });
  staff.behaviour.claims.authentication_assurance_level = 1;
  expect((await client.callback((await client.atCallback()).search)).status).toBe(401);
  staff.behaviour.claims.authentication_assurance_level = 3;
  expect(await lastEntry('cis.callback')).toMatchObject({ app_id: 'app', user_id: userId });
});

test('the end of a session is audited with whose it was', async () => {
  await client.logOn();
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const body = new URLSearchParams({ logout_token: await staff.sign({ events, jti: crypto.randomUUID() }) });
  expect((await fetch(`${client.url}/backchannel_logout`, { method: 'POST', body })).status).toBe(200);
  expect(await lastEntry('cis.backchannel-logout')).toMatchObject({ user_id: userId, outcome: 'allowed' });
});
