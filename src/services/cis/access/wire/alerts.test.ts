import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { askAccess, registered, staffToken } from '../../../../../test/support/access.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { Database } from '../../../../platform/db/database.ts';
import { nextEvents } from '../../../../platform/events/outbox.ts';

const spine = await startSpine();
const patient = '9449306621';
await spine.control('load', { pds: { patients: [registered(patient, { practice: 'C83003' })] } });
const ask = (token: string, to: string, body?: unknown, headers: Record<string, string> = {}) =>
  askAccess(spine, to, { token, body, headers });
const viewerId = '555000000001';
const viewer = await staffToken(spine, viewerId, { activities: ['B0016'] });
const officer = await staffToken(spine, '555000000008', { activities: ['B0015', 'B0016'] });
const second = await staffToken(spine, '555000000009', { roleCode: 'S8002:G8003:R0001', activities: ['B0016'] });

/** A claim of the viewer's; the reference of its alert. */
async function claimed(nhsNumber = patient): Promise<string> {
  const made = await ask(viewer, `/patients/${nhsNumber}/relationships`, {
    kind: 'self-claimed',
    reason: 'night shift',
  });
  expect(made.status).toBe(201);
  return (await ask(officer, '/alerts')).body.alerts[0].reference;
}
const reference = await claimed();

test('a notification holds a reference, its kind and its time, and neither patient nor user', async () => {
  const { status, text, body } = await ask(officer, '/alerts');
  expect([status, body.alerts]).toMatchObject([
    200,
    [{ reference, code: 'LR_SELF_CLAIMED', text: 'Create LR (Self Claimed)', state: 'new', isAssigned: false }],
  ]);
  expect(text).not.toMatch(new RegExp(`${patient}|${viewerId}|night shift`));
});

test('the event of a new alert holds a reference and who receives it, nothing else', async () => {
  const db = new Database({ url: spine.databaseUrl });
  const events = await nextEvents(db, 'test', 1000);
  await db.close();
  const raised = events.filter((event) => event.kind === 'cis.privacy-alert-raised');
  expect(raised.map((event) => [event.subject, event.body])).toContainEqual([
    'A81001',
    { reference, odsCode: 'A81001', receivedWith: 'B0016' },
  ]);
});

test('an alert of another organisation is neither listed nor opened, nor one of a kind that is not received', async () => {
  const elsewhere = await staffToken(spine, '555000000007', { odsCode: 'RR8', activities: ['B0015', 'B0016'] });
  expect((await ask(elsewhere, '/alerts')).body).toEqual({ alerts: [] });
  expect(await ask(elsewhere, `/alerts/${reference}`)).toMatchObject({ status: 404, rule: 'reference' });
  expect(await ask(elsewhere, `/alerts/${reference}/close`, { reason: 'x' })).toMatchObject({ status: 404 });
  const sealing = await staffToken(spine, '555000000006', { activities: ['B0018'] });
  expect((await ask(sealing, '/alerts')).body).toEqual({ alerts: [] });
  expect(await ask(sealing, `/alerts/${reference}`)).toMatchObject({ status: 404, rule: 'reference' });
});

test('an officer opens it by its reference and sees who, whom, why and when; opening is in history and audit', async () => {
  const { status, body } = await ask(officer, `/alerts/${reference}`);
  expect([status, body]).toMatchObject([
    200,
    {
      userId: viewerId,
      nhsNumber: patient,
      organisation: 'A81001',
      detail: 'night shift',
      accesses: [{ operation: 'access.claim-relationship', roleId: `1${viewerId.slice(1)}` }],
      history: [{ action: 'open', by: '555000000008' }],
    },
  ]);
  const token = await spine.token({ mode: 'patient', nhsNumber: patient });
  const seen = await fetch(`${spine.url}/audit/FHIR/R4/AuditEvent?patient=${patient}`, {
    headers: { authorization: `Bearer ${token}`, 'x-request-id': randomUUID() },
  });
  expect(await seen.text()).toContain('access.open-alert');
});

test('nobody deals with an alert about their own access: it is not in their list, and no verb works on it', async () => {
  expect((await ask(viewer, '/alerts')).body).toEqual({ alerts: [] });
  expect(await ask(viewer, `/alerts/${reference}`)).toMatchObject({ status: 403, rule: 'own-access' });
  for (const verb of ['close', 'note', 'escalate']) {
    const refused = await ask(viewer, `/alerts/${reference}/${verb}`, { reason: 'all fine' });
    expect(refused).toMatchObject({ status: 403, rule: 'own-access' });
  }
  expect(await ask(viewer, `/alerts/${reference}/assign`, {})).toMatchObject({ status: 403, rule: 'own-access' });
  expect(await ask(officer, `/alerts/${reference}/assign`, { userId: viewerId })).toMatchObject({
    status: 403,
    rule: 'own-access',
  });
});

