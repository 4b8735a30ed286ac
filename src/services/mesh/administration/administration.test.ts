import { expect, onTestFinished, test } from 'vitest';
import { meshClient } from '../../../../test/support/mesh.ts';
import { startSpine } from '../../../../test/support/spine.ts';
import { readConfig } from '../../../platform/config/config.ts';
import { openSpine } from '../../../spine.ts';

const spine = await startSpine();
const row = (mailbox_id: string, ods_code: string) => ({
  mailbox_id,
  ods_code,
  org_code: ods_code,
  password: 'password',
});
const workflow = 'TOC_FHIR_IP_DISCH';
await spine.control('load', {
  mesh: {
    mailboxes: [row('TRUST01', 'RXL01'), row('TRUST02', 'RXL01'), row('GP01', 'B81999'), row('GP02', 'B81999')],
    workflows: [{ workflow_id: workflow, senders: ['TRUST01'], receivers: ['GP01', 'GP02'] }],
  },
});
const staff = (odsCode: string, activities: readonly string[], { level = 'aal3', userId = '555555555511' } = {}) =>
  spine.token({
    mode: 'healthcare-worker',
    userId,
    scopes: [`urn:nhsd:apim:user-nhs-cis2:${level}:personal-demographics-service`],
    roles: [{ roleProfileId: `1${userId.slice(1)}`, odsCode, roleCode: 'S8001:G8003:R8015', activities }],
    expiresIn: 60 * 86_400,
  });
const national = await staff('X26', ['B0062'], { userId: '555555555512' });
const ofTrust = await staff('RXL01', ['B0062']);
const viewer = await staff('RXL01', ['B0011'], { userId: '555555555513' });

// biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was answered
type Answer = { status: number; body: any; rule?: string };

async function administer(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${spine.url}/mesh/administration${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, body: parsed, rule: parsed?.issue?.[0]?.details?.coding?.[0]?.code };
}
const send = (from: ReturnType<typeof meshClient>, to: string, body: string, headers: Record<string, string> = {}) =>
  from('/outbox', { method: 'POST', headers: { 'mex-to': to, 'mex-workflowid': workflow, ...headers }, body });
const trust = meshClient(spine.url, 'TRUST01');
const gp = meshClient(spine.url, 'GP01');

test('an administrator makes a mailbox, whose password opens it and is shown this once', async () => {
  const made = await administer(ofTrust, 'POST', '/mailboxes', {
    mailboxId: 'trust09',
    odsCode: 'RXL01',
    name: 'Ward 9',
  });
  expect(made).toMatchObject({ status: 201, body: { mailboxId: 'TRUST09', isActive: true, name: 'Ward 9' } });
  const { password } = made.body;
  expect((await meshClient(spine.url, 'TRUST09', { password })('/inbox')).status).toBe(200);
  expect(JSON.stringify(await administer(ofTrust, 'GET', '/mailboxes/TRUST09'))).not.toContain(password);
  expect(await administer(ofTrust, 'POST', '/mailboxes', { mailboxId: 'TRUST09', odsCode: 'RXL01' })).toMatchObject({
    status: 409,
    rule: 'taken',
  });
  expect((await meshClient(spine.url, 'TRUST09', { password })('/inbox')).status).toBe(200);
});

test('a new password holds at once, the one before for as long as was said and no longer', async () => {
  const changed = await administer(ofTrust, 'POST', '/mailboxes/TRUST02/password', { overlapMinutes: 30 });
  expect(changed.status).toBe(200);
  const [before, after] = [meshClient(spine.url, 'TRUST02'), meshClient(spine.url, 'TRUST02', changed.body)];
  expect([(await before('/inbox')).status, (await after('/inbox')).status]).toEqual([200, 200]);
  const again = await administer(ofTrust, 'POST', '/mailboxes/TRUST02/password');
  expect((await meshClient(spine.url, 'TRUST02', again.body)('/inbox')).status).toBe(200);
  expect([(await before('/inbox')).status, (await after('/inbox')).status]).toEqual([403, 403]);
});

