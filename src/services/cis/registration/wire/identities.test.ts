import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  newIdentity,
  registrationAuthority,
  registrationScopes,
  soon,
  staff,
} from '../../../../../test/support/registration.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { sql } from '../../../../platform/db/sql.ts';

const spine = await startSpine();
const { ask, must, tokenOf, db } = await registrationAuthority(spine);
const because = { reason: 'asked for in a test' };

const register = async (familyName: string): Promise<string> =>
  (await must(staff.agent, '/identities', newIdentity(familyName))).userId;

test('an identity is created from three documents, at assurance level 3, with a twelve-digit id', async () => {
  const created = await ask(staff.agent, '/identities', { body: newIdentity('Thistlewood') });
  expect([created.status, created.body.idAssuranceLevel]).toEqual([201, 3]);
  expect(created.body.userId).toMatch(/^[0-9]{12}$/);
  const seen = await ask(staff.agent, `/identities/${created.body.userId}`);
  expect(seen.body).toMatchObject({ status: 'active', name: 'Ms Perpetua Thistlewood', assignments: [] });
  // an ID checker of a pharmacy may too, a sponsor may not
  expect((await ask(staff.idChecker, '/identities', { body: newIdentity('Thistledown') })).status).toBe(201);
  const refused = await ask(staff.practiceSponsor, '/identities', { body: newIdentity('Thistleton') });
  expect([refused.status, refused.rule]).toEqual([403, 'task']);
});

test('documents that do not prove an identity are refused, and name the field', async () => {
  const documents = Array(3).fill({ kind: 'photo-identity', name: 'Passport' });
  const evidence = { documents, photo: true, meeting: 'video' };
  const answer = await ask(staff.agent, '/identities', { body: newIdentity('Nobody', { evidence }) });
  expect([answer.status, answer.rule, answer.field]).toEqual([400, 'value', 'evidence.documents']);
});

test('the same name and date of birth is refused with the candidates, unless it is said why it is another', async () => {
  const userId = await register('Ravenscroft');
  const written = newIdentity('RÁVENS-CROFT', { givenName: 'perpetua' });
  const refused = await ask(staff.otherAgent, '/identities', { body: written });
  expect([refused.status, refused.rule]).toEqual([409, 'duplicate']);
  expect(refused.body.candidates).toMatchObject([{ userId, bornOn: '1986-02-11' }]);
  const other = await ask(staff.otherAgent, '/identities', {
    body: { ...written, notADuplicateBecause: 'Twins, both were here' },
  });
  expect(other.status).toBe(201);
});

test('the same national insurance number finds somebody of another name, and is kept sealed', async () => {
  const number = { nationalInsuranceNumber: 'qq 12 34 56 c' };
  const wrong = await ask(staff.agent, '/identities', { body: newIdentity('Lockwood', number) });
  expect([wrong.status, wrong.field]).toEqual([400, 'nationalInsuranceNumber']);
  const right = { nationalInsuranceNumber: 'ab 12 34 56 c' };
  const { userId } = await must(staff.agent, '/identities', newIdentity('Lockwood', right));
  const refused = await ask(staff.agent, '/identities', {
    body: newIdentity('Ashdown', { nationalInsuranceNumber: 'AB123456C' }),
  });
  expect(refused.body.candidates).toMatchObject([{ userId }]);
  const [row] = await db.query<{ whole: string }>(
    sql`select (p.*)::text || coalesce((select string_agg(h.after::text, '') from cis.registration_history h where h.subject_id = p.user_id), '')
          as whole from cis.person p where user_id = ${userId}`,
  );
  expect(row?.whole).not.toContain('AB123456C');
});

