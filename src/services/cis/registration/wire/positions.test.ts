import { expect, test } from 'vitest';
import { registrationAuthority, soon, staff } from '../../../../../test/support/registration.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { sql } from '../../../../platform/db/sql.ts';
import { lockPosition } from '../queries-positions.ts';

const spine = await startSpine();
const { ask, must, tokenOf, db } = await registrationAuthority(spine);
const because = { reason: 'asked for in a test' };

const content = { name: 'Phlebotomist', roleCode: 'R8003', activities: ['B0820'], areas: ['P0020:Q0300:T0640'] };
const propose = (who: string, more: object = {}) =>
  ask(who, '/positions', { body: { odsCode: 'A99000', ...content, ...because, ...more } });
const decide = (who: string, verb: string, proposalId: string) =>
  ask(who, `/proposals/${proposalId}/${verb}`, { body: because });
const approved = async (more: object = {}): Promise<string> => {
  const { body } = await propose(staff.manager, more);
  await must(staff.otherManager, `/proposals/${body.proposalId}/approve`, because);
  return body.positionId;
};
const positions = async () => (await ask(staff.manager, '/positions?organisation=A99000')).body.positions;

test('a position holds once another manager approved it', async () => {
  const proposed = await propose(staff.manager);
  expect([proposed.status, proposed.body.state]).toEqual([201, 'proposed']);
  const { proposalId, positionId } = proposed.body;
  expect(await positions()).not.toContainEqual(expect.objectContaining({ positionId }));
  expect((await ask(staff.manager, '/requests?organisation=A99000')).body.proposals).toMatchObject([
    { proposalId, proposedBy: staff.manager, content: { name: 'Phlebotomist' } },
  ]);
  expect((await decide(staff.manager, 'approve', proposalId)).rule).toBe('four-eyes');
  expect((await decide(staff.advancedAgent, 'approve', proposalId)).rule).toBe('task');
  const approval = await decide(staff.otherManager, 'approve', proposalId);
  expect(approval.body).toMatchObject({ state: 'approved', version: 1 });
  expect(await positions()).toContainEqual(expect.objectContaining({ positionId, state: 'approved' }));
  expect((await decide(staff.otherManager, 'approve', proposalId)).rule).toBe('state');
});

