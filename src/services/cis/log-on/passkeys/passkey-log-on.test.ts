import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { cisParts, serveAttempts, staffOf } from '../../../../../test/support/log-on-attempts.ts';
import { SoftwarePasskey, type Twist } from '../../../../../test/support/software-passkey.ts';
import { sql } from '../../../../platform/db/sql.ts';
import { openAuthenticators } from '../open-authenticators.ts';
import type { LogOnAttempt } from '../way.ts';

const [kapoor, okafor] = ['656005750104', '656005750105'] as const;
const parts = await cisParts();
const directory = staffOf([kapoor, okafor]);
const authenticators = openAuthenticators(parts, {
  directory,
  sessionOf: async () => undefined,
  endSession: async () => undefined,
  endSessionsIn: async () => 0,
});
const asked: { levels: LogOnAttempt['levels']; only?: readonly string[]; userId?: string } = { levels: [2, 3] };
const operations = authenticators.services.flatMap((service) => service.operations);
const pages = await serveAttempts(parts, authenticators.ways, operations, asked);
const by = (now = parts.clock.now()) => ({ actor: '100000000001', now });
let origin = '';
beforeAll(() => {
  origin = parts.address.base;
});

beforeEach(async () => {
  for (const userId of [kapoor, okafor])
    await parts.db.transaction((tx) => authenticators.desk.removeAllOf(tx, userId, by()));
});

type Answered = { status: number; body: { error?: string; message?: string; next?: string; level?: number } };
const json = { 'content-type': 'application/json', accept: 'application/json' };

/** Enrols a new passkey for a user, with a code of the Registration Authority. */
async function enrolled(userId: string, says: ConstructorParameters<typeof SoftwarePasskey>[1] = {}) {
  const passkey = new SoftwarePasskey(origin, says);
  const { code } = await parts.db.transaction((tx) => authenticators.desk.issueEnrolmentCode(tx, userId, by()));
  const page = await fetch(`${pages.base}/cis2/enrol/${code}`);
  const cookie = page.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const post = async (path: string, body: object) => {
    const init = { method: 'POST', headers: { ...json, cookie }, body: JSON.stringify(body) };
    return (await fetch(`${pages.base}/cis2/enrol/${code}${path}`, init)).json();
  };
  const options = (await post('/passkey/options', {})) as { challenge: string; user: { id: string } };
  const answer = (await post('/passkey', passkey.create(options))) as { level: number };
  return { passkey, level: answer.level };
}

type Begun = ReturnType<typeof pages.begin>;
async function challengeOf(attempt: Begun) {
  const answer = await attempt.ask(`${attempt.path}/passkey/options`, { method: 'POST', headers: json, body: '{}' });
  return (await answer.json()) as { challenge: string; allowCredentials?: { id: string }[] };
}
async function send(attempt: Begun, body: object): Promise<Answered> {
  const init = { method: 'POST', headers: json, body: JSON.stringify(body) };
  const answer = await attempt.ask(`${attempt.path}/passkey/log-on`, init);
  return { status: answer.status, body: (await answer.json()) as Answered['body'] };
}
async function logOn(passkey: SoftwarePasskey, twist: Twist = {}): Promise<Answered> {
  const attempt = pages.begin();
  return send(attempt, passkey.get(await challengeOf(attempt), twist));
}
const lastProof = () => pages.finished.at(-1)?.proof;
const audited = () =>
  parts.db.query<{ operation: string; outcome: string; user_id: string }>(
    sql`select operation, outcome, user_id from audit.entry order by at, seq`,
  );

test('a passkey that cannot leave its device reaches level 3, and its user need not be named', async () => {
  const { passkey, level } = await enrolled(kapoor);
  expect(level).toBe(3);
  expect(await logOn(passkey)).toMatchObject({ status: 200, body: { next: '/finished' } });
  expect(lastProof()).toMatchObject({ userId: kapoor, level: 3, amr: ['FIDO2'] });
});

test('a passkey that is or may be copied reaches level 2', async () => {
  for (const isBackedUp of [true, false]) {
    const { passkey, level } = await enrolled(kapoor, { isBackupEligible: true, isBackedUp });
    expect(level).toBe(2);
    await logOn(passkey);
    expect(lastProof()).toMatchObject({ level: 2 });
  }
});

test('a passkey that is copied some day stays at level 2 from then on', async () => {
  const { passkey } = await enrolled(kapoor, { isBackupEligible: true });
  await logOn(passkey, { isBackedUp: true });
  expect(lastProof()).toMatchObject({ level: 2 });
  await logOn(passkey, { isBackedUp: false });
  expect(lastProof()).toMatchObject({ level: 2 });
});

