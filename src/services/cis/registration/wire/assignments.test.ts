import { expect, test } from 'vitest';
import {
  newIdentity,
  registrationAuthority,
  registrationScopes,
  soon,
  staff,
} from '../../../../../test/support/registration.ts';
import { startSpine } from '../../../../../test/support/spine.ts';

const spine = await startSpine();
const { ask, must, tokenOf } = await registrationAuthority(spine);
const because = { reason: 'asked for in a test' };

type Listed = { positionId: string; name: string; roleCode: string };
const positionIn = async (odsCode: string, name: string): Promise<string> => {
  const { body } = await ask(staff.manager, `/positions?organisation=${odsCode}`);
  return (body.positions as Listed[]).find((one) => one.name === name)?.positionId ?? `no ${name}`;
};
const register = async (familyName: string): Promise<string> =>
  (await must(staff.agent, '/identities', newIdentity(familyName))).userId;
const request = async (who: string, userId: string, positionId: string) =>
  ask(who, `/identities/${userId}/assignments`, { body: { positionId, ...because } });
const decide = (who: string, verb: string, of: { userId: string; roleProfileId: string }) =>
  ask(who, `/identities/${of.userId}/assignments/${of.roleProfileId}/${verb}`, { body: because });
const give = async (userId: string, positionId: string): Promise<{ userId: string; roleProfileId: string }> => {
  const { body } = await request(staff.agent, userId, positionId);
  const granted = await decide(staff.otherAgent, 'grant', body);
  if (granted.status !== 200) throw new Error(JSON.stringify(granted.body));
  return { userId, roleProfileId: body.roleProfileId };
};

const receptionist = await positionIn('A99000', 'Receptionist');
const gp = await positionIn('A99000', 'General Practitioner');
const officer = await positionIn('A99000', 'Privacy Officer');
const agentPosition = await positionIn('R9A', 'Registration Authority Agent');

test('a sponsor asks, an agent grants, and the person has the role with its ids', async () => {
  const userId = await register('Sponsored');
  const asked = await request(staff.practiceSponsor, userId, receptionist);
  expect([asked.status, asked.body.state]).toEqual([201, 'requested']);
  expect(asked.body.roleProfileId).toMatch(/^[0-9]{12}$/);
  const waiting = await ask(staff.manager, '/requests?organisation=A99000');
  expect(waiting.body.assignments).toMatchObject([{ userId, requestedBy: staff.practiceSponsor }]);
  const granted = await decide(staff.agent, 'grant', asked.body);
  expect(granted.body).toMatchObject({ state: 'active', personOrgId: expect.stringMatching(/^[0-9]{12}$/) });
  // a second position in the same organisation shares the person's id there
  const second = await request(staff.agent, userId, gp);
  expect((await decide(staff.otherAgent, 'grant', second.body)).body.personOrgId).toBe(granted.body.personOrgId);
});

test('four eyes: neither the requester nor the person grants, and nobody asks for themselves', async () => {
  const userId = await register('Foureyes');
  const asked = await request(staff.agent, userId, receptionist);
  expect((await decide(staff.agent, 'grant', asked.body)).rule).toBe('four-eyes');
  const own = await request(staff.agent, staff.agent, receptionist);
  expect([own.status, own.rule]).toEqual([403, 'own-access']);
  const forAgent = await request(staff.manager, staff.otherAgent, receptionist);
  expect((await decide(staff.otherAgent, 'grant', forAgent.body)).rule).toBe('own-access');
  expect((await decide(staff.otherAgent, 'refuse', forAgent.body)).rule).toBe('own-access');
  expect((await decide(staff.agent, 'refuse', forAgent.body)).body.state).toBe('refused');
  const late = await decide(staff.otherManager, 'grant', forAgent.body);
  expect([late.status, late.rule]).toEqual([409, 'state']);
});

test('a sponsor asks only for positions marked assignable, and only in the own organisation', async () => {
  const userId = await register('Narrow');
  expect((await request(staff.practiceSponsor, userId, officer)).rule).toBe('assignable');
  const elsewhere = await positionIn('A99001', 'Receptionist');
  expect((await request(staff.practiceSponsor, userId, elsewhere)).rule).toBe('organisation');
  const asked = await request(staff.practiceSponsor, userId, receptionist);
  expect((await decide(staff.practiceSponsor, 'grant', asked.body)).rule).toBe('task');
  // who asked may take it back
  expect((await decide(staff.practiceSponsor, 'refuse', asked.body)).body.state).toBe('refused');
});

test('a position with restricted activities is granted and ended by a manager only', async () => {
  const userId = await register('Restricted');
  for (const positionId of [officer, agentPosition]) {
    const asked = await request(staff.agent, userId, positionId);
    expect((await decide(staff.otherAgent, 'grant', asked.body)).rule).toBe('manager-only');
    expect((await decide(staff.manager, 'grant', asked.body)).status).toBe(200);
    expect((await decide(staff.agent, 'end', asked.body)).rule).toBe('manager-only');
  }
});

