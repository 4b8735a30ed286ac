import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { AuditLog } from '../../../platform/audit/audit-log.ts';
import { sealerIn } from '../../../platform/audit/seal.ts';
import { Clock } from '../../../platform/clock/clock.ts';
import { sql } from '../../../platform/db/sql.ts';
import { Tokens } from '../../../platform/identity/tokens.ts';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { PrivacyWatch } from './alerts/privacy-watch.ts';
import { openAccess } from './open-access.ts';

const db = await testDatabase();
const clock = new Clock();
const nhsNumber = '9449306621';
const audit = new AuditLog(db, clock, sealerIn(mkdtempSync(join(tmpdir(), 'openspine-access-'))));
const access = openAccess({
  db,
  clock,
  audit,
  tokens: new Tokens(db, clock),
  demographics: async (numbers) =>
    new Map(
      numbers
        .filter((number) => number === nhsNumber)
        .map((number) => [
          number,
          {
            nhsNumber: number as NhsNumber,
            state: 'active',
            confidentiality: 'U',
            familyNames: [],
            postcodes: [],
            practice: 'A81001',
          },
        ]),
    ),
  massLookUps: 100,
});
const hospital = { userId: '555000000001', odsCode: 'RR8' };
const referral = {
  nhsNumber,
  id: randomUUID(),
  kind: 'referral' as const,
  odsCode: 'RR8',
  userId: undefined,
  establishedBy: 'e-referral',
  reason: 'referred to cardiology',
};

test('another service records a referral in its own transaction, once, and ends it', async () => {
  const record = () => db.transaction((tx) => access.recordRelationship(tx, referral));
  expect([await record(), await record()]).toEqual([true, false]);
  expect(await access.relationshipOf(nhsNumber, hospital)).toEqual([{ kind: 'referral', id: referral.id }]);
  expect(await access.relationshipOf(nhsNumber, { ...hospital, odsCode: 'A81001' })).toEqual([
    { kind: 'registration' },
  ]);
  const end = () =>
    db.transaction((tx) => access.endRelationship(tx, referral, { by: 'e-referral', reason: 'discharged' }));
  expect([await end(), await end()]).toEqual([true, false]);
  expect(await access.relationshipOf(nhsNumber, hospital)).toEqual([]);
});

test('what a failed transaction recorded is not there', async () => {
  const id = randomUUID();
  const failing = db.transaction(async (tx) => {
    await access.recordRelationship(tx, { ...referral, id, kind: 'self-claimed', userId: hospital.userId });
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(await access.relationshipOf(nhsNumber, hospital)).toEqual([]);
  expect(await db.query(sql`select reference from cis.privacy_alert`)).toEqual([]);
});

test('a patient PDS does not hold has no relationships and no permission', async () => {
  expect(await access.relationshipOf('9449306648', hospital)).toEqual([]);
  expect(await access.permissionOf('9449306648', hospital)).toBeUndefined();
});

test('another service raises an alert, once for each entry; without an organisation it goes to the national officers', async () => {
  const looked = {
    entry: randomUUID(),
    userId: hospital.userId,
    nhsNumber,
    odsCode: '',
    roleId: '',
    operation: 'scr.open-sealed',
    requestId: '',
    at: clock.now(),
  };
  const raise = () => db.transaction((tx) => access.raiseAlert(tx, { code: 'SEALING', access: looked }));
  const reference = await raise();
  expect(await raise()).toBe(reference);
  expect(await db.query(sql`select ods_code, reference::text from cis.privacy_alert`)).toEqual([
    { ods_code: 'X26', reference },
  ]);
});

test('a watch that cannot go on says so, and passes nothing over: the next one raises the alert', async () => {
  const note = (number: string) => ({
    nhsNumber: number,
    at: clock.now(),
    operation: 'pds.retrieve-patient',
    outcome: 'allowed',
    status: 200,
    mode: 'healthcare-worker',
    appId: 'app',
    odsCode: 'RR8',
    userId: '555000000044',
    roleId: '100000000044',
    purpose: '',
    requestId: '',
  });
  await audit.record(['9449306621', '9449306648'].map(note));
  const watch = (isBroken: boolean) =>
    new PrivacyWatch({
      db,
      clock,
      demographics: () => (isBroken ? Promise.reject(new Error('PDS is away')) : Promise.resolve(new Map())),
      massLookUps: 1,
    });
  const broken = watch(true);
  const trouble = await new Promise<Error>((resolve) => broken.start(resolve));
  await broken.stop();
  expect(trouble.message).toBe('PDS is away');
  const alerts = () => db.query(sql`select code from cis.privacy_alert where user_id = '555000000044'`);
  expect(await alerts()).toEqual([]);
  while (await watch(false).round());
  expect(await alerts()).toEqual([{ code: 'MASS_LOOK_UP' }]);
});
