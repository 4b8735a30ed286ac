import { generate } from 'otplib';
import { beforeEach, expect, test } from 'vitest';
import { authenticatorsOf, cisParts, serveAttempts } from '../../../../../test/support/log-on-attempts.ts';
import { SoftwarePasskey } from '../../../../../test/support/software-passkey.ts';
import { sql } from '../../../../platform/db/sql.ts';
import { mostAuthenticators } from '../authenticator.ts';

const [kapoor, okafor] = ['656005750104', '656005750105'] as const;
const parts = await cisParts();
const { directory, authenticators, passwords } = authenticatorsOf(parts, [kapoor, okafor]);
const operations = authenticators.services.flatMap((service) => service.operations);
const { base } = await serveAttempts(parts, authenticators.ways, operations);
const by = () => ({ actor: '100000000001', now: parts.clock.now() });
const codeFor = async (userId: string) =>
  (await parts.db.transaction((tx) => authenticators.desk.issueEnrolmentCode(tx, userId, by()))).code;
const listOf = (userId: string) => authenticators.desk.list(parts.db, userId);

beforeEach(async () => {
  parts.clock.moveTo(0);
  for (const userId of [kapoor, okafor])
    await parts.db.transaction((tx) => authenticators.desk.removeAllOf(tx, userId, by()));
});

const json = { 'content-type': 'application/json', accept: 'application/json' };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

/** A browser on the page of a code: what it posts carries the page's cookie. */
async function pageOf(code: string, path = '') {
  const page = await fetch(`${base}/cis2/enrol/${code}${path}`);
  const cookie = page.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return {
    status: page.status,
    headers: page.headers,
    html: await page.text(),
    async post(to: string, body: object, headers: Record<string, string> = {}) {
      const init = { method: 'POST', headers: { ...json, cookie, ...headers }, body: JSON.stringify(body) };
      const answer = await fetch(`${base}/cis2/enrol/${code}${to}`, init);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & Options };
    },
    async submit(to: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
      const answer = await fetch(`${base}/cis2/enrol/${code}${to}`, {
        method: 'POST',
        redirect: 'manual',
        headers: { ...form, cookie, ...headers },
        body: new URLSearchParams(fields),
      });
      return { status: answer.status, location: answer.headers.get('location'), html: await answer.text() };
    },
  };
}
type Options = { challenge: string; user: { id: string; name: string } };
const passkey = () => new SoftwarePasskey(parts.address.base);
const pendingIn = (html: string) => /name="pending" value="([^"]+)"/.exec(html)?.[1] ?? '';
const seedIn = (html: string) => (/<code>([^<]+)<\/code>/.exec(html)?.[1] ?? '').replaceAll(' ', '');
const now = (seed: string) => generate({ secret: seed, epoch: Math.floor(parts.clock.now() / 1000) });
const goodPassword = 'kettle moss violin quay';