test('a user has several passkeys, and each logs on', async () => {
  const [first, second] = [
    await enrolled(okafor),
    await enrolled(okafor, { isBackupEligible: true, isBackedUp: true }),
  ];
  for (const { passkey, level } of [first, second]) {
    await logOn(passkey);
    expect(lastProof()).toMatchObject({ userId: okafor, level });
  }
  const list = await authenticators.desk.list(parts.db, okafor);
  expect(list.map((one) => [one.kind, one.level])).toEqual([
    ['passkey', 3],
    ['passkey', 2],
  ]);
  expect(list.every((one) => one.lastUsedAt !== undefined)).toBe(true);
});

test('an authenticator that keeps no counter logs on again and again', async () => {
  const { passkey } = await enrolled(kapoor, { keepsCount: false });
  for (let i = 0; i < 3; i++) expect((await logOn(passkey)).status).toBe(200);
});

test('an answer is good once', async () => {
  const { passkey } = await enrolled(kapoor);
  const attempt = pages.begin();
  const answer = passkey.get(await challengeOf(attempt));
  expect((await send(attempt, answer)).status).toBe(200);
  expect(await send(attempt, answer)).toMatchObject({ status: 401, body: { error: 'PASSKEY_CHALLENGE' } });
});

test('of many who send one answer at the same moment one is let in', async () => {
  const { passkey } = await enrolled(kapoor);
  const attempt = pages.begin();
  const answer = passkey.get(await challengeOf(attempt));
  const all = await Promise.all(Array.from({ length: 8 }, () => send(attempt, answer)));
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('a challenge is spent by a wrong answer too', async () => {
  const { passkey } = await enrolled(kapoor);
  const attempt = pages.begin();
  const options = await challengeOf(attempt);
  expect((await send(attempt, passkey.get(options, { isUserVerified: false }))).status).toBe(401);
  expect(await send(attempt, passkey.get(options))).toMatchObject({ body: { error: 'PASSKEY_CHALLENGE' } });
});

test('the challenge of another attempt, in another browser, is none', async () => {
  const { passkey } = await enrolled(kapoor);
  const [victim, attacker] = [pages.begin(), pages.begin()];
  const answer = passkey.get(await challengeOf(victim));
  expect(await send(attacker, answer)).toMatchObject({ status: 401, body: { error: 'PASSKEY_CHALLENGE' } });
  // and nobody else's attempt is disturbed by it
  expect((await send(victim, answer)).status).toBe(200);
});

test('a challenge lasts two minutes', async () => {
  const { passkey } = await enrolled(kapoor);
  const attempt = pages.begin();
  const answer = passkey.get(await challengeOf(attempt));
  parts.clock.moveTo(121_000);
  try {
    expect(await send(attempt, answer)).toMatchObject({ status: 401, body: { error: 'PASSKEY_CHALLENGE' } });
  } finally {
    parts.clock.moveTo(0);
  }
});

const foreignKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
test.each<[string, Twist]>([
  ['of another origin', { origin: 'https://openspine.example.evil' }],
  ['of another port of the same host', { origin: 'http://localhost:1' }],
  ['of another relying party', { rpId: 'evil.example' }],
  ['made in a frame of another site', { crossOrigin: true }],
  ['to a making of a passkey', { type: 'webauthn.create' }],
  ['without fingerprint or PIN', { isUserVerified: false }],
  ['without anybody there', { isUserPresent: false, isUserVerified: false }],
  ['signed with another key', { key: foreignKey }],
  ['with the handle of another user', { userHandle: Buffer.alloc(32).toString('base64url') }],
  ['without a handle, where no user was named', { userHandle: null }],
  ['that is copied but may not be', { isBackedUp: true, isBackupEligible: false }],
])('an answer %s is refused', async (_what, twist) => {
  const { passkey } = await enrolled(kapoor);
  const before = pages.finished.length;
  expect(await logOn(passkey, twist)).toMatchObject({ status: 401, body: { error: 'PASSKEY_INVALID' } });
  expect(pages.finished).toHaveLength(before);
  // what cannot be proved to come from the passkey does it no harm
  expect((await logOn(passkey)).status).toBe(200);
});

test('a counter that goes back ends the use of the passkey, with an event and an audit entry that names the user', async () => {
  const { passkey } = await enrolled(okafor);
  for (let i = 0; i < 3; i++) await logOn(passkey);
  expect(await logOn(passkey, { signCount: 2 })).toMatchObject({ status: 403, body: { error: 'PASSKEY_SUSPECTED' } });
  expect(await logOn(passkey)).toMatchObject({ status: 403, body: { error: 'PASSKEY_SUSPECTED' } });
  expect((await authenticators.desk.list(parts.db, okafor)).at(-1)).toMatchObject({ isSuspected: true });
  const events = await parts.db.query(
    sql`select body::jsonb ->> 'why' as why from events.event where kind = 'cis.passkey-suspected' and subject = ${okafor}`,
  );
  expect(events).toEqual([{ why: 'counter' }]);
  expect(await audited()).toContainEqual({
    operation: 'cis.log-on-with-passkey',
    outcome: 'PASSKEY_SUSPECTED',
    user_id: okafor,
  });
});

test('a passkey that becomes one that may be copied ends its use too', async () => {
  const { passkey } = await enrolled(okafor);
  const answer = await logOn(passkey, { isBackupEligible: true, isBackedUp: true });
  expect(answer).toMatchObject({ status: 403, body: { error: 'PASSKEY_SUSPECTED' } });
});

test('an unknown passkey is refused', async () => {
  expect(await logOn(new SoftwarePasskey(origin))).toMatchObject({ status: 401, body: { error: 'PASSKEY_UNKNOWN' } });
});

test('who is suspended or closed does not log on', async () => {
  const { passkey } = await enrolled(okafor);
  for (const status of ['suspended', 'closed'] as const) {
    directory.status.set(okafor, status);
    expect(await logOn(passkey)).toMatchObject({ status: 403, body: { error: 'USER_INACTIVE' } });
  }
  directory.status.set(okafor, 'active');
  expect((await logOn(passkey)).status).toBe(200);
});

test('a removed passkey logs nobody on, and the tokens of its user end', async () => {
  const { passkey } = await enrolled(okafor);
  const token = await parts.tokens.issue(
    { mode: 'healthcare-worker', appId: 'app', scopes: [], attributes: {}, userId: okafor },
    600,
  );
  const { authenticatorId } = (await authenticators.desk.list(parts.db, okafor)).at(-1) ?? { authenticatorId: '' };
  const of = { userId: okafor, authenticatorId };
  expect(await parts.db.transaction((tx) => authenticators.desk.remove(tx, of, by()))).toBe(true);
  expect(await parts.db.transaction((tx) => authenticators.desk.remove(tx, of, by()))).toBe(false);
  expect(await logOn(passkey)).toMatchObject({ status: 401, body: { error: 'PASSKEY_UNKNOWN' } });
  expect(await parts.tokens.resolve(token)).not.toMatchObject({ is: 'valid' });
});

test('an application that asks for level 3 does not get a copied passkey, and one that names others none', async () => {
  const { passkey } = await enrolled(kapoor, { isBackupEligible: true, isBackedUp: true });
  asked.levels = [3];
  expect(await logOn(passkey)).toMatchObject({ status: 403, body: { error: 'PASSKEY_LEVEL' } });
  Object.assign(asked, { levels: [2, 3], only: ['N3_SMARTCARD'] });
  expect(await logOn(passkey)).toMatchObject({ status: 403, body: { error: 'PASSKEY_NOT_ACCEPTED' } });
  delete asked.only;
});

test('where a known user must log on again, only that user’s passkeys are asked for and taken', async () => {
  const [own, other] = [await enrolled(kapoor), await enrolled(okafor)];
  asked.userId = kapoor;
  try {
    const attempt = pages.begin();
    const options = await challengeOf(attempt);
    expect(options.allowCredentials?.map((one) => one.id)).toContain(own.passkey.id);
    expect(options.allowCredentials?.map((one) => one.id)).not.toContain(other.passkey.id);
    expect(await send(attempt, other.passkey.get(options))).toMatchObject({ body: { error: 'PASSKEY_OF_ANOTHER' } });
    expect((await logOn(own.passkey, { userHandle: null })).status).toBe(200);
  } finally {
    delete asked.userId;
  }
});

test.each([
  ['nothing', ''],
  ['no JSON', '{'],
  ['a list', '[]'],
  [
    'client data that is no JSON',
    JSON.stringify({
      id: 'AA',
      rawId: 'AA',
      type: 'public-key',
      response: { clientDataJSON: 'AA', authenticatorData: 'AA', signature: 'AA' },
    }),
  ],
  [
    'an id that is not the raw id',
    JSON.stringify({ ...new SoftwarePasskey('http://localhost').get({ challenge: 'AA' }), id: 'AA' }),
  ],
])('%s in place of an answer is refused in words', async (_what, body) => {
  const attempt = pages.begin();
  const answer = await attempt.ask(`${attempt.path}/passkey/log-on`, { method: 'POST', headers: json, body });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: 'MALFORMED', message: expect.any(String) });
});

test('log-ons and refusals are in the audit', async () => {
  const entries = (await audited()).filter(({ operation }) => operation === 'cis.log-on-with-passkey');
  expect(entries).toContainEqual(expect.objectContaining({ outcome: 'allowed', user_id: kapoor }));
  // what is not proved names nobody
  expect(entries.filter(({ outcome }) => outcome === 'PASSKEY_INVALID').every(({ user_id }) => user_id === '')).toBe(
    true,
  );
});