test('who did not hear a password asks again: what clients use still holds, and a mailbox is not made twice', async () => {
  const lost = { mailboxId: 'TRUST08', odsCode: 'RXL01' };
  expect((await administer(ofTrust, 'POST', '/mailboxes', lost)).status).toBe(201);
  const again = await administer(ofTrust, 'POST', '/mailboxes', lost);
  expect(again).toMatchObject({ status: 409, rule: 'taken' });
  const [, way = ''] = /POST \/mesh\/administration(\S+)/.exec(again.body.issue[0].diagnostics) ?? [];
  const { body } = await administer(ofTrust, 'POST', way);
  const inUse = meshClient(spine.url, 'TRUST08', body);
  for (let n = 0; n < 4; n++) {
    const changed = await administer(ofTrust, 'POST', way, { overlapMinutes: 30 });
    expect((await meshClient(spine.url, 'TRUST08', changed.body)('/inbox')).status).toBe(200);
    expect((await inUse('/inbox')).status).toBe(200);
  }
  const fifth = await administer(ofTrust, 'POST', way, { overlapMinutes: 30 });
  expect(fifth).toMatchObject({ status: 409, rule: 'overlap', body: { issue: [{ expression: ['overlapMinutes'] }] } });
  expect((await administer(ofTrust, 'POST', way)).status).toBe(200);
  expect((await inUse('/inbox')).status).toBe(403);
});

test('nobody administers what is of another organisation, with a lesser log-on, or without the activity', async () => {
  const wish = { mailboxId: 'NEW01', odsCode: 'B81999' };
  expect(await administer(ofTrust, 'POST', '/mailboxes', wish)).toMatchObject({ status: 403, rule: 'organisation' });
  expect(
    await administer(ofTrust, 'POST', '/mailboxes', { ...wish, odsCode: 'RXL01', orgCode: 'B81999' }),
  ).toMatchObject({
    status: 403,
    rule: 'organisation',
  });
  for (const path of ['/password', '/deactivate', '/certificates'])
    expect(await administer(ofTrust, 'POST', `/mailboxes/GP01${path}`, { reason: 'because' })).toMatchObject({
      status: 404,
      rule: 'mailbox',
    });
  expect(await administer(ofTrust, 'GET', '/mailboxes/GP01')).toMatchObject({ status: 404 });
  expect(await administer(ofTrust, 'GET', '/mailboxes/GP01/messages?direction=sent')).toMatchObject({ status: 404 });
  expect(await administer(viewer, 'GET', '/mailboxes/TRUST01')).toMatchObject({ status: 200 });
  expect(await administer(viewer, 'POST', '/mailboxes/TRUST01/password')).toMatchObject({
    status: 403,
    rule: 'activity',
  });
  const weak = await staff('RXL01', ['B0062'], { level: 'aal2' });
  expect(await administer(weak, 'POST', '/mailboxes/TRUST01/password')).toMatchObject({ status: 403, rule: 'level' });
  expect(await administer('nothing', 'GET', '/mailboxes')).toMatchObject({ status: 401, rule: 'token' });
  const application = await spine.token({ mode: 'application-restricted', appId: 'TRUST01' });
  expect(await administer(application, 'GET', '/mailboxes')).toMatchObject({ status: 403, rule: 'mode' });
});

test('a list shows the mailboxes of the organisation, or nationally all, a page at a time', async () => {
  const own = await administer(viewer, 'GET', '/mailboxes?_count=2');
  expect(own.body.mailboxes.map((one: { odsCode: string }) => one.odsCode)).toEqual(['RXL01', 'RXL01']);
  const more = await administer(viewer, 'GET', own.body.next.replace('/mesh/administration', ''));
  expect(more.body.mailboxes.map((one: { mailboxId: string }) => one.mailboxId)).toEqual(['TRUST08', 'TRUST09']);
  const all = await administer(national, 'GET', '/mailboxes?odsCode=B81999');
  expect(all.body.mailboxes).toHaveLength(2);
});

