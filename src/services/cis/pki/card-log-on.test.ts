import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { cisParts, serveAttempts, staffOf } from '../../../../test/support/log-on-attempts.ts';
import { raw, sql } from '../../../platform/db/sql.ts';
import { openVault, Vault } from '../../../platform/identity/vault.ts';
import { openAuthority } from './authority.ts';
import { type CardKeys, Cards } from './cards.ts';
import { keyUsageBits, makeCertificate, makeKeys, toBuffer, toPem, usages } from './certificates.ts';
import { openCards } from './open-cards.ts';

const parts = await cisParts();
const userId = '555000000101';
const endedFor: string[] = [];
const staff = staffOf([userId, '555000000102']);
const opened = openCards(parts, { directory: staff, endSessionsIn: async (_tx, ended) => void endedFor.push(ended) });
const provider = await serveAttempts(
  parts,
  [opened.way],
  opened.services.flatMap(({ operations }) => operations),
);
const port = await opened.listenForCards({
  port: 0,
  host: '127.0.0.1',
  onError: (error) => {
    throw error;
  },
});
afterAll(() => port.close());
const { cards } = opened;
const holder = { userId, displayName: 'Dr Aroha Farrier' };
const by = () => ({ actor: 'ra-manager', now: parts.clock.now() });
const year = 365 * 86_400_000;
const directory = mkdtempSync(join(tmpdir(), 'openspine-cards-'));
afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(() => {
  staff.status.set(userId, 'active');
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

type Shown = { pfx?: Buffer; passphrase?: string; cert?: string | Buffer; key?: string | Buffer };

/** Goes to the card port as a browser does, with the card or without; the server is checked against our own root. */
async function show(address: string, shown: Shown = {}): Promise<{ status: number; location: string; body: string }> {
  const ca = await (await fetch(`${provider.base}/cis2/pki/chain.pem`)).text();
  return await new Promise((resolve, reject) => {
    const sent = request(address, { ...shown, ca, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? '', body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

const cardOf = (keys: CardKeys): Shown => ({ pfx: keys.authentication, passphrase: keys.passcode });
const issue = (who = holder) => parts.db.transaction((tx) => cards.issue(tx, who, by()));
const ticketAddress = async (browser: ReturnType<typeof provider.begin>): Promise<string> => {
  const begun = await browser.ask(`${browser.path}/card`, { method: 'POST' });
  expect(begun.status).toBe(303);
  return begun.headers.get('location') as string;
};

/** From the log-on page to the card port and back to what the attempt says. */
async function logOn(shown: Shown) {
  const browser = provider.begin();
  const there = await show(await ticketAddress(browser), shown);
  const asked = await browser.ask(there.location);
  const question = await asked.text();
  const back = asked.status === 200 ? await confirm(browser, there.location) : asked;
  return { browser, there, question, back, text: asked.status === 200 ? await back.text() : question };
}

/** Says yes to the name that the page shows. */
const confirm = (browser: ReturnType<typeof provider.begin>, location: string, path = browser.path) =>
  browser.ask(`${path}/card/done`, {
    method: 'POST',
    body: new URLSearchParams({ proof: new URL(location).searchParams.get('proof') ?? '' }),
  });

test('a card logs its holder on at level 3', async () => {
  const { keys, card } = await issue();
  const { browser, there, question, back } = await logOn(cardOf(keys));
  expect(there.status).toBe(303);
  expect(question).toContain(`Log on as Dr ${userId}`);
  expect([back.status, back.headers.get('location')]).toEqual([303, '/finished']);
  expect(provider.finished.at(-1)).toEqual({
    attemptId: browser.id,
    proof: { userId, level: 3, amr: ['N3_SMARTCARD'], authenticatorId: card.cardNumber },
  });
  const [entry] = await parts.db.query(
    sql`select user_id, outcome from audit.entry where operation = 'cis.show-card' order by at desc limit 1`,
  );
  expect(entry).toEqual({ user_id: userId, outcome: 'allowed' });
});

test('no card, a card that is locked, cancelled or expired, and a holder who is suspended are told apart', async () => {
  const nothing = await logOn({});
  expect([nothing.back.status, nothing.text]).toEqual([403, expect.stringContaining('presented no card')]);

  const { keys, card } = await issue();
  staff.status.set(userId, 'suspended');
  expect((await logOn(cardOf(keys))).text).toContain('suspended or closed');
  staff.status.set(userId, 'active');

  const token = await parts.tokens.issue(
    { mode: 'healthcare-worker', appId: 'a', scopes: [], attributes: {}, userId },
    600,
  );
  await parts.db.transaction((tx) => cards.lock(tx, card.cardNumber, by()));
  expect(await parts.tokens.resolve(token)).toEqual({ is: 'unknown' });
  expect(endedFor).toEqual([userId]);
  expect((await logOn(cardOf(keys))).text).toContain('is locked');
  await parts.db.transaction((tx) => cards.unlock(tx, card.cardNumber, by()));
  expect((await logOn(cardOf(keys))).back.status).toBe(303);

  await parts.db.transaction((tx) => cards.cancel(tx, card.cardNumber, 'keyCompromise', by()));
  const cancelled = await logOn(cardOf(keys));
  expect([cancelled.back.status, cancelled.text]).toEqual([403, expect.stringContaining('has been cancelled')]);
  const refusals = await parts.db.query<{ outcome: string }>(sql`
    select outcome from audit.entry where operation = 'cis.show-card' and outcome <> 'allowed' and user_id = ${userId}`);
  expect(refusals.map(({ outcome }) => outcome).sort()).toEqual([
    'CARD_HOLDER_INACTIVE',
    'CARD_LOCKED',
    'CARD_REVOKED',
  ]);
  const events = await parts.db.query(sql`select kind from events.event where kind = 'cis.card-refused'`);
  expect(events.length).toBe(3);
});

test('the certificate for signing logs nobody on', async () => {
  const { keys } = await issue();
  const { text } = await logOn({ pfx: keys.contentCommitment, passphrase: keys.passcode });
  expect(text).toContain('is for signing');
});

test('a renewed card logs on, and what it carried before does not', async () => {
  const { keys: before, card } = await issue();
  await expect(
    parts.db.transaction((tx) => cards.renew(tx, card.cardNumber, holder.displayName, by())),
  ).rejects.toMatchObject({ rule: 'window' });
  const later = { actor: 'ra-manager', now: parts.clock.now() + 3 * year - 30 * 86_400_000 };
  const { keys } = await parts.db.transaction((tx) => cards.resetPasscode(tx, card.cardNumber, 'Dr F', by()));
  expect((await logOn(cardOf(before))).text).toContain('its certificate replaced');
  expect((await logOn(cardOf(keys))).back.status).toBe(303);
  const renewed = await parts.db.transaction((tx) => cards.renew(tx, card.cardNumber, 'Dr F', later));
  expect(renewed.card.certificates.map((one) => one.revocationReason)).toEqual([
    'superseded',
    'superseded',
    'superseded',
    'superseded',
    undefined,
    undefined,
  ]);
  expect((await logOn(cardOf(renewed.keys))).text).toContain('not valid yet');
});

test('a card past its end is expired, can be renewed after, and a cancelled one cannot', async () => {
  const past = { actor: 'ra-manager', now: parts.clock.now() - 3 * year - 86_400_000 };
  const { keys, card } = await parts.db.transaction((tx) => cards.issue(tx, holder, past));
  expect((await logOn(cardOf(keys))).text).toContain('has expired');
  expect((await cards.find(parts.db, card.cardNumber, by().now))?.standing).toBe('expired');
  const renewed = await parts.db.transaction((tx) => cards.renew(tx, card.cardNumber, 'Dr F', by()));
  expect((await logOn(cardOf(renewed.keys))).back.status).toBe(303);
  await parts.db.transaction((tx) => cards.cancel(tx, card.cardNumber, 'cessationOfOperation', by()));
  for (const again of [
    () => parts.db.transaction((tx) => cards.renew(tx, card.cardNumber, 'Dr F', by())),
    () => parts.db.transaction((tx) => cards.unlock(tx, card.cardNumber, by())),
    () => parts.db.transaction((tx) => cards.resetPasscode(tx, card.cardNumber, 'Dr F', by())),
    () => parts.db.transaction((tx) => cards.issue(tx, holder, by(), { cardNumber: card.cardNumber })),
  ])
    await expect(again()).rejects.toMatchObject({ rule: 'state' });
});

test('a card issued locked logs on only once it was unlocked', async () => {
  const { keys, card } = await parts.db.transaction((tx) => cards.issue(tx, holder, by(), { isLocked: true }));
  expect((await logOn(cardOf(keys))).text).toContain('is locked');
  await parts.db.transaction((tx) => cards.unlock(tx, card.cardNumber, by()));
  expect((await logOn(cardOf(keys))).back.status).toBe(303);
});

test('a certificate of another authority of the same name, and one signed by itself, are foreign', async () => {
  const foreignDb = { query: rowsOnly() };
  const authority = await openAuthority({
    db: foreignDb,
    vault: new Vault(Buffer.alloc(32, 7)),
    clock: parts.clock,
    base: () => 'http://localhost',
  });
  const foreign = new Cards(async () => authority, undefined);
  const made = await parts.db
    .transaction(async (tx) => {
      const { keys } = await foreign.issue(tx, holder, by());
      // the very rows are rolled back: what remains is a file that says it is of ours
      throw Object.assign(new Error('rolled back'), { keys });
    })
    .catch((error: { keys: CardKeys }) => error.keys);
  expect((await logOn(cardOf(made))).text).toContain('not issued by this card authority');

  const keys = await makeKeys('P-256');
  const certificate = await makeCertificate(
    {
      subject: { organisation: 'OpenSpine', commonName: 'Dr Evil', userId },
      publicKey: keys.publicKey,
      notBefore: by().now - 60_000,
      notAfter: by().now + 86_400_000,
      keyUsage: keyUsageBits.digitalSignature,
      extendedUsages: [usages.clientAuth],
    },
    { privateKey: keys.privateKey },
  );
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = toPem(pkcs8, 'PRIVATE KEY');
  const itself = await logOn({ cert: toPem(toBuffer(certificate)), key });
  expect(itself.text).toContain('not issued by this card authority');
});

test.skipIf(!hasOpenssl)(
  'a certificate that only says our authority issued it, signed with an RSA key, is foreign',
  async () => {
    const file = (name: string) => join(directory, `rsa-${name}`);
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
    const common = ['-newkey', 'rsa:2048', '-nodes', '-subj', '/O=OpenSpine/CN=OpenSpine card issuing authority'];
    openssl('req', '-x509', ...common, '-days', '2', '-keyout', file('ca.key'), '-out', file('ca.crt'));
    openssl(
      'req',
      ...common.slice(0, 3),
      '-subj',
      `/O=OpenSpine/CN=Dr Evil/UID=${userId}`,
      '-keyout',
      file('key'),
      '-out',
      file('csr'),
    );
    openssl(
      'x509',
      '-req',
      '-in',
      file('csr'),
      '-CA',
      file('ca.crt'),
      '-CAkey',
      file('ca.key'),
      '-days',
      '2',
      '-out',
      file('crt'),
    );
    const { text } = await logOn({ cert: readFileSync(file('crt')), key: readFileSync(file('key')) });
    expect(text).toContain('not issued by this card authority');
  },
);

test('a ticket is good once, and for a minute', async () => {
  const { keys } = await issue();
  const address = await ticketAddress(provider.begin());
  expect((await show(address, cardOf(keys))).status).toBe(303);
  const again = await show(address, cardOf(keys));
  expect([again.status, again.location]).toEqual([403, '']);
  const late = await ticketAddress(provider.begin());
  await parts.db.query(
    sql`update cis.card_hand_over set expires_at = ${new Date(parts.clock.now())} where spent_at is null`,
  );
  expect((await show(late, cardOf(keys))).status).toBe(403);
  expect((await show(address.replace(/[^/]+$/, '../../etc'), cardOf(keys))).status).toBe(404);
  expect((await show(address.replace(/[^/]+$/, 'a'.repeat(43)), cardOf(keys))).status).toBe(403);
});

test('a victim sent to a ticket of an attacker finishes nothing: the proof is good in the browser that began only', async () => {
  const { keys } = await issue();
  const attacker = provider.begin();
  const victim = provider.begin();
  const there = await show(await ticketAddress(attacker), cardOf(keys));
  const finishedBefore = provider.finished.length;
  expect((await victim.ask(there.location)).status).toBe(403);
  // nor may the victim's own attempt be finished with it, nor the attacker's with one of the victim's
  const proof = new URL(there.location).searchParams.get('proof');
  expect((await victim.ask(`${victim.path}/card/done?proof=${proof}`)).status).toBe(403);
  expect((await confirm(victim, there.location)).status).toBe(403);
  // by that it is used up for the attacker too
  expect((await confirm(attacker, there.location)).status).toBe(403);
  expect(provider.finished.length).toBe(finishedBefore);
});

test('a proof is good once', async () => {
  const { keys } = await issue();
  const { browser, there, back } = await logOn(cardOf(keys));
  expect(back.status).toBe(303);
  expect((await browser.ask(there.location)).status).toBe(403);
  expect((await confirm(browser, there.location)).status).toBe(403);
});

test('of many who bring one ticket or one proof at once, one gets through', async () => {
  const { keys } = await issue();
  const browser = provider.begin();
  const address = await ticketAddress(browser);
  const shown = await Promise.all(Array.from({ length: 4 }, () => show(address, cardOf(keys))));
  const through = shown.filter(({ status }) => status === 303);
  expect(through.length).toBe(1);
  const location = through[0]?.location as string;
  const confirmed = await Promise.all(Array.from({ length: 4 }, () => confirm(browser, location)));
  expect(confirmed.map(({ status }) => status).sort()).toEqual([303, 403, 403, 403]);
});

test('who logs on again with her own card is not asked who she is; another card is refused', async () => {
  const again = await serveAttempts(parts, [opened.way], [], { userId });
  const withCard = async (who: typeof holder) => {
    const { keys } = await issue(who);
    const browser = again.begin();
    const there = await show(await ticketAddress(browser), cardOf(keys));
    return { browser, there, back: await browser.ask(there.location) };
  };
  expect((await withCard(holder)).back.headers.get('location')).toBe('/finished');
  const { browser, there, back } = await withCard({ userId: '555000000102', displayName: 'Dr B' });
  expect(back.status).toBe(200);
  const confirmed = await confirm(browser, there.location);
  expect([confirmed.status, await confirmed.text()]).toEqual([
    403,
    expect.stringContaining('belongs to another person'),
  ]);
});

test('a card locked between being shown and finishing does not log on', async () => {
  const { keys, card } = await issue();
  const browser = provider.begin();
  const there = await show(await ticketAddress(browser), cardOf(keys));
  await parts.db.transaction((tx) => cards.lock(tx, card.cardNumber, by()));
  expect((await confirm(browser, there.location)).status).toBe(403);
});

test('the authority is made once, and its keys open under the master key of the installation only', async () => {
  const open = () =>
    openAuthority({ db: parts.db, vault: parts.vault, clock: parts.clock, base: () => parts.address.base });
  const [one, other] = await Promise.all([open(), open()]);
  expect(one.root.equals(other.root)).toBe(true);
  const elsewhere = mkdtempSync(join(directory, 'vault-'));
  await expect(
    openAuthority({
      db: parts.db,
      vault: openVault(elsewhere, undefined),
      clock: parts.clock,
      base: () => parts.address.base,
    }),
  ).rejects.toThrow('sealed under another master key');
});

test('what a card authority keeps holds no private key that can be read', async () => {
  for (const table of ['card_authority', 'card_certificate', 'card_hand_over', 'card']) {
    const [row] = await parts.db.query<{ text: string }>(
      sql`select coalesce(string_agg(t::text, ' '), '') as text from cis.${raw(table)} t`,
    );
    expect(row?.text).not.toMatch(/PRIVATE KEY/);
  }
});

/** A store of the authority in memory, for an authority that is not ours. */
function rowsOnly() {
  let kept: { name: string; certificate: Buffer; sealed_key: string }[] = [];
  return async <Row extends object>(statement: { text: string; values: unknown[] }): Promise<Row[]> => {
    if (!/insert/.test(statement.text)) return kept as unknown as Row[];
    const given = JSON.parse(statement.values.find((value) => typeof value === 'string') as string);
    kept = given.map((row: { n: string; c: string; k: string }) => ({
      name: row.n,
      certificate: Buffer.from(row.c, 'hex'),
      sealed_key: row.k,
    }));
    return [];
  };
}