test('a request waits for a decision on its position under way, which would not know of its holder', async () => {
  const positionId = await approved();
  const waiting = sql`select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  const { sent } = await db.transaction(async (tx) => {
    await lockPosition(tx, positionId);
    const asked = ask(staff.agent, `/identities/${staff.newcomer}/assignments`, { body: { positionId, ...because } });
    await expect.poll(async () => (await db.query(waiting))[0], soon).toEqual({ n: 1 });
    return { sent: asked };
  });
  expect((await sent).status).toBe(201);
});

test('an advanced agent proposes, but nothing restricted; agents and sponsors do not propose', async () => {
  expect((await propose(staff.advancedAgent)).status).toBe(201);
  expect((await propose(staff.advancedAgent, { activities: ['B0016'] })).rule).toBe('manager-only');
  expect((await propose(staff.advancedAgent, { roleCode: 'R5090' })).rule).toBe('manager-only');
  expect((await propose(staff.agent)).rule).toBe('task');
  expect((await propose(staff.practiceSponsor)).rule).toBe('task');
  expect((await propose(staff.manager, { odsCode: 'R8Z' })).rule).toBe('organisation');
});

test.each([
  [{ roleCode: 'R9999' }, 'roleCode'],
  [{ activities: ['B0820', 'B9999'] }, 'activities[1]'],
  [{ areas: ['P0001:Q0001:T0001'] }, 'areas[0]'],
  [{ workgroups: ['655694018201'] }, 'workgroups[0]'],
  [{ validFrom: '2030-01-02', validTo: '2030-01-01' }, 'validTo'],
  [{ roleCode: 'GP' }, 'roleCode'],
  [{ validFrom: '2030-02-30' }, 'validFrom'],
])('a content that the national role data do not know is refused by its field: %j', async (more, field) => {
  const answer = await propose(staff.manager, more);
  expect([answer.status, answer.rule, answer.field]).toEqual([400, 'value', field]);
});

test('a change holds at once for everybody who has the position, and is approved as it was proposed or not at all', async () => {
  const positionId = await approved({ name: 'Changing' });
  const { body: asked } = await ask(staff.agent, `/identities/${staff.newcomer}/assignments`, {
    body: { positionId, ...because },
  });
  await must(staff.otherAgent, `/identities/${staff.newcomer}/assignments/${asked.roleProfileId}/grant`, because);
  const token = await tokenOf(staff.newcomer);
  const change = (more: object) =>
    ask(staff.manager, `/positions/${positionId}/changes`, { body: { ...content, ...because, ...more } });
  const [first, second] = [await change({ activities: ['B0825'] }), await change({ activities: ['B0401'] })];
  expect((await decide(staff.otherManager, 'approve', first.body.proposalId)).body.version).toBe(2);
  const stale = await decide(staff.otherManager, 'approve', second.body.proposalId);
  expect([stale.status, stale.rule]).toEqual([409, 'version']);
  const report = await ask(staff.manager, '/assignments?organisation=A99000');
  const row = report.body.assignments.find((one: { positionId: string }) => one.positionId === positionId);
  expect(row.activities).toEqual(expect.arrayContaining(['B0825', 'B0820']));
  // withdrawn, it is a role no more
  const withdrawal = await must(staff.manager, `/positions/${positionId}/withdrawal`, because);
  const status = async () => (await ask(staff.newcomer, `/identities/${staff.newcomer}`, { token })).status;
  expect(await status()).toBe(200);
  await must(staff.otherManager, `/proposals/${withdrawal.proposalId}/approve`, because);
  await expect.poll(status, soon).toBe(401);
  const history = await ask(staff.manager, `/positions/${positionId}/history`);
  expect(history.body.entries.map((entry: { what: string }) => entry.what)).toEqual([
    'position-withdrawn',
    'position-proposed',
    'position-approved',
    'position-proposed',
    'position-proposed',
    'position-approved',
    'position-proposed',
  ]);
});

test('nobody proposes or approves a change of a position they hold', async () => {
  const { body } = await ask(staff.manager, '/positions?organisation=R9A');
  const own = body.positions.find((one: { roleCode: string }) => one.roleCode === 'R5080').positionId;
  const answer = await ask(staff.manager, `/positions/${own}/changes`, {
    body: { name: 'Manager of everything', roleCode: 'R5080', activities: ['B0082'], ...because },
  });
  expect([answer.status, answer.rule]).toEqual([403, 'own-access']);
});

test('a refused proposal changes nothing', async () => {
  const { body } = await propose(staff.manager, { name: 'Never' });
  expect((await decide(staff.otherManager, 'refuse', body.proposalId)).body.state).toBe('refused');
  expect((await decide(staff.otherManager, 'approve', body.proposalId)).rule).toBe('state');
  for (const id of ['nonsense', '0190a0a0-0000-7000-8000-000000000000'])
    expect((await decide(staff.otherManager, 'approve', id)).status).toBe(404);
});

test('a workgroup is created by a manager and named by positions of its organisation only', async () => {
  const group = await must(staff.manager, '/organisations/A99000/workgroups', { name: 'Asthma clinic', ...because });
  expect(group.code).toMatch(/^[0-9]{12}$/);
  expect((await propose(staff.manager, { workgroups: [group.code] })).status).toBe(201);
  const elsewhere = await propose(staff.manager, { odsCode: 'A99001', workgroups: [group.code] });
  expect(elsewhere.field).toBe('workgroups[0]');
  const refused = await ask(staff.agent, '/organisations/A99000/workgroups', { body: { name: 'X', ...because } });
  expect(refused.rule).toBe('task');
});