test('with a code a first passkey is enrolled, whose maker names no user outside', async () => {
  const page = await pageOf(await codeFor(kapoor));
  expect(page.status).toBe(200);
  expect(page.html).toContain(kapoor);
  const { body: options } = await page.post('/passkey/options', {});
  expect(options).toMatchObject({
    rp: { id: 'localhost' },
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  expect(Buffer.from(options.user.id, 'base64url').toString()).not.toContain(kapoor);
  const answer = await page.post('/passkey', { ...passkey().create(options), name: ' Blue\u0000 key ' });
  expect(answer).toMatchObject({ status: 200, body: { next: '/cis2/enrol/done', level: 3 } });
  expect(await listOf(kapoor)).toMatchObject([{ kind: 'passkey', name: 'Blue key', level: 3, lastUsedAt: undefined }]);
});

test('an enrolment is told as an event and in the audit, by the user’s id', async () => {
  const page = await pageOf(await codeFor(okafor));
  await page.post('/passkey', passkey().create((await page.post('/passkey/options', {})).body));
  const events = await parts.db.query(
    sql`select body::jsonb ->> 'kind' as kind from events.event where kind = 'cis.authenticator-added' and subject = ${okafor}`,
  );
  expect(events).toEqual([{ kind: 'passkey' }]);
  const entries = await parts.db.query(
    sql`select outcome from audit.entry where operation = 'cis.enrol-passkey' and user_id = ${okafor}`,
  );
  expect(entries).toEqual([{ outcome: 'allowed' }]);
});

test('a code is good once', async () => {
  const code = await codeFor(kapoor);
  const page = await pageOf(code);
  await page.post('/passkey', passkey().create((await page.post('/passkey/options', {})).body));
  expect((await pageOf(code)).status).toBe(403);
  expect((await page.post('/passkey/options', {})).body).toMatchObject({ error: 'ENROLMENT_CODE' });
});

test('of two who use one code at the same moment one enrols', async () => {
  const page = await pageOf(await codeFor(kapoor));
  const made = await Promise.all(
    [1, 2, 3, 4].map(async () => passkey().create((await page.post('/passkey/options', {})).body)),
  );
  const answers = await Promise.all(made.map((one) => page.post('/passkey', one)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await listOf(kapoor)).toHaveLength(1);
});

test('a new code ends the one before', async () => {
  const first = await codeFor(kapoor);
  const second = await codeFor(kapoor);
  expect((await pageOf(first)).status).toBe(403);
  expect((await pageOf(second)).status).toBe(200);
});

test('a code lasts a day', async () => {
  const code = await codeFor(kapoor);
  parts.clock.moveTo(86_390_000);
  expect((await pageOf(code)).status).toBe(200);
  parts.clock.moveTo(86_400_001);
  expect((await pageOf(code)).status).toBe(403);
});

test('a code may be typed in small letters and without hyphens', async () => {
  const code = await codeFor(kapoor);
  expect((await pageOf(code.toLowerCase().replaceAll('-', ''))).status).toBe(200);
  const typed = await fetch(`${base}/cis2/enrol?code=${code.toLowerCase()}`, { redirect: 'manual' });
  expect([typed.status, typed.headers.get('location')]).toEqual([303, `/cis2/enrol/${code.toLowerCase()}`]);
});

test('only a hash of the code is kept', async () => {
  const code = await codeFor(kapoor);
  const rows = await parts.db.query(
    sql`select encode(code_hash, 'escape') || issued_by as kept from cis.enrolment_code`,
  );
  expect(JSON.stringify(rows)).not.toContain(code.replaceAll('-', ''));
});

test('who guesses at codes is stopped, and can go on later', async () => {
  const guess = () => fetch(`${base}/cis2/enrol/${'A'.repeat(24)}`);
  let status = 0;
  for (let i = 0; i < 25 && status !== 429; i++) status = (await guess()).status;
  expect(status).toBe(429);
  // a good code is not kept out by the guesses of others
  expect((await pageOf(await codeFor(kapoor))).status).toBe(200);
  parts.clock.moveTo(3_600_000);
  expect((await guess()).status).toBe(403);
});

test('the code of somebody suspended is not good', async () => {
  const code = await codeFor(okafor);
  directory.status.set(okafor, 'suspended');
  expect((await pageOf(code)).status).toBe(403);
  directory.status.set(okafor, 'active');
});

test('one passkey belongs to one user', async () => {
  const key = passkey();
  const first = await pageOf(await codeFor(kapoor));
  await first.post('/passkey', key.create((await first.post('/passkey/options', {})).body));
  const second = await pageOf(await codeFor(okafor));
  const answer = await second.post('/passkey', key.create((await second.post('/passkey/options', {})).body));
  expect(answer).toMatchObject({ status: 409, body: { error: 'PASSKEY_REGISTERED' } });
  expect(await listOf(okafor)).toEqual([]);
  // nothing was written by halves: the code is still good
  const other = await second.post('/passkey', passkey().create((await second.post('/passkey/options', {})).body));
  expect(other.status).toBe(200);
});

test('nobody has more authenticators than one person needs', async () => {
  for (let i = 0; i <= mostAuthenticators; i++) {
    const page = await pageOf(await codeFor(kapoor));
    const answer = await page.post('/passkey', passkey().create((await page.post('/passkey/options', {})).body));
    expect(answer.status).toBe(i < mostAuthenticators ? 200 : 409);
  }
});

test('what another site posts is refused', async () => {
  const page = await pageOf(await codeFor(kapoor));
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
  ] as Record<string, string>[]) {
    const answer = await page.post('/passkey/options', {}, headers);
    expect(answer).toMatchObject({ status: 403, body: { error: 'ORIGIN' } });
  }
});

test('a challenge is of use only in the browser in which the page was opened', async () => {
  const code = await codeFor(kapoor);
  const [one, other] = [await pageOf(code), await pageOf(code)];
  const { body: options } = await one.post('/passkey/options', {});
  expect(await other.post('/passkey', passkey().create(options))).toMatchObject({
    body: { error: 'PASSKEY_CHALLENGE' },
  });
});

test('the page is in no frame, kept by nobody, and tells no other site its address', async () => {
  const { headers } = await pageOf(await codeFor(kapoor));
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Strict/);
});

