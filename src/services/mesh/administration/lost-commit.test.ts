import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cutLink } from '../../../../test/support/cut-link.ts';
import { testDatabaseUrl } from '../../../../test/support/database.ts';
import { AuditLog } from '../../../platform/audit/audit-log.ts';
import { publishedSeals, sealerIn } from '../../../platform/audit/seal.ts';
import { verifyAudit } from '../../../platform/audit/verify.ts';
import { Clock } from '../../../platform/clock/clock.ts';
import { Database } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';
import { openVault } from '../../../platform/identity/vault.ts';
import type { ChangeNote } from './audited-change.ts';
import { changePassword } from './change-password.ts';
import { createMailbox } from './create-mailbox.ts';
import { openRegister } from './register.ts';
import { setActive } from './set-active.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-lost-commit-'));
const link = await cutLink(await testDatabaseUrl());
const db = new Database({ url: link.url });
const audit = new AuditLog(db, new Clock(), sealerIn(directory));
const vault = openVault(directory, '0f'.repeat(32));
const register = await openRegister({ db, audit, vault, base: () => 'https://spine.example' });
afterAll(async () => {
  await audit.close();
  await db.close();
  rmSync(directory, { recursive: true });
});

const minute = 60_000;
const now = Date.UTC(2026, 10, 26, 10);
const at = (moment: number): ChangeNote => ({
  now: moment,
  notes: [
    {
      nhsNumber: '',
      at: moment,
      operation: 'mesh.change',
      outcome: 'allowed',
      status: 200,
      mode: 'operator',
      appId: '',
      odsCode: '',
      userId: 'somebody',
      roleId: '',
      purpose: 'mailbox LOST01',
      requestId: 'a request',
    },
  ],
});
const wish = { mailboxId: 'LOST01', name: '', odsCode: 'RXL01', orgCode: 'RXL01', orgName: '', billingEntity: '' };
const found = () => register.directory.find('LOST01');
/** Its answer is lost with the connection, and the change begun anew. */
const loseCommit = () => link.cutAnswerTo(/commit\0/);
const passwordIn = (told: Awaited<ReturnType<typeof changePassword>>) => (typeof told === 'string' ? told : undefined);

async function changes(): Promise<{ events: string[]; entries: number }> {
  const events = await db.query<{ kind: string }>(
    sql`select kind from events.event where subject = 'LOST01' order by tx`,
  );
  const entries = await db.query(sql`select 1 from audit.entry where purpose = 'mailbox LOST01'`);
  return { events: events.map(({ kind }) => kind.replace('mesh.mailbox-', '')), entries: entries.length };
}

test('a mailbox is made once, and its password told, though the answer of the commit was lost', async () => {
  loseCommit();
  const password = await createMailbox(register, wish, at(now));
  expect(link.cuts()).toBe(1);
  expect(password).toBeDefined();
  expect(found()?.password).toBe(password);
  expect(await changes()).toEqual({ events: ['created'], entries: 1 });
  expect(await createMailbox(register, wish, at(now))).toBeUndefined();
  expect(found()?.password).toBe(password);
});

test('a password is changed once then: the one before holds as long as was said', async () => {
  const before = found()?.password;
  loseCommit();
  const told = await changePassword(register, 'LOST01', 10 * minute, at(now));
  expect(link.cuts()).toBe(2);
  expect(found()).toMatchObject({ password: told, earlier: [{ password: before, until: now + 10 * minute }] });
  expect(await changes()).toEqual({ events: ['created', 'password-changed'], entries: 2 });
});

test('who did not hear a new password asks again, and the one that clients use still holds', async () => {
  const [inUse] = found()?.earlier ?? [];
  const unheard = found()?.password;
  const told = await changePassword(register, 'LOST01', 10 * minute, at(now + minute));
  expect(found()?.password).toBe(told);
  expect(found()?.earlier).toEqual([inUse, { password: unheard, until: now + 11 * minute }]);
});

test('so many hold at a time and no more; one change without overlap ends them all', async () => {
  for (const n of [2, 3])
    expect(passwordIn(await changePassword(register, 'LOST01', 10 * minute, at(now + n * minute)))).toBeDefined();
  const newest = found()?.password;
  const refused = await changePassword(register, 'LOST01', 10 * minute, at(now + 4 * minute));
  expect(refused).toEqual({ fullUntil: now + 10 * minute });
  expect(found()).toMatchObject({ password: newest, earlier: { length: 4 } });
  // the first has had its time
  expect(passwordIn(await changePassword(register, 'LOST01', minute, at(now + 10 * minute)))).toBeDefined();
  expect(found()?.earlier?.map(({ until }) => until - now)).toEqual([11, 12, 13, 11].map((n) => n * minute));
  expect(passwordIn(await changePassword(register, 'LOST01', 0, at(now + 10 * minute)))).toBeDefined();
  expect(found()?.earlier).toBeUndefined();
});

test('a mailbox is deactivated once, by whom asked for it', async () => {
  const before = (await changes()).entries;
  loseCommit();
  expect(await setActive(register, 'LOST01', false, 'moved', at(now))).toBe(true);
  expect(link.cuts()).toBe(3);
  expect(found()?.isActive).toBe(false);
  expect((await changes()).entries).toBe(before + 1);
  expect(await setActive(register, 'LOST01', false, 'moved', at(now))).toBe(false);
});

test('the audit log of all this is whole', async () => {
  await audit.seal();
  expect((await verifyAudit(db, sealerIn(directory), publishedSeals(directory))).findings).toEqual([]);
});
