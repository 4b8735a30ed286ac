import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { askAccess, registered, staffToken } from '../../../../../test/support/access.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { Clock } from '../../../../platform/clock/clock.ts';
import { Database } from '../../../../platform/db/database.ts';
import { Tokens } from '../../../../platform/identity/tokens.ts';

const spine = await startSpine();
const patient = '9449306621';
const merged = '9449306648';
const stranger = '9449306656';
await spine.control('load', {
  pds: {
    patients: [registered(patient), registered(stranger, { practice: 'C83003' })],
    superseded: { [merged]: patient },
  },
});
const path = `/patients/${patient}/relationships`;
const practice = await staffToken(spine, '555000000001');
const hospital = await staffToken(spine, '555000000002', { odsCode: 'RR8' });
const ask = (token: string | undefined, to: string, body?: unknown, headers: Record<string, string> = {}) =>
  askAccess(spine, to, { ...(token === undefined ? {} : { token }), body, headers });
const patientToken = (nhsNumber = patient, proofing = 'P9') => spine.token({ mode: 'patient', nhsNumber, proofing });
const claim = { kind: 'self-claimed', reason: 'walked in' };

test('a patient’s own practice has a relationship by registration, another organisation has none', async () => {
  expect((await ask(practice, path)).body).toEqual({
    relationships: [{ kind: 'registration', organisation: 'A81001', state: 'active' }],
  });
  expect((await ask(hospital, path)).body).toEqual({ relationships: [] });
});

test('a claim makes a relationship of one week for this user in this organisation, and the event and alert with it', async () => {
  const made = await ask(hospital, path, claim);
  expect([made.status, made.body]).toMatchObject([
    201,
    { kind: 'self-claimed', organisation: 'RR8', state: 'active', userId: '555000000002', reason: 'walked in' },
  ]);
  const days = (Date.parse(made.body.expiresAt) - Date.parse(made.body.startsAt)) / 86_400_000;
  expect(days).toBe(7);
  const listed = (await ask(hospital, path)).body.relationships;
  expect(listed.map((one: { id: string }) => one.id)).toContain(made.body.id);
  const officer = await staffToken(spine, '555000000009', { odsCode: 'RR8', activities: ['B0016'] });
  expect((await ask(officer, '/alerts')).body.alerts).toMatchObject([{ code: 'LR_SELF_CLAIMED', state: 'new' }]);
});

test('the same request claims once', async () => {
  const again = { 'x-request-id': randomUUID() };
  const user = await staffToken(spine, '555000000003', { odsCode: 'RR8' });
  const first = await ask(user, path, claim, again);
  const second = await ask(user, path, claim, again);
  expect([second.status, second.body.id]).toEqual([201, first.body.id]);
});

test('the same request id in another organisation is another request', async () => {
  const again = { 'x-request-id': randomUUID() };
  const made = async (odsCode: string) =>
    (await ask(await staffToken(spine, '555000000003', { odsCode }), path, claim, again)).body;
  const [first, second] = [await made('RX1'), await made('RX2')];
  expect([first.organisation, second.organisation]).toEqual(['RX1', 'RX2']);
});

test('a merged number leads to the record that is kept', async () => {
  const made = await ask(hospital, `/patients/${merged}/relationships`, claim);
  const listed = (await ask(hospital, path)).body.relationships;
  expect(listed.map((one: { id: string }) => one.id)).toContain(made.body.id);
});

test('a claim expires, and one ended is ended', async () => {
  const user = await staffToken(spine, '555000000004', { odsCode: 'RR8' });
  const { id } = (await ask(user, path, claim)).body;
  const stateOf = async (token: string) =>
    (await ask(token, path)).body.relationships.find((one: { id: string }) => one.id === id).state;
  await spine.control('clock', { advance: 'P8D' });
  const later = await staffToken(spine, '555000000004', { odsCode: 'RR8' });
  expect(await stateOf(later)).toBe('expired');
  await spine.control('clock', {});
  const ended = await ask(user, `${path}/${id}/end`, { reason: 'left the ward' });
  expect([ended.status, ended.body.state, ended.body.endReason]).toEqual([200, 'ended', 'left the ward']);
  expect((await ask(user, `${path}/${id}/end`, {})).body.endReason).toBe('left the ward');
  expect(await stateOf(user)).toBe('ended');
});

test('only who has it, who entered it, or an administrator of the organisation ends a relationship', async () => {
  const { id } = (await ask(hospital, path, claim)).body;
  const colleague = await staffToken(spine, '555000000005', { odsCode: 'RR8' });
  expect(await ask(colleague, `${path}/${id}/end`, {})).toMatchObject({ status: 403, rule: 'activity' });
  expect(await ask(practice, `${path}/${id}/end`, {})).toMatchObject({ status: 404, rule: 'relationship' });
  expect(await ask(hospital, `${path}/not-an-id/end`, {})).toMatchObject({ status: 404, rule: 'relationship' });
  const clerk = await staffToken(spine, '555000000006', { odsCode: 'RR8', activities: ['B0560'] });
  expect((await ask(clerk, `${path}/${id}/end`, {})).status).toBe(200);
});

