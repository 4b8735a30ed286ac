import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { Clock } from '../clock/clock.ts';
import { sql } from '../db/sql.ts';
import { approveApplication, renewSecret, rotateKey, withdrawKey } from './application-keys.ts';
import { findApplication, registerApplication, suspendApplication } from './applications.ts';
import { isSecret } from './secret.ts';

const db = await testDatabase();
const clock = new Clock();
const pem = () =>
  generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }) as string;
const eventsOf = async (appId: string) =>
  db.query<{ kind: string; body: string }>(sql`
    select kind, body from events.event where subject = ${appId} order by tx, id`);

test('every change of an application is told in its transaction, and tells no secret', async () => {
  const wanted = { name: 'Ward rounds', publicKeyPem: pem(), kid: 'one', registeredBy: 'user 555000000042' };
  const { appId } = await registerApplication(db, wanted, clock.now());
  await rotateKey(db, appId, { publicKeyPem: pem(), kid: 'two' }, clock.now());
  await withdrawKey(db, appId, 'one', clock.now());
  const secret = (await renewSecret(db, appId, clock.now())) ?? '';
  expect(isSecret(secret, (await findApplication(db, appId))?.secretHash)).toBe(true);
  await suspendApplication(db, appId, clock);
  await approveApplication(db, appId, clock.now());
  const told = (await eventsOf(appId)).map(({ kind, body }) => [kind.replace('identity.application-', ''), body]);
  expect(told.map(([kind, body = '']) => [kind, JSON.parse(body)])).toEqual([
    ['registered', { registeredBy: 'user 555000000042' }],
    ['key-added', { kid: 'two' }],
    ['key-withdrawn', { kid: 'one' }],
    ['secret-renewed', {}],
    ['suspended', {}],
    ['approved', {}],
  ]);
});

test('what is refused, or concerns nobody, tells of nothing', async () => {
  const { appId } = await registerApplication(
    db,
    { name: 'Ward rounds', publicKeyPem: pem(), kid: 'one' },
    clock.now(),
  );
  await expect(registerApplication(db, { name: 'Another', appId }, clock.now())).rejects.toThrow('already');
  await expect(withdrawKey(db, appId, 'two', clock.now())).rejects.toThrow('no key');
  expect(await renewSecret(db, 'nobody', clock.now())).toBeUndefined();
  expect(await suspendApplication(db, 'nobody', clock)).toBe(false);
  expect(await eventsOf(appId)).toHaveLength(1);
  expect(await eventsOf('nobody')).toEqual([]);
});
