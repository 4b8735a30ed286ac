import { expect, test } from 'vitest';
import { cisParts, serveAttempts, staffOf } from '../../../../../test/support/log-on-attempts.ts';
import { sql } from '../../../../platform/db/sql.ts';
import { header } from '../../../../platform/http/operation.ts';
import { openPhone } from '../open-phone.ts';
import type { BrowserSession, SessionOf } from '../way.ts';

const parts = await cisParts();
const userId = '555000000301';
const colleague = '555000000302';
const staff = staffOf([userId, colleague]);
/** Sessions of phones, as the identity provider has them, by the value of their cookie. */
const sessions = new Map<string, BrowserSession>();
const sessionOf: SessionOf = async (call) => sessions.get(/phone=(\w+)/.exec(header(call, 'cookie') ?? '')?.[1] ?? '');
const phone = openPhone(parts, { directory: staff, sessionOf });
const operations = phone.services.flatMap((service) => service.operations);
const provider = await serveAttempts(parts, [phone.way], operations, { levels: [2, 3] });
let phones = 0;

/** A phone on which somebody has just logged on with a passkey. */
function loggedOn(given: Partial<BrowserSession> = {}) {
  const cookie = `p${++phones}`;
  const session = { userId, level: 3 as const, amr: ['FIDO2'], loggedOnAt: parts.clock.now(), sid: cookie, ...given };
  sessions.set(cookie, session);
  const ask = (path: string, form?: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${provider.base}${path}`, {
      redirect: 'manual',
      headers: { cookie: `phone=${cookie}`, ...headers },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
  return { ask, cookie };
}

/** A desktop that shows a number and a code. */
async function desktop() {
  const browser = provider.begin();
  const shown = await browser.ask(`${browser.path}/phone`, {
    method: 'POST',
    headers: { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/127.0' },
  });
  const text = await shown.text();
  const number = />(\d\d)<\/p>/.exec(text)?.[1] as string;
  const id = /name="request" value="([\w-]+)"/.exec(text)?.[1] as string;
  const done = (request = id) =>
    browser.ask(`${browser.path}/phone/done`, { method: 'POST', body: new URLSearchParams({ request }) });
  const status = async () =>
    ((await (await fetch(`${provider.base}/cis2/phone/${id}/status`)).json()) as { is: string }).is;
  return { browser, text, number, id, path: `/cis2/phone/${id}`, done, status, answer: shown };
}

/** Ends what other tests left open, and puts the computers of those open now on another network than the phones. */
const forgetOpen = () => parts.db.query(sql`update cis.phone_request set expires_at = ${new Date(0)}`);
const moveDesktop = () =>
  parts.db.query(
    sql`update cis.phone_request set origin_address = '192.0.2.1' where expires_at > ${new Date(parts.clock.now())}`,
  );

const tokenIn = (text: string): string => /name="token" value="([\w-]+)"/.exec(text)?.[1] ?? '';
async function seen(one: ReturnType<typeof loggedOn>, path: string) {
  const answer = await one.ask(path);
  const text = await answer.text();
  return { status: answer.status, text, token: tokenIn(text) };
}
const approve = async (one: ReturnType<typeof loggedOn>, path: string, number: string) => {
  const { token } = await seen(one, path);
  return one.ask(path, { token, decision: 'approve', number });
};
const kinds = async (kind: string) =>
  parts.db.query<{ body: string }>(sql`select body from events.event where kind = ${kind} order by id`);

test('who confirms the number on the phone is logged on on the desktop, at the level of the passkey', async () => {
  const pc = await desktop();
  expect(pc.text).toContain('data:image/svg+xml;base64,');
  expect(await pc.status()).toBe('open');
  const mine = loggedOn({ level: 2 });
  const page = await seen(mine, pc.path);
  expect(page.text).toContain('Ward &lt;b&gt;rounds&lt;/b&gt;');
  expect(page.text).toContain(`Dr ${userId}`);
  expect(page.text).toContain('Firefox on Windows, network address 127.0.0.1');
  expect(page.text.match(/type="radio"/g)?.length).toBe(3);
  expect(await pc.status()).toBe('seen');
  expect((await pc.done()).status).toBe(403);

  expect((await approve(mine, pc.path, pc.number)).status).toBe(200);
  expect(await pc.status()).toBe('approved');
  const done = await pc.done();
  expect([done.status, done.headers.get('location')]).toEqual([303, '/finished']);
  expect(provider.finished.at(-1)).toEqual({
    attemptId: pc.browser.id,
    proof: { userId, level: 2, amr: ['FIDO2'] },
  });
  expect(await pc.status()).toBe('ended');
  const audited = await parts.db.query(
    sql`select operation, outcome, user_id from audit.entry where operation = 'cis.decide-phone-log-on'`,
  );
  expect(audited).toEqual([{ operation: 'cis.decide-phone-log-on', outcome: 'allowed', user_id: userId }]);
  expect((await kinds('cis.phone-log-on-approved')).length).toBe(1);
});

test('what was approved is good once, and for the desktop and attempt that asked only', async () => {
  const pc = await desktop();
  const thief = await desktop();
  expect((await approve(loggedOn(), pc.path, pc.number)).status).toBe(200);
  expect((await thief.done(pc.id)).status).toBe(403);
  // the thief's browser at the address of the attempt of the other
  const swapped = await thief.browser.ask(`${pc.browser.path}/phone/done`, {
    method: 'POST',
    body: new URLSearchParams({ request: pc.id }),
  });
  expect(swapped.status).toBe(403);
  expect((await pc.done()).status).toBe(303);
  expect((await pc.done()).status).toBe(403);
});

test('a wrong number ends it, is audited and raises an event', async () => {
  const pc = await desktop();
  const mine = loggedOn();
  const wrong = pc.number === '99' ? '98' : '99';
  expect((await approve(mine, pc.path, wrong)).status).toBe(403);
  expect(await pc.status()).toBe('refused');
  expect((await approve(mine, pc.path, pc.number)).status).toBe(403);
  expect((await pc.done()).status).toBe(403);
  expect(JSON.parse((await kinds('cis.phone-log-on-refused')).at(-1)?.body as string)).toMatchObject({
    userId,
    why: 'wrong-number',
    from: '127.0.0.1',
  });
  const [entry] = await parts.db.query(
    sql`select outcome, user_id from audit.entry where operation = 'cis.decide-phone-log-on' and status = 403 order by at limit 1`,
  );
  expect(entry).toEqual({ outcome: 'PHONE_NUMBER', user_id: userId });
});

test('a refusal ends it', async () => {
  const pc = await desktop();
  const mine = loggedOn({ userId: colleague });
  const { token } = await seen(mine, pc.path);
  const refused = await mine.ask(pc.path, { token, decision: 'refuse' });
  expect(await refused.text()).toContain('Nobody was logged on');
  expect(await pc.status()).toBe('refused');
  expect((await mine.ask(pc.path, { token, decision: 'approve', number: pc.number })).status).toBe(403);
  expect((await pc.done()).status).toBe(403);
});

test('a request lives a minute', async () => {
  const pc = await desktop();
  const mine = loggedOn();
  const { token } = await seen(mine, pc.path);
  parts.clock.moveTo(60_000);
  expect((await mine.ask(pc.path, { token, decision: 'approve', number: pc.number })).status).toBe(403);
  expect(await pc.status()).toBe('ended');
  parts.clock.moveTo(0);
});

test('what was approved at the last moment can be collected for a quarter of a minute, and no longer', async () => {
  const [pc, late] = [await desktop(), await desktop()];
  const mine = loggedOn();
  for (const one of [pc, late]) await seen(mine, one.path);
  parts.clock.moveTo(55_000);
  for (const one of [pc, late]) expect((await approve(mine, one.path, one.number)).status).toBe(200);
  parts.clock.moveTo(65_000);
  expect((await pc.done()).status).toBe(303);
  parts.clock.moveTo(75_000);
  expect((await late.done()).status).toBe(403);
  parts.clock.moveTo(0);
});

test('the phone must log on with a passkey, for this request', async () => {
  const pc = await desktop();
  const nobody = await fetch(`${provider.base}${pc.path}`, { redirect: 'manual' });
  expect(nobody.status).toBe(303);
  const to = new URL(nobody.headers.get('location') as string);
  expect(to.pathname).toBe('/cis2/authorize');
  expect(Object.fromEntries(to.searchParams)).toMatchObject({
    client_id: 'openspine-phone',
    prompt: 'login',
    state: pc.id,
  });
  const back = await fetch(`${provider.base}/cis2/phone/return?state=${pc.id}&code=x`, { redirect: 'manual' });
  expect(back.headers.get('location')).toBe(pc.path);
  expect((await fetch(`${provider.base}/cis2/phone/return?state=//evil.example`)).status).toBe(403);

  const before = loggedOn({ loggedOnAt: parts.clock.now() - 5000 });
  expect((await before.ask(pc.path)).status).toBe(303);
  const byPassword = loggedOn({ amr: ['TOTP'], level: 2 });
  expect((await byPassword.ask(pc.path)).status).toBe(403);
  staff.status.set(colleague, 'suspended');
  expect((await loggedOn({ userId: colleague }).ask(pc.path)).status).toBe(403);
  staff.status.set(colleague, 'active');
  expect(await pc.status()).toBe('open');
});

