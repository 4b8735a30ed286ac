import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { AuditLog } from '../../../platform/audit/audit-log.ts';
import { sealerIn } from '../../../platform/audit/seal.ts';
import { Clock } from '../../../platform/clock/clock.ts';
import { openVault } from '../../../platform/identity/vault.ts';
import { createMailbox } from './create-mailbox.ts';
import { forgetWithdrawn, type RevokedRow, selectRevokedAt } from './queries-certificates.ts';
import { openRegister } from './register.ts';
import { registerCertificate, withdrawCertificate } from './register-certificate.ts';
import { shownCertificates } from './shown-certificates.ts';

const directory = mkdtempSync(join(tmpdir(), 'openspine-withdrawn-'));
const db = await testDatabase();
const audit = new AuditLog(db, new Clock(), sealerIn(directory));
const vault = openVault(directory, '0f'.repeat(32));
const register = await openRegister({ db, audit, vault, base: () => 'https://spine.example' });
afterAll(() => rmSync(directory, { recursive: true }));

const now = Date.UTC(2026, 10, 26, 10);
const year = 365 * 86_400_000;
const note = { notes: [], now };
for (const mailboxId of ['LAB01', 'LAB02'])
  await createMailbox(
    register,
    { mailboxId, name: '', odsCode: 'RXL01', orgCode: 'RXL01', orgName: '', billingEntity: '' },
    note,
  );
const certificate = (letter: string, serial?: string) => ({
  fingerprint: letter.repeat(64),
  name: 'lab.rxl01.api.mesh-client.nhs.uk',
  notAfter: now + year,
  serial,
});
const [ours, foreign] = [certificate('a', '41ff'), certificate('b')];
const withdraw = (mailboxId: string, { fingerprint }: { fingerprint: string }) =>
  withdrawCertificate(register, mailboxId, { fingerprint, reason: 'superseded' }, note);
const revoked = (at: number) => db.query<RevokedRow>(selectRevokedAt(at));

test('one of our own authority that two mailboxes have is withdrawn from both at once, and listed once', async () => {
  for (const mailboxId of ['LAB01', 'LAB02'])
    expect(await registerCertificate(register, mailboxId, ours, note)).toBe('registered');
  expect(await withdraw('LAB01', ours)).toBe(true);
  expect(register.directory.isRevoked(ours.fingerprint)).toBe(true);
  expect(await shownCertificates(register, 'LAB01')).toEqual([]);
  // it stays bound to what opens nothing: a mailbox is not thrown open by what was done to another
  expect(await shownCertificates(register, 'LAB02')).toMatchObject([{ isWithdrawn: true }]);
  expect(await withdraw('LAB02', ours)).toBe(true);
  expect(await revoked(now)).toEqual([{ serial: '41ff', reason: 'superseded', withdrawn_at: new Date(now) }]);
  for (const mailboxId of ['LAB01', 'LAB02'])
    expect(await registerCertificate(register, mailboxId, ours, note)).toBe('withdrawn');
});

test('one of another authority is taken out of one mailbox alone, and may come back', async () => {
  for (const mailboxId of ['LAB01', 'LAB02'])
    expect(await registerCertificate(register, mailboxId, foreign, note)).toBe('registered');
  expect(await withdraw('LAB01', foreign)).toBe(true);
  expect(await withdraw('LAB01', foreign)).toBe(false);
  expect(register.directory.isRevoked(foreign.fingerprint)).toBe(false);
  expect(register.directory.find('LAB01')?.withdrawn?.has(foreign.fingerprint)).toBe(true);
  expect(register.directory.find('LAB02')?.withdrawn?.has(foreign.fingerprint)).toBe(false);
  expect(await registerCertificate(register, 'LAB01', foreign, note)).toBe('registered');
  expect(register.directory.find('LAB01')?.withdrawn?.has(foreign.fingerprint)).toBe(false);
});

test('a withdrawal is told until the certificate has run out, and then forgotten', async () => {
  expect(await revoked(now + year - 1)).toHaveLength(1);
  expect(await revoked(now + year)).toEqual([]);
  await db.query(forgetWithdrawn(now + year));
  expect(await revoked(now)).toHaveLength(1);
  await db.query(forgetWithdrawn(now + year + 1));
  expect(await revoked(now)).toEqual([]);
});
