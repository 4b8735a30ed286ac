import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { newIdentity, registrationAuthority, soon, staff } from '../../../../../test/support/registration.ts';
import { startSpine } from '../../../../../test/support/spine.ts';
import { Clock } from '../../../../platform/clock/clock.ts';
import { sql } from '../../../../platform/db/sql.ts';
import { openStaffDirectory } from '../directory/open-staff-directory.ts';
import { issueEnrolmentCode } from '../verbs/authenticators.ts';
import { issueCard } from '../verbs/cards.ts';

const spine = await startSpine();
const { ask, must, tokenOf, db } = await registrationAuthority(spine);
const because = { reason: 'asked for in a test' };
const cards = (userId: string) => `/identities/${userId}/cards`;

test('a card is issued with its keys shown once, locked, unlocked, and cancelled for good', async () => {
  const headers = { 'x-request-id': randomUUID() };
  const issued = await ask(staff.agent, cards(staff.gp), { body: { isLocked: true, ...because }, headers });
  expect([issued.status, issued.body.state]).toEqual([201, 'issued-locked']);
  expect(issued.body.keys).toMatchObject({ passcode: expect.any(String), authentication: expect.any(String) });
  const again = await ask(staff.agent, cards(staff.gp), { body: { isLocked: true, ...because }, headers });
  expect([again.status, again.rule]).toEqual([409, 'request-id']);
  const [kept] = await db.query<{ n: number }>(sql`
    select count(*) as n from cis.registration_history where subject_id = ${staff.gp} and after::text like ${`%${issued.body.keys.passcode}%`}`);
  expect(kept?.n).toBe(0);

  const card = `${cards(staff.gp)}/${issued.body.cardNumber}`;
  // a sponsor of the practice unlocks, somebody of another practice does not
  expect((await ask(staff.gp, `${card}/unlock`, { body: because })).rule).toBe('own-access');
  expect((await ask(staff.localAdministrator, `${card}/unlock`, { body: because })).rule).toBe('organisation');
  expect((await must(staff.practiceSponsor, `${card}/unlock`, because)).state).toBe('active');
  const early = await ask(staff.agent, `${card}/renew`, { body: because });
  expect([early.status, early.rule]).toEqual([409, 'state']);
  const cancel = { revocationReason: 'keyCompromise', ...because };
  expect((await ask(staff.practiceSponsor, `${card}/cancel`, { body: cancel })).rule).toBe('task');
  expect((await must(staff.agent, `${card}/cancel`, cancel)).state).toBe('cancelled');
  for (const verb of ['unlock', 'reset', 'renew'])
    expect((await ask(staff.agent, `${card}/${verb}`, { body: because })).rule).toBe('state');
  expect((await ask(staff.agent, `/identities/${staff.gp}`)).body.cards).toMatchObject([{ state: 'cancelled' }]);
});

test('a new passcode makes new keys, which a sponsor does not get', async () => {
  const issued = await must(staff.agent, cards(staff.nurse), because);
  const card = `${cards(staff.nurse)}/${issued.cardNumber}`;
  expect((await ask(staff.practiceSponsor, `${card}/reset`, { body: because })).rule).toBe('task');
  const reset = await must(staff.agent, `${card}/reset`, because);
  expect(reset.keys.passcode).not.toBe(issued.keys.passcode);
});

test('a card that was mislaid is locked by whoever may unlock it, which logs its holder off, and works again once found', async () => {
  const issued = await must(staff.agent, cards(staff.gp), because);
  const card = `${cards(staff.gp)}/${issued.cardNumber}`;
  const token = await tokenOf(staff.gp);
  expect((await ask(staff.gp, `${card}/lock`, { body: because, token })).rule).toBe('own-access');
  expect((await ask(staff.localAdministrator, `${card}/lock`, { body: because })).rule).toBe('organisation');
  expect((await must(staff.practiceSponsor, `${card}/lock`, because)).state).toBe('locked');
  await expect.poll(async () => (await ask(staff.gp, `/identities/${staff.gp}`, { token })).status, soon).toBe(401);
  expect((await ask(staff.practiceSponsor, `${card}/lock`, { body: because })).rule).toBe('state');
  expect((await must(staff.practiceSponsor, `${card}/unlock`, because)).state).toBe('active');
});