test('the first phone that sees it has it: another one, or another log-on, neither sees nor decides it', async () => {
  const pc = await desktop();
  const mine = loggedOn({ userId: colleague });
  const { token } = await seen(mine, pc.path);
  const other = loggedOn();
  expect((await seen(other, pc.path)).status).toBe(403);
  expect((await other.ask(pc.path, { token, decision: 'approve', number: pc.number })).status).toBe(403);
  expect((await loggedOn({ userId: colleague }).ask(pc.path)).status).toBe(403);
  expect((await mine.ask(pc.path, { token, decision: 'approve', number: pc.number })).status).toBe(200);
});

test('a decision comes from our own page: no token, another form’s token, or another site is refused', async () => {
  const [pc, other] = [await desktop(), await desktop()];
  const mine = loggedOn({ userId: colleague });
  const { token } = await seen(mine, pc.path);
  const form = { decision: 'approve', number: pc.number };
  expect((await mine.ask(pc.path, form)).status).toBe(403);
  const { token: otherToken } = await seen(mine, other.path);
  expect((await mine.ask(pc.path, { ...form, token: otherToken })).status).toBe(403);
  expect((await mine.ask(pc.path, { ...form, token }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect((await mine.ask(pc.path, { ...form, token }, { origin: 'https://evil.example' })).status).toBe(403);
  expect(await pc.status()).toBe('seen');
  expect((await mine.ask(pc.path, { ...form, token })).status).toBe(200);
});

test('who refused five times is shown no more for ten minutes, and that locks nobody out of other ways', async () => {
  const tired = '555000000303';
  staff.status.set(tired, 'active');
  for (let n = 0; n < 5; n++) {
    const pc = await desktop();
    const mine = loggedOn({ userId: tired });
    const { token } = await seen(mine, pc.path);
    await mine.ask(pc.path, { token, decision: 'refuse' });
  }
  const pc = await desktop();
  expect((await loggedOn({ userId: tired }).ask(pc.path)).status).toBe(429);
  expect((await loggedOn().ask(pc.path)).status).toBe(200);
});

test('a hundred requests from one address may be open, and no more', async () => {
  await forgetOpen();
  const answers = await Promise.all(Array.from({ length: 100 }, () => desktop()));
  expect(answers.map(({ answer }) => answer.status)).toEqual(Array(100).fill(200));
  expect((await desktop()).answer.status).toBe(429);
});

test('policy can ask for the same network, and then a phone elsewhere neither sees nor approves', async () => {
  await forgetOpen();
  const config = { ...parts.config, phoneLogOn: 'same-network' as const };
  const strict = openPhone({ ...parts, config }, { directory: staff, sessionOf });
  const served = await serveAttempts(
    parts,
    [strict.way],
    strict.services.flatMap((service) => service.operations),
  );
  const pc = await desktop();
  const mine = loggedOn();
  const ask = (form?: Record<string, string>) =>
    fetch(`${served.base}${pc.path}`, {
      headers: { cookie: `phone=${mine.cookie}` },
      ...(form ? { method: 'POST', body: new URLSearchParams(form) } : {}),
    });
  const near = await ask();
  expect(near.status).toBe(200);
  const token = tokenIn(await near.text());
  await moveDesktop();
  const far = await ask();
  expect([far.status, await far.text()]).toEqual([403, expect.stringContaining('on another network')]);
  expect((await ask({ token, decision: 'approve', number: pc.number })).status).toBe(403);
  expect(await pc.status()).toBe('seen');
});

test('from another network the number is typed, under a warning', async () => {
  await forgetOpen();
  const pc = await desktop();
  await moveDesktop();
  const mine = loggedOn();
  const { text } = await seen(mine, pc.path);
  expect(text).toContain('The computer is on another network than this phone');
  expect(text).not.toContain('type="radio"');
  expect(text).toContain('inputmode="numeric"');
  expect((await approve(mine, pc.path, pc.number)).status).toBe(200);
});

test('a passkey of level 2 does not do for an application that asks for level 3, and the person is told', async () => {
  await forgetOpen();
  const strict = (await serveAttempts(parts, [phone.way], operations, { levels: [3] })).begin();
  const shown = await (await strict.ask(`${strict.path}/phone`, { method: 'POST' })).text();
  const path = (/data-status="([^"]+)\/status"/.exec(shown)?.[1] ?? '') as string;
  const refused = await approve(loggedOn({ level: 2 }), path, />(\d\d)<\/p>/.exec(shown)?.[1] as string);
  expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('This passkey is not enough')]);
});

