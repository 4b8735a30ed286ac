import { afterAll, expect, test } from 'vitest';
import { meshClient, meshToken } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { Database } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';

const spine = await startSpine();
const db = new Database({ url: spine.databaseUrl });
afterAll(() => db.close());
const userId = '555555555521';
const token = await spine.token({
  mode: 'healthcare-worker',
  userId,
  scopes: ['urn:nhsd:apim:user-nhs-cis2:aal3:personal-demographics-service'],
  roles: [
    { roleProfileId: `1${userId.slice(1)}`, odsCode: 'X26', roleCode: 'S8001:G8003:R8015', activities: ['B0062'] },
  ],
});
const administer = (method: string, path: string, body?: string) =>
  fetch(`${spine.url}/mesh/administration${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  });
const own = (path: string) =>
  fetch(`${spine.url}/mesh/mailboxes/X26ABC1${path}`, { headers: { authorization: meshToken('X26ABC1') } });

const odd = [
  '%00',
  '%ff',
  '..%2f',
  "'%20or%201=1--",
  '%F0%9F%92%A9',
  '%0d%0aX:y',
  'a'.repeat(600),
  '{}',
  '%25',
  '-1',
  '1e9',
];

test('nothing in a path or query brings more than a refusal', async () => {
  for (const text of odd) {
    const statuses = await Promise.all([
      administer('GET', `/mailboxes/${text}`),
      administer('DELETE', `/mailboxes/X26ABC1/certificates/${text}`),
      administer('GET', `/mailboxes?odsCode=${text}`),
      administer('GET', `/mailboxes?_after=${text}`),
      administer('GET', `/flows?days=${text}`),
      administer('GET', `/flows?mailbox=${text}`),
      administer('GET', `/stuck?hours=${text}`),
      administer('GET', `/${text}`),
      own(`/statistics?days=${text}`),
      own(`/messages?direction=received&workflow=${text}`),
      own(`/messages?direction=sent&from=${text}`),
      own(`/messages?direction=sent&_cursor=${text}`),
      own(`/messages?${text}`),
      own(`/${text}`),
    ]);
    for (const { status, url } of statuses) expect([200, 400, 403, 404, 414], url).toContain(status);
  }
});

test('nothing in a body brings more than a refusal, nor changes anything', async () => {
  const before = await (await administer('GET', '/mailboxes?_count=500')).text();
  const bodies = [
    '',
    'null',
    '[]',
    '"x"',
    '{"__proto__":{"odsCode":"X26"}}',
    '{"reason":1e999}',
    '{"url":{}}',
    '\ufffd',
    '{"a":"\\ud800"}',
  ];
  for (const body of bodies)
    for (const [method, path] of [
      ['POST', '/mailboxes'],
      ['POST', '/mailboxes/X26ABC1/deactivate'],
      ['PUT', '/mailboxes/X26ABC1/workflows/W'],
      ['POST', '/mailboxes/X26ABC1/certificates'],
      ['POST', '/mailboxes/X26ABC1/certificates/issue'],
    ] as const)
      expect((await administer(method, path, body)).status, `${path} ${body}`).toBe(400);
  expect(await (await administer('GET', '/mailboxes?_count=500')).text()).toBe(before);
});

test('who changed which mailbox is in the audit, refusals too, and no secret is anywhere in it or in the events', async () => {
  const changed = (await (await administer('POST', '/mailboxes/X26ABC1/password')).json()) as { password: string };
  await administer('POST', '/mailboxes/NOBODY/password');
  const entries = await db.query<{ outcome: string; purpose: string }>(sql`
    select outcome, purpose from audit.entry
     where operation = 'mesh.change-mailbox-password' and user_id = ${userId} order by at, seq`);
  expect(entries).toEqual([
    { outcome: 'allowed', purpose: 'mailbox X26ABC1' },
    { outcome: 'mailbox', purpose: 'mailbox NOBODY' },
  ]);
  const events = await db.query<{ kind: string; body: string }>(sql`
    select kind, body from events.event where subject = 'X26ABC1' and kind like 'mesh.mailbox-%'`);
  expect(events.map(({ kind }) => kind)).toEqual(['mesh.mailbox-password-changed']);
  expect(JSON.stringify(events)).not.toContain(changed.password);
  const rows = await db.query(sql`select * from mesh.mailbox`);
  expect(JSON.stringify(rows)).not.toContain(changed.password);
  expect((await meshClient(spine.url, 'X26ABC1', changed)('/inbox')).status).toBe(200);
});