test('a case is assigned, noted, escalated and closed, each with its history; closed it takes notes only', async () => {
  expect((await ask(officer, `/alerts/${reference}/assign`, {})).body).toMatchObject({
    state: 'assigned',
    assignedTo: '555000000008',
  });
  await ask(officer, `/alerts/${reference}/assign`, { userId: '555000000009', note: 'on leave' });
  expect((await ask(second, `/alerts/${reference}/note`, { reason: 'asked the ward' })).body.state).toBe('assigned');
  expect((await ask(second, `/alerts/${reference}/escalate`, { reason: 'no attendance found' })).body.state).toBe(
    'escalated',
  );
  expect((await ask(second, `/alerts/${reference}/close`, { reason: ' ' })).rule).toBe('field');
  const again = { 'x-request-id': randomUUID() };
  const closed = await ask(second, `/alerts/${reference}/close`, { reason: 'attended at two' }, again);
  expect(closed.body).toMatchObject({ state: 'justified', assignedTo: '555000000009' });
  expect(await ask(second, `/alerts/${reference}/close`, { reason: 'attended at two' }, again)).toMatchObject({
    status: 200,
    body: { closedAt: closed.body.closedAt },
  });
  expect(await ask(second, `/alerts/${reference}/escalate`, { reason: 'x' })).toMatchObject({
    status: 409,
    rule: 'closed',
  });
  const noted = await ask(officer, `/alerts/${reference}/note`, { reason: 'filed' });
  expect(noted.body.history.map((step: { action: string }) => step.action)).toEqual([
    'open',
    'assign',
    'assign',
    'note',
    'escalate',
    'close',
    'note',
  ]);
  expect((await ask(officer, '/alerts')).body.alerts).toEqual([]);
  expect((await ask(officer, '/alerts?state=closed')).body.alerts).toMatchObject([{ reference, state: 'justified' }]);
});

test('what happens after a case was closed is a new case; before that it joins the open one', async () => {
  const later = await claimed();
  expect(later).not.toBe(reference);
  expect(await claimed()).toBe(later);
  expect((await ask(officer, `/alerts/${later}`)).body.accesses).toHaveLength(2);
  await spine.control('clock', { advance: 'P2D' });
  const renewed = await ask(await staffToken(spine, viewerId), `/patients/${patient}/relationships`, {
    kind: 'self-claimed',
    reason: 'again',
  });
  expect(renewed.status).toBe(201);
  const fresh = await staffToken(spine, '555000000008', { activities: ['B0016'] });
  const first = await ask(fresh, '/alerts?_count=1');
  expect(first.body.alerts[0].reference).not.toBe(later);
  const next = await ask(fresh, first.body.next);
  expect(next.body).toMatchObject({ alerts: [{ reference: later }] });
  expect(next.body.next).toBeUndefined();
  await spine.control('clock', {});
});

test('every refusal names its rule', async () => {
  const refused = async (token: string, to = '/alerts', body?: unknown) => {
    const { status, rule } = await ask(token, to, body);
    return `${status} ${rule}`;
  };
  expect(await refused(await staffToken(spine, '555000000005'))).toBe('403 activity');
  expect(await refused(await spine.token({ mode: 'patient', nhsNumber: patient }))).toBe('403 mode');
  expect(await refused(await spine.token({ mode: 'application-restricted' }))).toBe('403 mode');
  expect(await refused(officer, '/alerts?_count=0')).toBe('400 field');
  expect(await refused(officer, '/alerts?state=all')).toBe('400 field');
  expect(await refused(officer, '/alerts?_cursor=x')).toBe('400 field');
  expect(await refused(officer, '/alerts/x')).toBe('404 reference');
  expect(await refused(officer, `/alerts/${randomUUID()}`)).toBe('404 reference');
  expect(await refused(officer, `/alerts/${reference}/assign`, { userId: 'x' })).toBe('400 field');
  const weak = await spine.token({
    mode: 'healthcare-worker',
    userId: '555000000004',
    scopes: ['urn:nhsd:apim:user-nhs-cis2:aal2:x'],
    roles: [
      { roleProfileId: '1', odsCode: 'A81001', activities: ['B0016'] },
      { roleProfileId: '2', odsCode: 'A81001' },
    ],
  });
  expect(await refused(weak)).toBe('401 role');
});