test('of many who collect one approval at once, one gets it; of two decisions, the first counts', async () => {
  const pc = await desktop();
  const mine = loggedOn();
  const { token } = await seen(mine, pc.path);
  const decisions = await Promise.all(
    ['approve', 'approve', 'approve'].map((decision) => mine.ask(pc.path, { token, decision, number: pc.number })),
  );
  expect(decisions.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
  const collected = await Promise.all(Array.from({ length: 4 }, () => pc.done()));
  expect(collected.map(({ status }) => status).sort()).toEqual([303, 403, 403, 403]);
});

test('of one network a hundred wait at most', async () => {
  await forgetOpen();
  const [from, to] = [new Date(parts.clock.now()), new Date(parts.clock.now() + 60_000)];
  await parts.db.query(sql`
    insert into cis.phone_request (request_hash, attempt_id, browser, client_name, number, choices, origin_address,
                                   origin_agent, levels, state, opened_at, expires_at)
    select sha256(n::text::bytea), '', '', '', '', '', '127.0.0.1', '', '3', 'open', ${from}::timestamptz, ${to}::timestamptz
      from generate_series(1, 100) n`);
  expect((await desktop()).answer.status).toBe(429);
  await forgetOpen();
  expect((await desktop()).answer.status).toBe(200);
});

test('switched off, it is neither offered nor done', async () => {
  const config = { ...parts.config, phoneLogOn: 'off' as const };
  const off = openPhone({ ...parts, config }, { directory: staff, sessionOf });
  const browser = (await serveAttempts(parts, [off.way])).begin();
  expect((await browser.ask(`${browser.path}/phone`, { method: 'POST' })).status).toBe(403);
  const attempt = { clientName: 'x', levels: [3], only: undefined };
  expect(off.way.isOffered(attempt as never)).toBe(false);
  expect(phone.way.isOffered(attempt as never)).toBe(true);
});

test('what is no request is told nothing', async () => {
  for (const id of ['x', '..%2f..', 'a'.repeat(32), '%00'.repeat(10)]) {
    expect((await loggedOn().ask(`/cis2/phone/${id}`)).status).toBe(403);
    expect(await (await fetch(`${provider.base}/cis2/phone/${id}/status`)).json()).toEqual({ is: 'ended' });
  }
});