test('a colleague is let in by somebody who was let in by others, or who administers patients, and never by themselves', async () => {
  const entry = { kind: 'colleague-entered', userId: '555000000007', reason: 'covers the clinic' };
  const made = await ask(practice, path, entry);
  expect([made.status, made.body]).toMatchObject([201, { userId: '555000000007', establishedBy: '555000000001' }]);
  expect(await ask(practice, path, { ...entry, userId: '555000000001' })).toMatchObject({
    status: 403,
    rule: 'own-access',
  });
  // a claim of one's own is not enough to let others in
  expect(await ask(hospital, path, entry)).toMatchObject({ status: 403, rule: 'relationship' });
  const clerk = await staffToken(spine, '555000000006', { odsCode: 'RR8', activities: ['B0560'] });
  expect((await ask(clerk, path, entry)).status).toBe(201);
});

test('a workgroup is let in as a whole, and only its members are', async () => {
  const clerk = await staffToken(spine, '555000000006', { odsCode: 'RR8', activities: ['B0560'] });
  const workgroup = '740000000001';
  const entry = { kind: 'colleague-entered', workgroup, reason: 'the stroke team' };
  const made = await ask(clerk, path, entry);
  expect([made.status, made.body.workgroup, made.body.userId]).toEqual([201, workgroup, undefined]);
  const mayI = async (workgroups: string[]) => {
    const token = await staffToken(spine, '555000000020', { odsCode: 'RR8', workgroups });
    return (await ask(token, '/decisions', { nhsNumber: patient, relationship: 'required' })).body.decision;
  };
  expect(await mayI([workgroup])).toBe('allowed');
  expect(await mayI(['740000000002'])).toBe('refused');
  expect(await mayI([])).toBe('refused');
  const both = await ask(clerk, path, { ...entry, userId: '555000000020' });
  expect([both.rule, both.body.issue[0].expression]).toEqual(['field', ['userId']]);
});

test('who administers patients does not let themselves in by way of a workgroup of theirs, unless let in by others', async () => {
  const workgroup = '740000000003';
  const entry = { kind: 'colleague-entered', workgroup, reason: 'our team' };
  const staff = { activities: ['B0560'], workgroups: [workgroup] };
  const curious = await staffToken(spine, '555000000021', { odsCode: 'RR8', ...staff });
  expect(await ask(curious, path, entry)).toMatchObject({ status: 403, rule: 'own-access' });
  const receptionist = await staffToken(spine, '555000000022', staff);
  expect((await ask(receptionist, path, entry)).status).toBe(201);
});

test('a patient sees every organisation, but neither who it was nor what they wrote', async () => {
  const seen = await ask(await patientToken(), path);
  const organisations = seen.body.relationships.map((one: { organisation: string }) => one.organisation);
  expect(new Set(organisations)).toEqual(new Set(['A81001', 'RR8', 'RX1', 'RX2']));
  expect(seen.text).not.toMatch(/5550000000|walked in|covers/);
});

test('too weak a log-on is answered with the challenge to log on again, at the level that is needed', async () => {
  const db = new Database({ url: spine.databaseUrl });
  const roles = [{ roleProfileId: '1', odsCode: 'A81001', roleCode: 'S8000:G8000:R8000', activities: [] }];
  const staff = {
    mode: 'healthcare-worker',
    appId: 'app',
    scopes: [],
    attributes: {},
    userId: '555000000001',
  } as const;
  const weak = await new Tokens(db, new Clock()).issue({ ...staff, roles, level: 'aal1' }, 60);
  await db.close();
  const refused = await ask(weak, path);
  expect([refused.status, refused.rule]).toEqual([401, 'level']);
  expect(refused.headers.get('www-authenticate')).toMatch(/insufficient_user_authentication.*acr_values="AAL2"/);
});

test('every refusal names its rule', async () => {
  const refused = async (
    token: string | undefined,
    to = path,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const { status, rule } = await ask(token, to, body, headers);
    return `${status} ${rule}`;
  };
  expect(await refused(undefined)).toBe('401 token');
  expect(await refused('nonsense')).toBe('401 token');
  expect(await refused(practice, '/patients/1234567890/relationships')).toBe('400 field');
  expect(await refused(await patientToken(stranger))).toBe('403 own-record');
  expect(await refused(await patientToken(patient, 'P5'))).toBe('401 level');
  expect(await refused(await patientToken(), path, claim)).toBe('403 mode');
  expect(await refused(await spine.token({ mode: 'application-restricted' }))).toBe('403 mode');
  expect(await refused(practice, path, undefined, { 'nhsd-session-urid': '999' })).toBe('401 role');
  expect(await refused(practice, path, '{')).toBe('400 body');
  expect(await refused(practice, path, { kind: 'self-claimed', reason: ' ' })).toBe('400 field');
  expect(await refused(practice, path, { kind: 'registration', reason: 'x' })).toBe('400 field');
  expect(await refused(practice, path, { ...claim, reason: 'a\u0000b' })).toBe('400 field');
  expect(await refused(practice, '/patients/9449307539/relationships', claim)).toBe('404 patient');
  expect(await refused(practice, '/nowhere')).toBe('404 path');
  const { body } = await ask(practice, path, { kind: 'self-claimed' });
  expect(body.issue[0].expression).toEqual(['reason']);
});
