import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { askAccess, registered, staffToken } from '../../../../../test/support/access.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();
const patient = '9449306621';
const restricted = '9449306648';
await spine.control('load', { pds: { patients: [registered(patient), registered(restricted, { security: 'R' })] } });
const practice = await staffToken(spine, '555000000001', { activities: ['B0370'] });
const hospital = await staffToken(spine, '555000000002', { odsCode: 'RR8', activities: ['B0370', 'B0168'] });
const ask = (token: string, to: string, body?: unknown, headers: Record<string, string> = {}) =>
  askAccess(spine, to, { token, body, headers });
const mayI = async (token: string, question: object = {}) =>
  (await ask(token, '/decisions', { nhsNumber: patient, ...question })).body;
const permissions = `/patients/${patient}/permissions`;
const relationships = `/patients/${patient}/relationships`;

test('the practice may by registration, a hospital only once it has a relationship', async () => {
  expect(await mayI(practice)).toMatchObject({ decision: 'allowed', why: 'registered here' });
  expect(await mayI(hospital)).toMatchObject({
    decision: 'refused',
    rule: 'relationship',
    remedy: 'claim-relationship',
  });
  await ask(hospital, relationships, { kind: 'self-claimed', reason: 'walked in' });
  expect(await mayI(hospital)).toMatchObject({ decision: 'allowed', why: 'self-claimed relationship' });
  expect(await mayI(hospital, { relationship: 'required' })).toMatchObject({ rule: 'relationship' });
});

test('activities, level and confidentiality are asked for and refused by their rule', async () => {
  expect(await mayI(practice, { activities: { anyOf: ['B0370', 'B0380'] } })).toMatchObject({ decision: 'allowed' });
  expect(await mayI(practice, { activities: { allOf: ['B0370', 'B0380'] } })).toMatchObject({ rule: 'activity' });
  const weak = await staffToken(spine, '555000000003', { level: 2 });
  expect(await mayI(weak, { level: 3 })).toMatchObject({ rule: 'level', remedy: 'log-on-stronger' });
  expect(await mayI(practice, { nhsNumber: restricted, confidentiality: 'U' })).toMatchObject({
    rule: 'confidentiality',
  });
  expect(await mayI(practice, { nhsNumber: restricted, confidentiality: 'R' })).toMatchObject({ decision: 'allowed' });
});

test('permission to view: not asked, given for an hour to one person, standing, refused, emergency', async () => {
  const wanted = { permissionToView: true };
  const colleague = await staffToken(spine, '555000000004');
  expect(await mayI(practice, wanted)).toMatchObject({ rule: 'permission-to-view', remedy: 'ask-permission' });
  const given = await ask(practice, permissions, { value: 'asked-and-given' });
  expect([given.status, given.body]).toMatchObject([201, { userId: '555000000001' }]);
  expect(await mayI(practice, wanted)).toMatchObject({
    decision: 'allowed',
    why: 'registered here; permission asked and given',
  });
  expect(await mayI(colleague, wanted)).toMatchObject({ rule: 'permission-to-view' });
  await spine.control('clock', { advance: 'PT59M' });
  const still = await staffToken(spine, '555000000001');
  expect(await mayI(still, wanted)).toMatchObject({ decision: 'allowed' });
  await spine.control('clock', { advance: 'PT2M' });
  expect(await mayI(still, wanted)).toMatchObject({ rule: 'permission-to-view' });
  await spine.control('clock', {});
  await ask(colleague, permissions, { value: 'standing' });
  expect(await mayI(colleague, wanted)).toMatchObject({ why: 'registered here; standing permission' });
  await ask(colleague, permissions, { value: 'refused' });
  expect(await mayI(practice, wanted)).toMatchObject({ rule: 'permission-to-view' });
  const doctor = await staffToken(spine, '555000000005', { activities: ['B0168'] });
  const emergency = { value: 'emergency', reason: 'patient unable to consent, in their interest', note: 'collapsed' };
  expect((await ask(doctor, permissions, emergency)).status).toBe(201);
  expect(await mayI(doctor, wanted)).toMatchObject({
    why: 'registered here; emergency access (patient unable to consent, in their interest)',
  });
  expect(await mayI(colleague, wanted)).toMatchObject({ rule: 'permission-to-view' });
});