test('two who register the same person in the same moment make one identity', async () => {
  const answers = await Promise.all(
    [staff.agent, staff.otherAgent, staff.manager].map((who) =>
      ask(who, '/identities', { body: newIdentity('Simultaneous') }),
    ),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
});

test('details change by name; null takes away; the change is in the history with before and after', async () => {
  const userId = await register('Fernsby');
  await must(staff.manager, `/identities/${userId}/details`, { familyName: 'Fernsby-Oake', email: null, ...because });
  const seen = await ask(staff.manager, `/identities/${userId}`);
  expect(seen.body).toMatchObject({ familyName: 'Fernsby-Oake', email: null, version: 2 });
  const history = await ask(staff.manager, `/identities/${userId}/history`);
  expect(history.body.entries).toMatchObject([
    {
      what: 'identity-details-changed',
      by: { userId: staff.manager, odsCode: 'R9A' },
      before: { family_name: 'Fernsby' },
      after: { family_name: 'Fernsby-Oake', email: null },
      reason: because.reason,
    },
    { what: 'identity-created', before: null },
  ]);
  // found as a duplicate by the new name
  expect((await ask(staff.agent, '/identities', { body: newIdentity('Fernsby-Oake') })).status).toBe(409);
});

test('a suspended person has no live token, and one who is resumed logs on again', async () => {
  const token = await tokenOf(staff.pharmacist);
  const isLive = async () => (await ask(staff.pharmacist, `/identities/${staff.pharmacist}`, { token })).status;
  expect(await isLive()).toBe(200);
  await must(staff.manager, `/identities/${staff.pharmacist}/suspend`, because);
  await expect.poll(isLive, soon).toBe(401);
  expect((await ask(staff.manager, `/identities/${staff.pharmacist}/suspend`, { body: because })).rule).toBe('state');
  await must(staff.manager, `/identities/${staff.pharmacist}/resume`, because);
  const next = await tokenOf(staff.pharmacist);
  expect((await ask(staff.pharmacist, `/identities/${staff.pharmacist}`, { token: next })).status).toBe(200);
});

test('closing an identity ends every assignment; reopening gives none of them back', async () => {
  await must(staff.manager, `/identities/${staff.locum}/close`, because);
  const closed = await ask(staff.manager, `/identities/${staff.locum}`);
  expect(closed.body.status).toBe('closed');
  expect(closed.body.assignments.map((one: { state: string }) => one.state)).toEqual(['ended', 'ended', 'ended']);
  await must(staff.manager, `/identities/${staff.locum}/reopen`, because);
  expect((await ask(staff.manager, `/identities/${staff.locum}`)).body.status).toBe('active');
  const again = await ask(staff.manager, `/identities/${staff.locum}/reopen`, { body: because });
  expect([again.status, again.rule]).toEqual([409, 'state']);
});

test('nobody changes their own access, and who holds restricted activities is dealt with by a manager', async () => {
  for (const verb of ['suspend', 'close', 'details', 'enrolment-codes']) {
    const own = await ask(staff.manager, `/identities/${staff.manager}/${verb}`, { body: because });
    expect([verb, own.status, own.rule]).toEqual([verb, 403, 'own-access']);
    const higher = await ask(staff.agent, `/identities/${staff.manager}/${verb}`, { body: because });
    expect([verb, higher.status, higher.rule]).toEqual([verb, 403, 'manager-only']);
  }
});

test('a Registration Authority that serves none of the organisations of a person does not touch them', async () => {
  const elsewhere = await spine.token({
    mode: 'healthcare-worker',
    userId: '555000000777',
    scopes: registrationScopes,
    roles: [{ roleProfileId: '555000000778', odsCode: 'R8Z', roleCode: 'S0080:G0450:R5080' }],
  });
  for (const verb of ['suspend', 'close', 'details', 'enrolment-codes']) {
    const refused = await ask('', `/identities/${staff.gp}/${verb}`, { body: because, token: elsewhere });
    expect([verb, refused.status, refused.rule]).toEqual([verb, 403, 'organisation']);
  }
  expect((await ask('', `/identities/${staff.gp}`, { token: elsewhere })).rule).toBe('organisation');
});

test('a repeated request id gets the first answer, and is not for anything else', async () => {
  const headers = { 'x-request-id': randomUUID() };
  const body = newIdentity('Repeated');
  const [first, second] = await Promise.all([
    ask(staff.agent, '/identities', { body, headers }),
    ask(staff.agent, '/identities', { body, headers }),
  ]);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body).toEqual(first.body);
  const other = await ask(staff.agent, '/identities', { body: newIdentity('Another'), headers });
  expect([other.status, other.rule, other.field]).toEqual([409, 'request-id', 'X-Request-ID']);
  // of another user it is another request
  const theirs = await ask(staff.otherAgent, '/identities', { body: newIdentity('Unrelated'), headers });
  expect(theirs.status).toBe(201);
  const none = await ask(staff.agent, '/identities', { body, headers: { 'x-request-id': undefined } });
  expect([none.status, none.field]).toEqual([400, 'X-Request-ID']);
});

