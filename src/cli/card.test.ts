import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { heard } from '../../test/support/command.ts';
import { startSpine } from '../../test/support/spine.ts';
import { Database } from '../platform/db/database.ts';
import { sql } from '../platform/db/sql.ts';
import { command as card } from './card.ts';

const spine = await startSpine({ OPENSPINE_CARD_PORT: '0' });
const directory = mkdtempSync(join(tmpdir(), 'openspine-card-'));
const db = new Database({ url: spine.databaseUrl });
afterAll(async () => {
  await db.close();
  rmSync(directory, { recursive: true });
});
const user = '555254240100';

const env = { OPENSPINE_DATABASE_URL: spine.databaseUrl, OPENSPINE_DATA: spine.dataDirectory };
const run = (...args: string[]) => heard(card.run, env, args);
const issue = async (...more: string[]) =>
  JSON.parse((await run('--user', user, '--name', 'Dr A', '--out', directory, '--json', ...more)).out[0] as string);

test('a card is issued as two key files that only their owner may read, and a passcode shown once', async () => {
  const made = await issue();
  expect(made).toMatchObject({
    userId: user,
    standing: 'active',
    passcode: expect.stringMatching(/^(\w{4}-){2}\w{4}$/),
  });
  expect(made.files.map((file: string) => file.replace(/.*-\d\d-/, ''))).toEqual([
    'authentication.p12',
    'content-commitment.p12',
  ]);
  for (const file of made.files) expect(statSync(file).mode & 0o777).toBe(0o600);
  const listed = await run('list', '--user', user);
  expect(listed).toEqual({ code: 0, out: [expect.stringMatching(`^${made.cardNumber}  active `)], err: [] });
  const [entry] = await db.query(sql`select user_id, outcome from audit.entry where operation = 'cis.issue-card'`);
  expect(entry).toEqual({ user_id: 'openspine card', outcome: 'allowed' });
});

test('the running Spine shakes hands with the card, under the chain the command writes', async () => {
  expect((await run('chain', '--out', directory)).code).toBe(0);
  const { files, passcode } = await issue();
  const ca = [readFileSync(join(directory, 'card-authority.pem'), 'utf8'), ...rootCertificates];
  const pfx = readFileSync(files[0]);
  const status = await new Promise((resolve, reject) => {
    const port = spine.spine.cardPort();
    const sent = request(
      `https://localhost:${port}/cis2/card/none`,
      { ca, pfx, passphrase: passcode, agent: false },
      (response) => resolve(response.resume().statusCode),
    );
    sent.on('error', reject);
    sent.end();
  });
  expect(status).toBe(404);
});

test('renewal waits for its window, a cancelled card stays cancelled, and nothing is left behind by what fails', async () => {
  const { cardNumber } = await issue('--locked');
  const before = readdirSync(directory).length;
  expect(await run('renew', cardNumber, '--name', 'Dr A', '--out', directory)).toMatchObject({
    code: 1,
    err: [expect.stringContaining('issued-locked')],
  });
  expect(await run('cancel', cardNumber, '--reason', 'keyCompromise')).toMatchObject({ code: 0, err: [] });
  expect(await run('cancel', cardNumber)).toMatchObject({ code: 1, err: [expect.stringContaining('is cancelled')] });
  expect((await run('list', '--user', user)).out.join('\n')).toContain(`${cardNumber}  cancelled`);
  expect(readdirSync(directory).length).toBe(before);
});

test('what is called wrongly is said, with exit code 2', async () => {
  expect(await run()).toMatchObject({ code: 2, err: [expect.stringContaining('--user is needed')] });
  expect(await run('cancel')).toMatchObject({ code: 2 });
  expect(await run('cancel', '1', '--reason', 'whim')).toMatchObject({ code: 2 });
  expect(await run('--user', '999999999999')).toMatchObject({ code: 2, err: [expect.stringContaining('give --name')] });
  expect(await run('renew', '999999999999', '--name', 'X')).toMatchObject({
    code: 1,
    err: ['openspine card: There is no card 999999999999.'],
  });
  expect(await run('--user', user, '--name', 'X', '--out', join(directory, 'none'))).toMatchObject({ code: 1 });
});