test('an emergency needs an activity for its reason, words, and tells an officer; so does a refusal turned round', async () => {
  const refused = async (token: string, body: object) => {
    const { status, rule } = await ask(token, permissions, body);
    return `${status} ${rule}`;
  };
  const emergency = { value: 'emergency', reason: 'law', note: 'court order' };
  expect(await refused(practice, emergency)).toBe('403 activity');
  const doctor = await staffToken(spine, '555000000005', { activities: ['B0168'] });
  expect(await refused(doctor, emergency)).toBe('403 activity');
  expect(await refused(doctor, { ...emergency, reason: 'curiosity' })).toBe('400 field');
  expect(await refused(doctor, { value: 'emergency', reason: 'law', note: '' })).toBe('400 field');
  expect((await ask(practice, permissions, { value: 'asked-and-given' })).status).toBe(201);
  const officer = await staffToken(spine, '555000000009', { activities: ['B0015'] });
  const codes = (await ask(officer, '/alerts')).body.alerts.map((alert: { code: string }) => alert.code);
  expect(codes.sort()).toEqual(['DISSENT_OVERRIDE', 'DISSENT_REVERSED']);
});

test('an emergency of one’s own does not hide that a refusal is turned round for everybody', async () => {
  const doctor = await staffToken(spine, '555000000015', { activities: ['B0082'] });
  const officer = await staffToken(spine, '555000000009', { activities: ['B0015'] });
  const reversals = async () =>
    (await ask(officer, '/alerts')).body.alerts.filter(({ code }: { code: string }) => code === 'DISSENT_REVERSED')
      .length;
  const before = await reversals();
  expect((await ask(doctor, permissions, { value: 'refused' })).status).toBe(201);
  expect((await ask(doctor, permissions, { value: 'emergency', reason: 'law', note: 'court order' })).status).toBe(201);
  expect(await reversals()).toBe(before);
  expect((await ask(doctor, permissions, { value: 'standing' })).status).toBe(201);
  expect(await reversals()).toBe(before + 1);
});

test('nobody without a relationship records permission, and staff do so for their own organisation only', async () => {
  const outsider = await staffToken(spine, '555000000006', { odsCode: 'RX1' });
  expect(await ask(outsider, permissions, { value: 'standing' })).toMatchObject({ status: 403, rule: 'relationship' });
  expect(await ask(practice, permissions, { value: 'standing', organisation: 'RR8' })).toMatchObject({
    status: 403,
    rule: 'organisation',
  });
});

test('a patient gives and refuses standing permission for an organisation, and reads what was recorded', async () => {
  const token = await spine.token({ mode: 'patient', nhsNumber: patient });
  expect(await ask(token, permissions, { value: 'refused' })).toMatchObject({ status: 400, rule: 'field' });
  expect(await ask(token, permissions, { value: 'asked-and-given' })).toMatchObject({ status: 403, rule: 'mode' });
  expect((await ask(token, permissions, { value: 'refused', organisation: 'RR8' })).status).toBe(201);
  expect(await mayI(hospital, { permissionToView: true })).toMatchObject({ rule: 'permission-to-view' });
  const seen = await ask(token, permissions);
  expect(seen.body.permissions[0]).toMatchObject({ value: 'refused', organisation: 'RR8' });
  expect(seen.text).not.toMatch(/5550000000|collapsed/);
  const staff = (await ask(hospital, permissions)).body.permissions;
  expect(new Set(staff.map((one: { organisation: string }) => one.organisation))).toEqual(new Set(['RR8']));
  expect(await ask(await spine.token({ mode: 'patient', nhsNumber: restricted }), permissions)).toMatchObject({
    status: 403,
    rule: 'own-record',
  });
});