test('a cancelled card logs its holder off', async () => {
  const issued = await must(staff.manager, cards(staff.pharmacist), because);
  const token = await tokenOf(staff.pharmacist);
  const status = async () => (await ask(staff.pharmacist, `/identities/${staff.pharmacist}`, { token })).status;
  expect(await status()).toBe(200);
  await must(staff.manager, `${cards(staff.pharmacist)}/${issued.cardNumber}/cancel`, {
    revocationReason: 'keyCompromise',
    ...because,
  });
  await expect.poll(status, soon).toBe(401);
});

test('cards and authenticators of others, of nobody, and of a suspended person are refused', async () => {
  const issued = await must(staff.agent, cards(staff.receptionist), because);
  const wrong = await ask(staff.agent, `${cards(staff.gp)}/${issued.cardNumber}/unlock`, { body: because });
  expect([wrong.status, wrong.field]).toEqual([404, 'cardNumber']);
  const nonsense = await ask(staff.agent, `${cards(staff.gp)}/nonsense/unlock`, { body: because });
  expect(nonsense.status).toBe(404);
  const none = await ask(staff.agent, `/identities/${staff.gp}/authenticators/nonsense/remove`, { body: because });
  expect([none.status, none.field]).toEqual([404, 'authenticatorId']);
  const { userId } = await must(staff.agent, '/identities', newIdentity('Cardless'));
  await must(staff.agent, `/identities/${userId}/suspend`, because);
  expect((await ask(staff.agent, cards(userId), { body: because })).rule).toBe('state');
  expect((await ask(staff.agent, `/identities/${userId}/enrolment-codes`, { body: because })).rule).toBe('state');
  const reason = await ask(staff.agent, `${cards(staff.receptionist)}/${issued.cardNumber}/cancel`, {
    body: { revocationReason: 'certificateHold', ...because },
  });
  expect([reason.status, reason.field]).toEqual([400, 'revocationReason']);
});

test('an installation without cards or authenticators answers 501', async () => {
  const national = await openStaffDirectory(db, new Clock()).nationalRoles();
  const actor = { userId: staff.agent, roleProfileId: '1', odsCode: 'R9A', standing: new Set(['RAA'] as const) };
  const by = { actor, now: 0 };
  const parts = { national, desk: undefined };
  await expect(issueCard(db, parts, by, staff.gp, false)).rejects.toMatchObject({ status: 501 });
  await expect(issueEnrolmentCode(db, parts, by, staff.gp)).rejects.toMatchObject({ status: 501 });
});

test('a holder renews their own card from 90 days before it ends, and afterwards an agent must', async () => {
  const years = 9 * 365 * 86_400;
  const [holder, agent] = [await tokenOf(staff.otherAgent, {}, years), await tokenOf(staff.manager, {}, years)];
  const issued = await must(staff.manager, cards(staff.otherAgent), because);
  const renew = (token: string, number: string) =>
    ask('', `${cards(staff.otherAgent)}/${number}/renew`, { body: because, token });
  expect((await renew(holder, issued.cardNumber)).rule).toBe('state');
  const days = Math.floor((Date.parse(issued.notAfter) - Date.now()) / 86_400_000) - 60;
  await spine.control('clock', { advance: `P${days}D` });
  const renewed = await renew(holder, issued.cardNumber);
  expect([renewed.status, renewed.body.keys.passcode === issued.keys.passcode]).toEqual([200, false]);
  expect(Date.parse(renewed.body.notAfter)).toBeGreaterThan(Date.parse(issued.notAfter));
  await spine.control('clock', { advance: 'P1200D' });
  expect((await renew(holder, issued.cardNumber)).rule).toBe('own-access');
  expect((await renew(agent, issued.cardNumber)).status).toBe(200);
  await spine.control('clock');
});