test('what is asked wrongly is refused with the field, and nothing changes', async () => {
  const wrong = async (method: string, path: string, body: unknown, field: string) => {
    const answer = await administer(national, method, path, body);
    expect(answer).toMatchObject({ status: 400, body: { issue: [{ expression: [field] }] } });
  };
  await wrong('POST', '/mailboxes', { mailboxId: 'a b', odsCode: 'X26' }, 'mailboxId');
  await wrong('POST', '/mailboxes', { mailboxId: 'endpointlookup', odsCode: 'X26' }, 'mailboxId');
  await wrong('POST', '/mailboxes', { mailboxId: 'GPPROVIDER_1', odsCode: 'X26' }, 'mailboxId');
  await wrong('POST', '/mailboxes', { mailboxId: 'NEW', odsCode: 'X26', name: 'a\u0000b' }, 'body');
  await wrong('POST', '/mailboxes', '{', 'body');
  await wrong('POST', '/mailboxes/GP01/password', { overlapMinutes: 10_081 }, 'overlapMinutes');
  await wrong('POST', '/mailboxes/GP01/deactivate', { reason: '' }, 'reason');
  await wrong('PUT', '/mailboxes/GP01/workflows/%0Aa', { sends: true, receives: true }, 'workflow');
  await wrong('PUT', '/mailboxes/GP01/quota', { messagesADay: -1 }, 'messagesADay');
  await wrong('GET', '/flows?days=31', undefined, 'days');
  expect((await gp('/inbox')).status).toBe(200);
});

test('a mailbox is registered for a workflow and taken out of it; the rest of the workflow stays', async () => {
  const lookup = async () =>
    ((await (await fetch(`${spine.url}/messageexchange/endpointlookup/RXL01/${workflow}`)).json()) as Answer['body'])
      .results.length;
  expect(await lookup()).toBe(0);
  await administer(ofTrust, 'PUT', `/mailboxes/TRUST01/workflows/${workflow}`, { sends: true, receives: true });
  expect(await lookup()).toBe(1);
  expect((await administer(ofTrust, 'GET', '/mailboxes/TRUST01')).body).toMatchObject({
    sends: [workflow],
    receives: [workflow],
  });
  await administer(ofTrust, 'PUT', `/mailboxes/TRUST01/workflows/${workflow}`, { sends: true, receives: false });
  expect(await lookup()).toBe(0);
  expect((await administer(national, 'GET', '/mailboxes/GP01')).body.receives).toEqual([workflow]);
});