test('each decision is in the audit with its rule or its basis, and the patient reads the basis', async () => {
  await mayI(hospital, { relationship: 'required' });
  const token = await spine.token({ mode: 'patient', nhsNumber: patient });
  const response = await fetch(`${spine.url}/audit/FHIR/R4/AuditEvent?patient=${patient}&_count=200`, {
    headers: { authorization: `Bearer ${token}`, 'x-request-id': randomUUID() },
  });
  const text = await response.text();
  const events = (JSON.parse(text) as { entry: { resource: AuditEvent }[] }).entry.map((one) => one.resource);
  const decisions = events.filter((event) => event.subtype[1]?.code === 'access.decide');
  const outcomes = decisions.map((event) => event.outcomeDesc);
  expect(outcomes).toEqual(expect.arrayContaining(['200 allowed', '200 relationship', '200 activity', '200 level']));
  const purposes = events.flatMap((event) => event.agent[0]?.purposeOfUse?.map((one) => one.text) ?? []);
  expect(purposes).toEqual(
    expect.arrayContaining([
      'self-claimed relationship',
      'registered here; permission asked and given',
      'registered here; emergency access (patient unable to consent, in their interest)',
    ]),
  );
  // neither user nor role profile, nor what staff wrote
  expect(text).not.toMatch(/5550000000|1550000000|walked in|collapsed/);
});

test('nobody’s claims crowd out those of others', async () => {
  const colleague = await staffToken(spine, '555000000010', { odsCode: 'RX9', activities: ['B0560'] });
  await ask(colleague, relationships, { kind: 'self-claimed', reason: 'on the ward' });
  const crowd = await staffToken(spine, '555000000011', { odsCode: 'RX9' });
  for (let times = 0; times < 30; times++) await ask(crowd, relationships, { kind: 'self-claimed', reason: 'again' });
  expect(await mayI(colleague)).toMatchObject({ decision: 'allowed' });
});

type AuditEvent = {
  subtype: { code: string }[];
  outcomeDesc: string;
  agent: { purposeOfUse?: { text: string }[] }[];
};

test('a decision is refused a wrong question by its field, and tells strangers of no number', async () => {
  const refused = async (token: string, body: object) => {
    const { status, rule, body: answer } = await ask(token, '/decisions', body);
    return [status, rule, answer.issue?.[0].expression?.[0]];
  };
  expect(await refused(practice, {})).toEqual([400, 'field', 'nhsNumber']);
  expect(await refused(practice, { nhsNumber: '1234567890' })).toEqual([400, 'field', 'nhsNumber']);
  expect(await refused(practice, { nhsNumber: patient, activities: {} })).toEqual([400, 'field', 'activities']);
  expect(await refused(practice, { nhsNumber: patient, relationship: 'none', wizard: 1 })).toEqual([
    400,
    'field',
    'body',
  ]);
  expect(await refused(practice, { nhsNumber: '9449307539' })).toEqual([404, 'patient', 'nhsNumber']);
  const application = await spine.token({ mode: 'application-restricted' });
  expect(await mayI(application, { nhsNumber: '9449307539' })).toMatchObject({ decision: 'refused', rule: 'mode' });
  const other = await spine.token({ mode: 'patient', nhsNumber: restricted });
  expect(await mayI(other)).toMatchObject({ decision: 'refused', rule: 'own-record' });
  const own = await spine.token({ mode: 'patient', nhsNumber: patient });
  expect(await mayI(own)).toMatchObject({ decision: 'allowed', why: 'own record' });
});

test('a reset of the sandbox forgets who knew whom', async () => {
  const doctor = await staffToken(spine, '555000000012', { odsCode: 'RR8' });
  await ask(doctor, relationships, { kind: 'self-claimed', reason: 'on call' });
  expect(await mayI(doctor)).toMatchObject({ decision: 'allowed' });
  await spine.control('reset', { population: 'none' });
  await spine.control('load', { pds: { patients: [registered(patient)] } });
  expect(await mayI(doctor)).toMatchObject({ rule: 'relationship' });
  const officer = await staffToken(spine, '555000000009', { odsCode: 'RR8', activities: ['B0016'] });
  expect((await ask(officer, '/alerts')).body).toEqual({ alerts: [] });
});
