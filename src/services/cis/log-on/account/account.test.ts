import { generate } from 'otplib';
import { beforeEach, expect, test } from 'vitest';
import { cisParts, serveAttempts, staffOf } from '../../../../../test/support/log-on-attempts.ts';
import { SoftwarePasskey } from '../../../../../test/support/software-passkey.ts';
import { sql } from '../../../../platform/db/sql.ts';
import { openAuthenticators } from '../open-authenticators.ts';
import { passwordOf } from '../queries-authenticators.ts';
import type { BrowserSession } from '../way.ts';

const [kapoor, okafor] = ['656005750104', '656005750105'] as const;
const parts = await cisParts();
const directory = staffOf([kapoor, okafor]);
/** Sessions of the provider by the value of the cookie `session`. */
const sessions = new Map<string, BrowserSession>();
const ended: string[] = [];
const authenticators = openAuthenticators(parts, {
  directory,
  sessionOf: async (call) => sessions.get(/session=([^;]+)/.exec(String(call.headers.cookie))?.[1] ?? ''),
  endSession: async (_call, session) => {
    ended.push(session.sid);
    sessions.delete(session.sid);
  },
  endSessionsIn: async (_tx, userId, except) => {
    const gone = [...sessions.values()].filter((one) => one.userId === userId && one.sid !== except);
    for (const { sid } of gone) sessions.delete(sid);
    return gone.length;
  },
});
const operations = authenticators.services.flatMap((service) => service.operations);
const { base } = await serveAttempts(parts, authenticators.ways, operations);
const by = () => ({ actor: '100000000001', now: parts.clock.now() });
const listOf = (userId: string) => authenticators.desk.list(parts.db, userId);

beforeEach(async () => {
  parts.clock.moveTo(0);
  for (const userId of [kapoor, okafor])
    await parts.db.transaction((tx) => authenticators.desk.removeAllOf(tx, userId, by()));
});

