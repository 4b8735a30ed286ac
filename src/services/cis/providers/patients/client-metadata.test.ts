import * as client from 'openid-client';
import { expect, test } from 'vitest';
import { patientAccounts } from '../../../../../test/support/patient-accounts.ts';
import { sql } from '../../../../platform/db/sql.ts';

const at = await patientAccounts();
const [nora, mark] = at.patients;

const tokenOf = async (nhsNumber: string, scope = 'openid client_metadata') => {
  const { code } = await at.opened(nhsNumber, { proofing: 'P9' });
  const { tokens, claims } = await at.logOn({ passkey: await at.enrolled(code), scope });
  return { token: tokens.access_token, sub: claims.sub };
};
async function patch(token: string | undefined, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${at.base}/nhs-login/userinfo`, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify({ client_user_metadata: body }),
  });
  const challenge = response.headers.get('www-authenticate') ?? '';
  return { status: response.status, body: (await response.json()) as Record<string, unknown>, challenge };
}
const kept = async ({ token, sub }: { token: string; sub: string }) =>
  (await client.fetchUserInfo(at.config, token, sub)).client_user_metadata;

test('an application keeps data of its own with the account, changes it member by member, and reads it again', async () => {
  const one = await tokenOf(nora);
  expect(await kept(one)).toBeUndefined();
  expect(await patch(one.token, { theme: 'dark', seen: { tour: true } })).toMatchObject({
    status: 200,
    body: { client_user_metadata: { theme: 'dark', seen: { tour: true } } },
  });
  await patch(one.token, { theme: null, seen: { news: '2026-11' } });
  expect(await kept(one)).toEqual({ seen: { tour: true, news: '2026-11' } });
  const audited = await at.query(
    sql`select outcome, app_id from audit.entry where operation = 'nhs-login.change-metadata' and nhs_number = ${nora}`,
  );
  expect(audited).toEqual(Array(2).fill({ outcome: 'allowed', app_id: at.appId }));
  const events = await at.query(
    sql`select body::jsonb ->> 'clientId' as client from events.event where kind = 'cis.client-metadata-changed' and subject = ${nora}`,
  );
  expect(events).toEqual(Array(2).fill({ client: at.appId }));
});

test('of changes at the same moment none is lost', async () => {
  const one = await tokenOf(nora);
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  await Promise.all(names.map((name) => patch(one.token, { [name]: 1 })));
  expect(Object.keys((await kept(one)) as object).sort()).toEqual(names);
});

test('one patient’s data is not another’s', async () => {
  const [one, other] = [await tokenOf(nora), await tokenOf(mark)];
  await patch(one.token, { note: 'mine' });
  expect(await kept(other)).toBeUndefined();
});

test.each([
  ['no token', undefined, { a: 1 }, 401, 'invalid_token'],
  ['a token that is none', 'x'.repeat(43), { a: 1 }, 401, 'invalid_token'],
  ['no object', 'good', '[]', 400, 'invalid_request'],
  ['no JSON', 'good', '{', 400, 'invalid_request'],
  ['too large a body', 'good', { a: 'x'.repeat(9_000) }, 400, 'invalid_request'],
  ['more than is kept', 'good', { a: 'x'.repeat(5_000) }, 400, 'invalid_request'],
])('%s is refused, and nothing is changed', async (_what, token, body, status, error) => {
  const one = await tokenOf(nora);
  const answer = await patch(token === 'good' ? one.token : token, body);
  expect(answer).toMatchObject({ status, body: { error } });
  if (status === 401) expect(answer.challenge).toContain('Bearer error="invalid_token"');
  expect(await kept(one)).toBeUndefined();
});

test('without the scope nothing is kept and nothing told, and the refusal is in the audit', async () => {
  const one = await tokenOf(mark, 'openid profile');
  expect(await patch(one.token, { a: 1 })).toMatchObject({ status: 403, body: { error: 'insufficient_scope' } });
  expect(await kept(one)).toBeUndefined();
  const audited = await at.query(
    sql`select status from audit.entry where operation = 'nhs-login.change-metadata' and outcome = 'insufficient_scope' and nhs_number = ${mark}`,
  );
  expect(audited).toEqual([{ status: 403 }]);
});

test('who is suspended has no data changed', async () => {
  const one = await tokenOf(mark);
  await at.ask(at.clerk, `/${one.sub}/suspend`, { reason: 'phone stolen' });
  expect((await patch(one.token, { a: 1 })).status).toBe(401);
});