test('the same position is not asked for twice, nor by a caller without the right', async () => {
  const userId = await register('Twice');
  await request(staff.agent, userId, receptionist);
  const again = await request(staff.otherAgent, userId, receptionist);
  expect([again.status, again.rule]).toEqual([409, 'state']);
  expect((await request(staff.gp, userId, gp)).rule).toBe('task');
  expect((await request(staff.idChecker, userId, gp)).rule).toBe('task');
  const unknown = await request(staff.agent, userId, '123456789012');
  expect([unknown.status, unknown.field]).toEqual([404, 'positionId']);
});

test('a granted role is in a live token at once, and gone from it at its end', async () => {
  const userId = await register('Liveliest');
  const token = await tokenOf(userId);
  // anybody sees their own identity, once they have a role
  const status = async () => (await ask(userId, `/identities/${userId}`, { token })).status;
  expect(await status()).toBe(401);
  const of = await give(userId, receptionist);
  await expect.poll(status, soon).toBe(200);
  await must(staff.practiceSponsor, `/identities/${userId}/assignments/${of.roleProfileId}/end`, because);
  await expect.poll(status, soon).toBe(401);
  const again = await decide(staff.agent, 'end', of);
  expect([again.status, again.rule]).toEqual([409, 'state']);
});

test('a role selected at log-on is refused once it was withdrawn', async () => {
  const userId = await register('Selected');
  const of = await give(userId, receptionist);
  const token = await tokenOf(userId, {
    grant: 'token_exchange',
    idTokenClaims: { selected_roleid: of.roleProfileId },
  });
  const look = () => ask(userId, `/identities/${userId}`, { token });
  expect((await look()).status).toBe(200);
  await decide(staff.agent, 'end', of);
  await expect
    .poll(async () => (await look()).body.issue?.[0].diagnostics, soon)
    .toBe('selected_roleid is misconfigured/invalid');
});

test('an agent whose own position ended does nothing more', async () => {
  const userId = await register('Formerly');
  const asked = await request(staff.agent, userId, agentPosition);
  await decide(staff.manager, 'grant', asked.body);
  expect((await ask(userId, '/identities', { body: newIdentity('Byformer') })).status).toBe(201);
  await decide(staff.manager, 'end', asked.body);
  await expect
    .poll(async () => (await ask(userId, '/identities', { body: newIdentity('Bynone') })).status, soon)
    .toBe(401);
});

test('a move ends what was there and asks for what shall be, both or neither', async () => {
  const userId = await register('Mover');
  const { roleProfileId } = await give(userId, receptionist);
  const there = await positionIn('A99001', 'Receptionist');
  const refused = await ask(staff.practiceSponsor, `/identities/${userId}/move`, {
    body: { from: 'A99000', positionId: there, ...because },
  });
  expect(refused.rule).toBe('organisation');
  const held = await ask(staff.manager, `/identities/${userId}`);
  expect(held.body.assignments).toMatchObject([{ roleProfileId, state: 'active' }]);
  const moved = await must(staff.agent, `/identities/${userId}/move`, {
    from: 'A99000',
    positionId: there,
    ...because,
  });
  expect(moved).toMatchObject({ ended: [roleProfileId], requested: { odsCode: 'A99001', state: 'requested' } });
  expect((await decide(staff.otherAgent, 'grant', moved.requested)).status).toBe(200);
  const none = await ask(staff.agent, `/identities/${userId}/move`, {
    body: { from: 'A99000', positionId: there, ...because },
  });
  expect([none.status, none.field]).toEqual([409, 'from']);
});

test('nobody comes within reach of an identity by asking for a position for it, or by giving one', async () => {
  const stranger = (roleCode: string, userId: string) =>
    spine.token({
      mode: 'healthcare-worker',
      userId,
      scopes: registrationScopes,
      roles: [{ roleProfileId: `${userId.slice(0, 11)}9`, odsCode: 'R8Z', roleCode }],
    });
  const [one, two] = [
    await stranger('S0080:G0450:R5080', '555000000881'),
    await stranger('S0080:G0450:R5080', '555000000892'),
  ];
  const proposed = await ask('', '/positions', {
    body: { odsCode: 'R8Z', name: 'Bait', roleCode: 'R8009', ...because },
    token: one,
  });
  const { proposalId, positionId } = proposed.body;
  expect((await ask('', `/proposals/${proposalId}/approve`, { body: because, token: two })).status).toBe(200);
  const asked = await ask('', `/identities/${staff.gp}/assignments`, { body: { positionId, ...because }, token: one });
  const code = () => ask('', `/identities/${staff.gp}/enrolment-codes`, { body: because, token: one });
  expect((await ask('', `/identities/${staff.gp}/suspend`, { body: because, token: one })).rule).toBe('organisation');
  expect((await code()).rule).toBe('organisation');
  const { roleProfileId } = asked.body;
  const path = `/identities/${staff.gp}/assignments/${roleProfileId}`;
  expect((await ask('', `${path}/grant`, { body: because, token: two })).status).toBe(200);
  // even as one of two employers: means of log-on are given out by the first
  expect((await code()).rule).toBe('organisation');
  expect((await ask('', `/identities/${staff.gp}/close`, { body: because, token: one })).rule).toBe('organisation');
  expect((await ask('', `${path}/end`, { body: because, token: one })).status).toBe(200);
});

