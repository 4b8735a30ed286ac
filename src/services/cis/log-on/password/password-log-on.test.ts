import { generate } from 'otplib';
import { beforeAll, expect, test } from 'vitest';
import { authenticatorsOf, cisParts, serveAttempts } from '../../../../../test/support/log-on-attempts.ts';
import { sql } from '../../../../platform/db/sql.ts';
import { insertApp, setPassword } from '../queries-authenticators.ts';
import { allowances } from '../throttle/throttle-rules.ts';
import { newSeed } from './authenticator-app.ts';
import { seedContext } from './log-on-with-password.ts';
import { hashPassword } from './password-hash.ts';

const [kapoor, okafor] = ['656005750104', '656005750105'] as const;
const parts = await cisParts();
const { directory, authenticators, passwords } = authenticatorsOf(parts, [kapoor, okafor]);
const pages = await serveAttempts(parts, authenticators.ways, [], { levels: [2, 3] });
const password = 'kettle moss violin quay';
const seeds = new Map([
  [kapoor, newSeed()],
  [okafor, newSeed()],
] as [string, string][]);

beforeAll(async () => {
  const hash = await hashPassword(password);
  for (const [userId, seed] of seeds) {
    const authenticatorId = crypto.randomUUID();
    const sealedSeed = parts.vault.seal(seed, seedContext(userId));
    const app = { userId, authenticatorId, name: 'Phone', sealedSeed, lastStep: 0 };
    await insertApp(parts.db, app, parts.clock.now());
    await setPassword(parts.db, userId, hash, parts.clock.now());
  }
});

let minutes = 0;
/** Codes are good once: each log-on of a test is a minute after the one before. */
async function freshCode(userId: string) {
  parts.clock.moveTo(++minutes * 60_000);
  return generate({ secret: seeds.get(userId) as string, epoch: Math.floor(parts.clock.now() / 1000) });
}

type Sent = { username?: string; password?: string; code?: string; cookie?: string };
async function send({ cookie, ...fields }: Sent) {
  const attempt = pages.begin(cookie);
  const body = new URLSearchParams(fields);
  const answer = await attempt.ask(`${attempt.path}/password`, { method: 'POST', body });
  const kept = answer.headers.getSetCookie().find((line) => line.startsWith('openspine-browser='));
  return { status: answer.status, html: await answer.text(), headers: answer.headers, kept: kept?.split(';')[0] };
}
const right = async (userId: string, more: Sent = {}) =>
  send({ username: userId, password, code: await freshCode(userId), ...more });
const wrong = (more: Sent = {}) => send({ username: kapoor, password: 'not the password', code: '000000', ...more });

test('password and code together reach level 2', async () => {
  const answer = await right(kapoor);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/finished']);
  expect(pages.finished.at(-1)?.proof).toMatchObject({ userId: kapoor, level: 2, amr: ['TOTP'] });
  expect(answer.headers.getSetCookie().join()).toMatch(/openspine-browser=.*HttpOnly; SameSite=Lax/);
});

test('a wrong user, a wrong password, a wrong code and an account that is suspended get one and the same answer', async () => {
  directory.status.set(okafor, 'suspended');
  const code = await freshCode(kapoor);
  const answers = [
    await send({ username: 'nobody', password, code }),
    await send({ username: kapoor, password: 'not the password', code }),
    await send({ username: kapoor, password, code: '000000' }),
    await right(okafor),
    await send({}),
    await send({ username: '\u0000', password: '\ud800', code: '\u0000' }),
  ];
  directory.status.set(okafor, 'active');
  for (const answer of answers) {
    expect(answer.status).toBe(401);
    expect(answer.html).toContain('The user name, the password or the code is wrong');
  }
  const bodies = answers.map(({ html }) => html.replaceAll(/attempt\/[0-9a-f-]+/g, ''));
  expect(new Set(bodies).size).toBe(1);
});

test('a code is good once, also for many at the same moment', async () => {
  const code = await freshCode(okafor);
  const sent = { username: okafor, password, code };
  const all = await Promise.all([send(sent), send(sent), send(sent)]);
  expect(all.filter(({ status }) => status === 303)).toHaveLength(1);
  expect((await send(sent)).status).toBe(401);
});

test('refusals are in the audit with the user they were about', async () => {
  const rows = await parts.db.query(
    sql`select distinct user_id from audit.entry where operation = 'cis.log-on-with-password' and outcome = 'LOG_ON_WRONG' order by 1`,
  );
  expect(rows).toEqual([{ user_id: '' }, { user_id: kapoor }, { user_id: okafor }]);
});

test('who tries too often is told to wait, and the user still logs on where she did before', async () => {
  const { kept } = await right(kapoor);
  let answer = await wrong();
  for (let i = 0; i < allowances.otherBrowsers.most && answer.status === 401; i++) answer = await wrong();
  expect(answer.status).toBe(429);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  // the right password does not help elsewhere
  expect((await right(kapoor)).status).toBe(429);
  expect((await right(kapoor, { cookie: kept as string })).status).toBe(303);
  // and nobody else is touched
  expect((await right(okafor)).status).toBe(303);
});

test('a cookie that is made up, or of a browser in which another user logged on, opens no allowance', async () => {
  const { kept } = await right(okafor);
  const forged = `openspine-browser=${Buffer.alloc(18).toString('base64url')}.${'A'.repeat(43)}`;
  for (const cookie of [forged, kept as string]) expect((await right(kapoor, { cookie })).status).toBe(429);
});

test('failed tries are forgotten with time', async () => {
  minutes += 24 * 60;
  expect((await right(kapoor)).status).toBe(303);
});

test('where policy allows no password, a right one is wrong', async () => {
  passwords.areAllowed = false;
  expect((await right(kapoor)).status).toBe(401);
  passwords.areAllowed = true;
});

test('neither names nor addresses are kept by the throttle', async () => {
  const rows = await parts.db.query(sql`select encode(throttle_key, 'escape') as key from cis.failed_tries`);
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toMatch(/65600575|127\.0\.0\.1/);
});

test('what has had its time is forgotten', async () => {
  await authenticators.chore(parts.clock.now() + 400 * 86_400_000);
  const rows = await parts.db.query(sql`
    select 'tries' as what from cis.failed_tries union all select 'browser' from cis.known_browser
    union all select 'challenge' from cis.passkey_challenge union all select 'code' from cis.enrolment_code`);
  expect(rows).toEqual([]);
});
