import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { sql } from '../../../platform/db/sql.ts';
import { Vault } from '../../../platform/identity/vault.ts';
import { Directory } from './directory.ts';
import { sandboxMailboxes, sandboxWorkflows } from './published-sandbox.ts';

const db = await testDatabase();
const vault = new Vault(randomBytes(32));
const switches = { hasLiveReports: false, enforcesWorkflows: true };
const [here, there] = [new Directory(db, vault, switches), new Directory(db, vault, switches)];
const put = async (...mailboxes: typeof sandboxMailboxes) => {
  await db.transaction(async (tx) => {
    await here.putIn(tx, mailboxes, 0);
    await here.putWorkflowsIn(tx, sandboxWorkflows);
  });
  await here.refresh(true);
};

test('what one process registers, the others know when they look again; passwords lie sealed', async () => {
  await there.refresh();
  await put(...sandboxMailboxes);
  expect(there.find('ALICE')).toBeUndefined();
  await there.refresh();
  expect(there.find('ALICE')).toMatchObject({ name: 'TESTMB1', password: 'password', isActive: true });
  const rows = await db.query<{ text: string }>(sql`select mailbox::text as text from mesh.mailbox`);
  for (const { text } of rows) expect(text).not.toMatch(/\bpassword\b/);
});

test('receivers are found by workflow and organisation; deactivated mailboxes are none', async () => {
  const ids = (odsCode?: string) => here.receivers('TEST_WORKFLOW2', odsCode).map((one) => one.mailboxId);
  expect([ids(), ids('X27'), ids('X99')]).toEqual([['X26ABC1', 'X26ABC2', 'X26ABC3'], ['X26ABC3'], []]);
  await put({ ...sandboxMailboxes[2]!, isActive: false });
  expect([ids(), ids('X27')]).toEqual([['X26ABC1', 'X26ABC2'], []]);
});

test('switches hold for everybody once they are set, before that as configured', async () => {
  expect(there.switches).toEqual(switches);
  await db.transaction((tx) => here.switchIn(tx, { enforcesWorkflows: false, hasLiveReports: true }));
  await there.refresh();
  expect(there.switches).toEqual({ hasLiveReports: true, enforcesWorkflows: false });
});

test('however many readings are under way, what stands at the end is the newest', async () => {
  for (let time = 0; time < 20; time++) {
    const readings = [here.refresh(true), here.refresh(), here.refresh(true)];
    await put({ ...sandboxMailboxes[0]!, name: `name ${time}` });
    await Promise.all(readings);
    expect(here.find('X26ABC1')?.name).toBe(`name ${time}`);
  }
});