/** A browser in which somebody is logged on. */
function loggedOn(userId: string, level: 1 | 2 | 3 = 3) {
  const sid = crypto.randomUUID();
  sessions.set(sid, { userId, level, amr: ['FIDO2'], loggedOnAt: parts.clock.now(), sid });
  const cookie = `session=${sid}`;
  const get = async (path: string) => {
    const page = await fetch(`${base}${path}`, { headers: { cookie }, redirect: 'manual' });
    return { status: page.status, location: page.headers.get('location') ?? '', html: await page.text() };
  };
  const token = async () => /name="token" value="([^"]+)"/.exec((await get('/cis2/account')).html)?.[1] ?? '';
  const submit = async (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) => {
    const body = new URLSearchParams(fields);
    const answer = await fetch(`${base}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, ...headers },
      body,
    });
    return { status: answer.status, location: answer.headers.get('location') ?? '', html: await answer.text() };
  };
  const post = async (path: string, body: object, headers: Record<string, string>) => {
    const json = { 'content-type': 'application/json', accept: 'application/json' };
    const init = { method: 'POST', headers: { ...json, cookie, ...headers }, body: JSON.stringify(body) };
    const answer = await fetch(`${base}${path}`, init);
    return { status: answer.status, body: (await answer.json()) as { challenge: string; user: { id: string } } };
  };
  const addPasskey = async (passkey: SoftwarePasskey) => {
    const own = { 'x-openspine-token': await token() };
    const { status, body } = await post('/cis2/account/passkey/options', {}, own);
    return status === 200 ? post('/cis2/account/passkey', passkey.create(body), own) : { status, body };
  };
  return { sid, get, token, submit, post, addPasskey };
}
const deviceKey = () => new SoftwarePasskey(parts.address.base);
const copiedKey = () => new SoftwarePasskey(parts.address.base, { isBackupEligible: true, isBackedUp: true });

test('who is not logged on, or no longer active, is sent to log on', async () => {
  for (const answer of [await fetch(`${base}/cis2/account`, { redirect: 'manual' })]) expect(answer.status).toBe(303);
  const browser = loggedOn(okafor);
  directory.status.set(okafor, 'suspended');
  expect((await browser.get('/cis2/account')).location).toContain('/cis2/authorize?client_id=openspine-account');
  directory.status.set(okafor, 'active');
});

test('the log-on for the account page asks with PKCE, and comes back to the account whatever code it brings', async () => {
  const { location } = await fetch(`${base}/cis2/account`, { redirect: 'manual' }).then((answer) => ({
    location: new URL(answer.headers.get('location') ?? ''),
  }));
  expect(location.searchParams.get('code_challenge_method')).toBe('S256');
  const back = await fetch(`${base}/cis2/account/return?code=x&state=y`, { redirect: 'manual' });
  expect([back.status, back.headers.get('location')]).toEqual([303, '/cis2/account']);
});

test('a passkey is added by a log-on of its level or above, not by one below', async () => {
  expect((await loggedOn(kapoor, 3).addPasskey(deviceKey())).status).toBe(200);
  expect((await loggedOn(kapoor, 2).addPasskey(copiedKey())).status).toBe(200);
  expect(await loggedOn(kapoor, 2).addPasskey(deviceKey())).toMatchObject({
    status: 403,
    body: { error: 'ENROL_LEVEL' },
  });
  expect((await listOf(kapoor)).map((one) => one.level)).toEqual([3, 2]);
});

test('a log-on of one factor changes nothing', async () => {
  const browser = loggedOn(kapoor, 1);
  expect(await browser.addPasskey(copiedKey())).toMatchObject({ status: 403, body: { error: 'LEVEL' } });
  expect((await browser.get('/cis2/account')).html).not.toContain('Add a passkey');
});

test('after five minutes one logs on again before anything is changed', async () => {
  const browser = loggedOn(kapoor);
  const token = await browser.token();
  parts.clock.moveTo(301_000);
  expect(await browser.addPasskey(copiedKey())).toMatchObject({ status: 403, body: { error: 'REAUTHENTICATE' } });
  expect((await browser.submit('/cis2/account/remove', { token, authenticator: 'x' })).status).toBe(403);
  expect((await browser.get('/cis2/account')).html).not.toContain('Add a passkey');
  expect((await browser.get('/cis2/account/app')).location).toContain('prompt=login');
});

test('a form of another site, of another session, or without its token changes nothing', async () => {
  const browser = loggedOn(kapoor);
  await browser.addPasskey(deviceKey());
  const [one] = await listOf(kapoor);
  const remove = { authenticator: one?.authenticatorId ?? '', confirmed: 'yes' };
  const own = await browser.token();
  const others = await loggedOn(okafor).token();
  const answers = [
    await browser.submit('/cis2/account/remove', remove),
    await browser.submit('/cis2/account/remove', { ...remove, token: others }),
    await browser.submit('/cis2/account/remove', { ...remove, token: own }, { origin: 'https://evil.example' }),
    await browser.submit('/cis2/account/remove', { ...remove, token: own }, { 'sec-fetch-site': 'same-site' }),
    await browser.submit('/cis2/account/switch', {}),
  ];
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
  expect(await listOf(kapoor)).toHaveLength(1);
});

test('nobody removes the passkey of another', async () => {
  await loggedOn(okafor).addPasskey(deviceKey());
  const [one] = await listOf(okafor);
  const browser = loggedOn(kapoor);
  const fields = { token: await browser.token(), authenticator: one?.authenticatorId ?? '', confirmed: 'yes' };
  expect((await browser.submit('/cis2/account/remove', fields)).status).toBe(404);
  expect(await listOf(okafor)).toHaveLength(1);
});

test('the last one goes after a warning only, and its going is told and recorded', async () => {
  const browser = loggedOn(kapoor);
  await browser.addPasskey(deviceKey());
  await browser.addPasskey(copiedKey());
  const [first, last] = (await listOf(kapoor)).map((one) => one.authenticatorId);
  const token = await browser.token();
  const remove = (fields: object) => browser.submit('/cis2/account/remove', { token, ...fields });
  expect((await remove({ authenticator: first })).status).toBe(303);
  const warned = await remove({ authenticator: last });
  expect([warned.status, warned.html.includes('is the last passkey or app you have')]).toEqual([200, true]);
  expect(await listOf(kapoor)).toHaveLength(1);
  expect((await remove({ authenticator: last, confirmed: 'yes' })).status).toBe(303);
  expect(await listOf(kapoor)).toEqual([]);
  const entries = await parts.db.query(sql`
    select outcome, status from audit.entry where operation = 'cis.remove-own-authenticator' and user_id = ${kapoor} and status = 303`);
  expect(entries).toHaveLength(2);
});

const goodPassword = 'kettle moss violin quay';
async function addApp(browser: ReturnType<typeof loggedOn>, password: Record<string, string>) {
  const page = await browser.get('/cis2/account/app');
  const seed = (/<code>([^<]+)<\/code>/.exec(page.html)?.[1] ?? '').replaceAll(' ', '');
  const pending = /name="pending" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
  const code = await generate({ secret: seed, epoch: Math.floor(parts.clock.now() / 1000) });
  return browser.submit('/cis2/account/app', { token: await browser.token(), pending, code, ...password });
}

test('a first app comes with a password, a second one does not change it', async () => {
  const browser = loggedOn(kapoor, 2);
  expect((await addApp(browser, {})).status).toBe(400);
  expect((await addApp(browser, { password: goodPassword })).status).toBe(303);
  const hash = await passwordOf(parts.db, kapoor);
  expect((await addApp(browser, { password: 'another one entirely, though' })).status).toBe(303);
  expect(await passwordOf(parts.db, kapoor)).toBe(hash);
  expect((await listOf(kapoor)).map((one) => one.kind)).toEqual(['app', 'app']);
});

test('the password is changed, and goes with the last app', async () => {
  const browser = loggedOn(kapoor);
  await addApp(browser, { password: goodPassword });
  const hash = await passwordOf(parts.db, kapoor);
  const token = await browser.token();
  expect((await browser.submit('/cis2/account/password', { token, password: 'short' })).status).toBe(400);
  expect(await passwordOf(parts.db, kapoor)).toBe(hash);
  expect(
    (await browser.submit('/cis2/account/password', { token, password: 'damp teapots argue loudly' })).status,
  ).toBe(303);
  expect(await passwordOf(parts.db, kapoor)).not.toBe(hash);
  const [app] = await listOf(kapoor);
  await browser.submit('/cis2/account/remove', { token, authenticator: app?.authenticatorId ?? '', confirmed: 'yes' });
  expect(await passwordOf(parts.db, kapoor)).toBeUndefined();
});

test('who removes what she lost, or changes her password, ends her other sessions and keeps this one', async () => {
  const [browser, elsewhere, others] = [loggedOn(kapoor), loggedOn(kapoor), loggedOn(okafor)];
  await browser.addPasskey(deviceKey());
  const [one] = await listOf(kapoor);
  const fields = { token: await browser.token(), authenticator: one?.authenticatorId ?? '', confirmed: 'yes' };
  await browser.submit('/cis2/account/remove', fields);
  expect([browser, elsewhere, others].map(({ sid }) => sessions.has(sid))).toEqual([true, false, true]);
});

test('switching the user ends the session, and the next person logs on anew', async () => {
  const browser = loggedOn(kapoor);
  const answer = await browser.submit('/cis2/account/switch', { token: await browser.token() });
  expect(ended).toContain(browser.sid);
  expect(answer.location).toContain('prompt=login');
  expect((await browser.get('/cis2/account')).status).toBe(303);
});