test('a request or grant that has come to its last day is refused', async () => {
  const userId = await register('Outdated');
  const past = await ask(staff.agent, `/identities/${userId}/assignments`, {
    body: { positionId: receptionist, validTo: '2020-01-01', ...because },
  });
  expect([past.status, past.field]).toEqual([400, 'validTo']);
  const future = await ask(staff.agent, `/identities/${userId}/assignments`, {
    body: { positionId: receptionist, validFrom: '2199-01-01', ...because },
  });
  expect((await decide(staff.otherAgent, 'grant', future.body)).status).toBe(200);
  // granted, but not yet a role
  expect((await ask(userId, `/identities/${userId}`, { token: await tokenOf(userId) })).status).toBe(401);
});

test('the report says who has what, now and on a day past', async () => {
  const report = await ask(staff.manager, '/assignments?organisation=FZ100');
  expect(report.body.assignments).toMatchObject([
    { userId: staff.pharmacist, jobRole: 'S8000:G8000:R8003', status: 'active' },
    { position: 'Dispensing Assistant' },
    { userId: staff.idChecker, position: 'ID Checker' },
  ]);
  expect(report.body.assignments[0].activities).toEqual(expect.arrayContaining(['B0570', 'B0820']));
  const before = await ask(staff.manager, '/assignments?organisation=FZ100&on=2020-01-01');
  expect(before.body.assignments).toEqual([]);
  expect((await ask(staff.manager, '/assignments?organisation=FZ100&on=2199-01-01')).field).toBe('on');
  expect((await ask(staff.agent, '/assignments?organisation=FZ100')).rule).toBe('task');
  expect((await ask(staff.manager, '/assignments?organisation=R8Z')).rule).toBe('organisation');
  expect((await ask(staff.manager, '/assignments')).field).toBe('organisation');
});

test('a day past is reported as it was: who had what, and what the position then contained', async () => {
  const week = 7 * 86_400;
  const [one, two] = [await tokenOf(staff.manager, {}, week), await tokenOf(staff.otherManager, {}, week)];
  const on = async (token: string, path: string, body?: object) =>
    (await ask('', path, body === undefined ? { token } : { token, body: { ...body, ...because } })).body;
  const content = { name: 'Care navigator', roleCode: 'R8008', activities: ['B0401'] };
  const proposed = await on(one, '/positions', { odsCode: 'A99001', ...content });
  await on(two, `/proposals/${proposed.proposalId}/approve`, {});
  const userId = await register('Bygone');
  const { roleProfileId } = await give(userId, proposed.positionId);
  const { now: granted } = (await spine.control('clock', { advance: 'PT0S' })) as { now: string };

  await spine.control('clock', { advance: 'P2D' });
  const change = await on(one, `/positions/${proposed.positionId}/changes`, { ...content, activities: ['B0370'] });
  await on(two, `/proposals/${change.proposalId}/approve`, {});
  await on(two, `/identities/${userId}/assignments/${roleProfileId}/end`, {});
  const report = async (day?: string) => {
    const path = `/assignments?organisation=A99001${day === undefined ? '' : `&on=${day}`}`;
    const { assignments } = await on(one, path);
    return assignments.find((row: { userId: string }) => row.userId === userId);
  };
  const then = await report(granted.slice(0, 10));
  expect(then).toMatchObject({ roleProfileId, position: 'Care navigator' });
  expect(then.activities).toContain('B0401');
  expect(then.activities).not.toContain('B0370');
  expect(await report()).toBeUndefined();
  await spine.control('clock');
});

test('who comes by an identity provider of others acts for no Registration Authority, whatever roles it says they have', async () => {
  const roles = [{ roleProfileId: '1', odsCode: 'RR8', roleCode: 'S0080:G0450:R5080', activities: [] }];
  const token = await tokenOf(staff.manager, { hasLiveRoles: false, roles });
  const refused = await ask(staff.manager, `/identities/${staff.gp}`, { token });
  expect([refused.status, refused.rule]).toEqual([403, 'directory']);
});
