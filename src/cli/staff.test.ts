import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { heard } from '../../test/support/command.ts';
import { testDatabase } from '../../test/support/database.ts';
import { Clock } from '../platform/clock/clock.ts';
import { sql } from '../platform/db/sql.ts';
import { SharedClock } from '../sandbox/shared-clock.ts';
import { openStaffDirectory } from '../services/cis/registration/directory/open-staff-directory.ts';
import { command } from './staff.ts';

const db = await testDatabase();
const directory = mkdtempSync(join(tmpdir(), 'openspine-staff-'));
afterAll(() => rmSync(directory, { recursive: true }));
const staff = openStaffDirectory(db, new Clock());

const env = { OPENSPINE_DATABASE_URL: db.url, OPENSPINE_DATA: directory };
const run = (...args: string[]) => heard(command.run, env, args);
const manager = (given: string, ods = 'RQ1') => [
  'first',
  '--ods',
  ods,
  '--organisation',
  'Example Trust',
  '--given',
  given,
  '--family',
  'Moss',
  '--born',
  '1980-05-17',
  '--json',
];

test('two first managers are made, each with a code to enrol with, and then they appoint the others', async () => {
  const [one, two] = [await run(...manager('Ada')), await run(...manager('Ben'))];
  expect([one.code, two.code]).toEqual([0, 0]);
  const made = JSON.parse(one.out[0] as string);
  expect(made).toMatchObject({ userId: expect.stringMatching(/^[0-9]{12}$/), enrolmentCode: expect.any(String) });
  expect((await staff.find(made.userId))?.roles).toMatchObject([
    { odsCode: 'RQ1', roleCode: 'S0080:G0450:R5080', roleProfileId: made.roleProfileId },
  ]);
  const three = await run(...manager('Cat'));
  expect([three.code, three.err[0]]).toEqual([1, expect.stringContaining('two Registration Authority managers')]);
  const listed = await run('list', '--ods', 'RQ1');
  expect(listed.out).toHaveLength(2);
  expect(listed.out[0]).toContain('Registration Authority Manager');
  const [audited] = await db.query(
    sql`select count(*) as n from audit.entry where operation = 'registration-authority.bootstrap' and ods_code = 'RQ1'`,
  );
  expect(audited).toEqual({ n: 2 });
});

test('in a sandbox whose clock was moved the code is good by that clock', async () => {
  await new SharedClock(db, new Clock(), 1).moveTo(3 * 86_400_000);
  const made = await run(...manager('Eve', 'RQ7'));
  await new SharedClock(db, new Clock(), 1).moveTo(0);
  expect(made.code).toBe(0);
  expect(Date.parse(JSON.parse(made.out[0] as string).expiresAt)).toBeGreaterThan(Date.now() + 3 * 86_400_000);
});

test.each([
  [['first', '--ods', 'RQ2'], 2, '--organisation'],
  [manager('Dee', 'a b'), 1, 'ODS code'],
  [[...manager('Dee', 'RQ3'), '--born', 'yesterday'], 1, 'yesterday'],
  [[], 2, 'load-roles'],
  [['load-roles', '/nowhere/roles.json'], 1, 'roles.json'],
])('what cannot be done is told in one sentence: %j', async (args, code, words) => {
  const told = await run(...args);
  expect([told.code, told.err.length, told.err[0]]).toEqual([code, 1, expect.stringContaining(words)]);
});

test('national role data are loaded over those there are, whole or not at all', async () => {
  const file = join(directory, 'roles.json');
  const load = async (content: object) => {
    writeFileSync(file, JSON.stringify(content));
    return run('load-roles', file);
  };
  const before = await staff.nationalRoles();
  const unknown = await load({ baselines: [{ role: 'R5080', activities: ['B9998'] }] });
  expect([unknown.code, unknown.err[0]]).toEqual([1, expect.stringContaining('B9998')]);
  expect((await staff.nationalRoles()).baselines.get('R5080')).toEqual(before.baselines.get('R5080'));
  const loaded = await load({
    activities: [{ code: 'B9998', name: 'Tune Pianos', isRestricted: false }],
    inclusions: [{ activity: 'B9998', implies: ['B0820'] }],
    baselines: [{ role: 'R5080', activities: ['B9998'] }],
  });
  expect(loaded.code).toBe(0);
  const after = await staff.nationalRoles();
  expect([after.baselines.get('R5080'), after.activities.get('B9998')?.name]).toEqual([['B9998'], 'Tune Pianos']);
  const wrong = await load({ jobRoles: [{ code: 'GP', name: 'x', group: 'S8000:G8000' }] });
  expect([wrong.code, wrong.err[0]]).toEqual([1, expect.stringContaining('jobRoles.0.code')]);
});