test('an enrolment code is shown once and kept nowhere', async () => {
  const headers = { 'x-request-id': randomUUID() };
  const issued = await ask(staff.agent, `/identities/${staff.nurse}/enrolment-codes`, { body: because, headers });
  expect([issued.status, typeof issued.body.code]).toEqual([201, 'string']);
  const again = await ask(staff.agent, `/identities/${staff.nurse}/enrolment-codes`, { body: because, headers });
  expect([again.status, again.rule]).toEqual([409, 'request-id']);
  const [row] = await db.query<{ n: number }>(
    sql`select count(*) as n from cis.registration_request where answer::text like ${`%${issued.body.code}%`}`,
  );
  expect(row?.n).toBe(0);
});

test('every change is audited with user, role and organisation, refusals too', async () => {
  await ask(staff.agent, `/identities/${staff.newcomer}/suspend`, { body: because });
  await ask(staff.practiceSponsor, `/identities/${staff.newcomer}/suspend`, { body: because });
  const rows = await db.query(sql`
    select user_id, ods_code, outcome, status, purpose from audit.entry
     where operation = 'registration-authority.suspend-identity' and user_id in (${staff.agent}, ${staff.practiceSponsor}) order by at`);
  const purpose = `identity ${staff.newcomer}`;
  expect(rows).toEqual(
    expect.arrayContaining([
      { user_id: staff.agent, ods_code: 'R9A', outcome: 'allowed', status: 200, purpose },
      { user_id: staff.practiceSponsor, ods_code: 'A99000', outcome: 'RA_TASK', status: 403, purpose },
    ]),
  );
  const events = await db.query<{ kind: string }>(
    sql`select kind from events.event where subject = ${staff.newcomer} order by id`,
  );
  expect(events.map((event) => event.kind)).toEqual(['cis.identity-suspended']);
});

test.each([
  ['not JSON', '{', 'body'],
  ['a list', '[]', 'body'],
  ['no reason', {}, 'reason'],
  ['an unknown field', { reason: 'x', colour: 'red' }, 'colour'],
  ['a control character', { reason: 'a\u0000b' }, 'reason'],
  ['a lone surrogate', { reason: '\ud800' }, 'reason'],
])('a body with %s is 400 and names the field', async (_what, body, field) => {
  const answer = await ask(staff.manager, `/identities/${staff.nurse}/suspend`, { body });
  expect([answer.status, answer.field]).toEqual([400, field]);
});

test.each([
  ["'; drop table cis.person", 404],
  ['%00', 404],
  ['1'.repeat(300), 404],
  ['656005759999', 404],
])('an identity that there is not is 404: %s', async (userId, status) => {
  expect((await ask(staff.manager, `/identities/${userId}`)).status).toBe(status);
  expect((await ask(staff.manager, `/identities/${userId}/suspend`, { body: because })).status).toBe(status);
});

test('callers without a token, in no settled role, or weakly logged on are refused', async () => {
  const bare = await ask('', `/identities/${staff.gp}`, { token: 'nonsense' });
  expect([bare.status, bare.body.resourceType]).toEqual([401, 'OperationOutcome']);
  const noRole = await ask(staff.newcomer, `/identities/${staff.gp}`, { token: await tokenOf(staff.newcomer) });
  expect(noRole.status).toBe(401);
  const officer = await ask(staff.officer, `/identities/${staff.gp}`);
  expect(officer.body.issue[0].diagnostics).toBe('multiple roles found in user info, please check NHSD-Session-URID');
  const weak = await ask('', `/identities/${staff.gp}`, { token: await tokenOf(staff.agent, { level: 'aal2' }) });
  expect([weak.status, weak.rule]).toEqual([403, 'level']);
  const otherApplication = await tokenOf(staff.manager, { scopes: ['urn:nhsd:apim:user-nhs-id:aal3:demographics'] });
  expect((await ask('', `/identities/${staff.gp}`, { token: otherApplication })).rule).toBe('scope');
  const patient = await spine.token({ mode: 'patient', nhsNumber: '9449306621' });
  expect((await ask('', `/identities/${staff.gp}`, { token: patient })).status).toBe(403);
});