test('with a code a password and an authenticator app are set up', async () => {
  const page = await pageOf(await codeFor(kapoor), '/app');
  const seed = seedIn(page.html);
  const fields = { pending: pendingIn(page.html), password: goodPassword, code: await now(seed), name: 'My phone' };
  expect(await page.submit('/app', fields)).toMatchObject({ status: 303, location: '/cis2/enrol/done' });
  expect(await listOf(kapoor)).toMatchObject([{ kind: 'app', name: 'My phone', level: 2 }]);
  const [kept] = await parts.db.query<{ hash: string; sealed_seed: string }>(
    sql`select hash, sealed_seed from cis.staff_password join cis.authenticator using (user_id) where user_id = ${kapoor}`,
  );
  expect(kept?.hash).toMatch(/^scrypt\$15\$8\$3\$/);
  expect(kept?.sealed_seed).not.toContain(seed);
});

test('a weak password and a wrong code are told, with the same seed once more and nothing written', async () => {
  const page = await pageOf(await codeFor(kapoor), '/app');
  const seed = seedIn(page.html);
  const pending = pendingIn(page.html);
  const weak = await page.submit('/app', { pending, password: 'Password12345', code: await now(seed) });
  expect(weak.status).toBe(400);
  expect(weak.html).toContain('tried first');
  expect(seedIn(weak.html)).toBe(seed);
  const wrong = await page.submit('/app', { pending, password: goodPassword, code: '000000' });
  expect(wrong.html).toContain('not the one your app shows');
  expect(await listOf(kapoor)).toEqual([]);
});

/** Another first letter, whatever it was. */
const altered = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;

test('a form of another enrolment, an altered or an old one is not taken', async () => {
  const other = await pageOf(await codeFor(okafor), '/app');
  const page = await pageOf(await codeFor(kapoor), '/app');
  const fields = async (pending: string, seed: string) => ({ pending, password: goodPassword, code: await now(seed) });
  for (const pending of [pendingIn(other.html), altered(pendingIn(page.html)), ''])
    expect((await page.submit('/app', await fields(pending, seedIn(page.html)))).status).toBe(400);
  parts.clock.moveTo(601_000);
  const old = await page.submit('/app', await fields(pendingIn(page.html), seedIn(page.html)));
  expect(old.html).toContain('took too long');
});

test('where an organisation allows no passwords, there are none', async () => {
  passwords.areAllowed = false;
  const code = await codeFor(kapoor);
  expect((await pageOf(code)).html).not.toContain('authenticator app');
  const page = await pageOf(code, '/app');
  expect(page.status).toBe(403);
  expect((await page.submit('/app', {})).status).toBe(403);
  passwords.areAllowed = true;
});