test('a quota bounds what is sent in a day and what may wait, and only national administrators set it', async () => {
  const bounded = meshClient(
    spine.url,
    'TRUST09',
    (await administer(ofTrust, 'POST', '/mailboxes/TRUST09/password')).body,
  );
  const quota = (token: string, mailbox: string, bounds: object) =>
    administer(token, 'PUT', `/mailboxes/${mailbox}/quota`, bounds);
  expect(await quota(ofTrust, 'TRUST09', { messagesADay: 9 })).toMatchObject({ status: 403, rule: 'organisation' });
  expect((await quota(national, 'TRUST09', { messagesADay: 2, bytesADay: 100 })).status).toBe(200);
  const statuses = [];
  for (let n = 0; n < 3; n++) statuses.push((await send(bounded, 'GP02', 'ten bytes.')).status);
  expect(statuses).toEqual([202, 202, 429]);
  expect((await administer(national, 'GET', '/mailboxes/TRUST09')).body.usedToday).toEqual({ messages: 2, bytes: 20 });
  await quota(national, 'TRUST09', { bytesADay: 100 });
  const refused = await send(bounded, 'GP02', 'x'.repeat(81));
  expect(refused).toMatchObject({ status: 429, body: { errorEvent: 'SEND', errorCode: 'QuotaExceeded' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await send(bounded, 'GP02', 'x'.repeat(80))).status).toBe(202);
  await quota(national, 'GP02', { waitingBytes: 110 });
  expect((await send(trust, 'GP02', 'x'.repeat(11))).status).toBe(429);
  expect((await send(trust, 'GP02', 'x'.repeat(10))).status).toBe(202);
  await quota(national, 'TRUST09', {});
  await quota(national, 'GP02', {});
  expect((await send(bounded, 'GP02', 'x'.repeat(200))).status).toBe(202);
});

test('a message in chunks is held to the bytes a day, chunk by chunk', async () => {
  await administer(national, 'PUT', '/mailboxes/TRUST01/quota', { bytesADay: 30 });
  const first = await send(trust, 'GP01', '0123456789', { 'mex-chunk-range': '1:3' });
  const chunk = (n: number, body: string) =>
    trust(`/outbox/${first.body.messageID}/${n}`, { method: 'POST', headers: { 'mex-chunk-range': `${n}:3` }, body });
  expect((await chunk(2, 'x'.repeat(15))).status).toBe(202);
  expect((await chunk(3, 'x'.repeat(15))).status).toBe(429);
  expect((await chunk(3, 'x'.repeat(5))).status).toBe(202);
  await administer(national, 'PUT', '/mailboxes/TRUST01/quota', {});
});

test('a deactivated mailbox answers nobody; what waited is undeliverable with code 14; activated, it works again', async () => {
  const sent = await send(trust, 'GP02', 'left behind', { 'mex-localid': 'left-behind' });
  const closed = await administer(national, 'POST', '/mailboxes/GP02/deactivate', { reason: 'practice closed' });
  expect(closed).toMatchObject({ status: 200, body: { isActive: false } });
  expect(await administer(national, 'POST', '/mailboxes/GP02/deactivate', { reason: 'again' })).toMatchObject({
    status: 409,
  });
  const other = meshClient(spine.url, 'GP02');
  expect((await other('/inbox')).body.errorDescription).toBe('Request Received from Inactive Mailbox');
  expect((await send(trust, 'GP02', 'too late')).status).toBe(417);
  const tracked = () => trust(`/outbox/tracking?messageID=${sent.body.messageID}`);
  await expect.poll(async () => (await tracked()).body.statusCode, { timeout: 10_000 }).toBe('14');
  const report = await administer(ofTrust, 'GET', '/mailboxes/TRUST01/messages?direction=received&localId=left-behind');
  expect(report.body.messages).toMatchObject([{ messageType: 'REPORT', statusCode: '14' }]);
  await administer(national, 'POST', '/mailboxes/GP02/activate', { reason: 'merged practice' });
  expect((await other('/inbox')).status).toBe(200);
});

test('the view says who sends what to whom, and what is stuck and why', async () => {
  await gp('/inbox');
  const flows = (await administer(viewer, 'GET', '/flows')).body.flows;
  expect(flows).toContainEqual(expect.objectContaining({ sender: 'TRUST01', recipient: 'GP01', workflowId: workflow }));
  expect(JSON.stringify(flows)).not.toContain('X26ABC');
  const stuck = (await administer(national, 'GET', '/stuck?hours=0')).body.stuck;
  expect(stuck).toContainEqual(expect.objectContaining({ mailboxId: 'GP01', messages: 1 }));
  expect((await administer(ofTrust, 'GET', '/stuck?mailbox=GP01')).status).toBe(404);
});

test('what is changed in one process holds in the others, and the password before ends with its time', async () => {
  const config = readConfig({ OPENSPINE_DATA: spine.dataDirectory, OPENSPINE_LOG_LEVEL: 'warn' });
  const other = await openSpine(config, { databaseUrl: spine.databaseUrl });
  onTestFinished(() => other.close());
  const url = `http://127.0.0.1:${await other.listen({ port: 0, host: '127.0.0.1' })}`;
  const before = meshClient(url, 'GP01');
  expect((await before('/inbox')).status).toBe(200);
  const { body } = await administer(national, 'POST', '/mailboxes/GP01/password', { overlapMinutes: 60 });
  await expect.poll(async () => (await meshClient(url, 'GP01', body)('/inbox')).status).toBe(200);
  expect((await before('/inbox')).status).toBe(200);
  await spine.control('clock', { advance: 'PT61M' });
  expect((await gp('/inbox')).status).toBe(403);
  expect((await meshClient(spine.url, 'GP01', body)('/inbox')).status).toBe(200);
  await administer(national, 'POST', '/mailboxes/GP01/deactivate', { reason: 'moved' });
  await expect.poll(async () => (await meshClient(url, 'GP01', body)('/inbox')).status).toBe(403);
});
