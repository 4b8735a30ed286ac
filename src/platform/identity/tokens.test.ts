import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { Clock } from '../clock/clock.ts';
import { sql } from '../db/sql.ts';
import { uuidv7 } from '../events/uuidv7.ts';
import type { Principal } from './principal.ts';
import { revokeTokens, sessionKeyOf } from './queries.ts';
import { insertRefreshToken, refreshTokenForUpdate, spendRefreshToken } from './queries-refresh.ts';
import { Tokens } from './tokens.ts';

const db = await testDatabase();
const clock = new Clock();
const tokens = new Tokens(db, clock);
const person: Principal = {
  mode: 'healthcare-worker',
  appId: 'app',
  scopes: [],
  attributes: {},
  userId: '555000000042',
  issuer: 'https://idp.example',
  sessionId: 'morning',
};

const refreshTokenOf = (familyId: string) => {
  const hash = createHash('sha256').update(randomBytes(20)).digest();
  const row = {
    token_hash: hash,
    family_id: familyId,
    app_id: 'app',
    user_id: '555000000042',
    session_id: sessionKeyOf('https://idp.example', 'morning'),
    principal: person,
    refresh_count: 0,
    first_issued_at: new Date(clock.now()),
    expires_at: new Date(clock.now() + 60_000),
  };
  return { hash, insert: insertRefreshToken(row) };
};

/** Until somebody waits for a lock of somebody else. */
async function somebodyWaits(): Promise<void> {
  for (;;) {
    const waiting = await db.query(sql`
      select 1 as one from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`);
    if (waiting.length > 0) return;
    await pause(20);
  }
}

test('a revocation whose transaction took eight seconds to end still reaches every process', async () => {
  const elsewhere = new Tokens(db, clock);
  elsewhere.watch(20);
  const token = await tokens.issue({ ...person, userId: '555000000043' }, 600);
  expect((await elsewhere.resolve(token)).is).toBe('valid');
  await pause(100);
  await db.transaction((tx) => revokeTokens(tx, { userId: '555000000043' }, uuidv7(clock.wall() - 8_000), clock.now()));
  await expect.poll(async () => (await elsewhere.resolve(token)).is, { timeout: 5_000 }).toBe('unknown');
  elsewhere.close();
});

test.each<['familyId' | 'sessionId' | 'userId']>([['familyId'], ['sessionId'], ['userId']])(
  'a refresh under way when its tokens are revoked by %s gives nothing that lasts',
  async (by) => {
    const familyId = randomUUID();
    const targets = {
      familyId: { familyId },
      sessionId: { sessionId: sessionKeyOf('https://idp.example', 'morning') },
    };
    const target = by === 'userId' ? { userId: '555000000042' } : targets[by];
    const [first, second] = [refreshTokenOf(familyId), refreshTokenOf(familyId)];
    await db.query(first.insert);
    const [written, revokedMeanwhile] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
    const refreshing = db.transaction(async (tx) => {
      await refreshTokenForUpdate(tx, first.hash);
      await tx.query(spendRefreshToken(first.hash, clock.now()));
      const access = await tokens.issueIn(tx, person, 600, { familyId });
      await tx.query(second.insert);
      written.resolve(access);
      await revokedMeanwhile.promise;
    });
    const access = await written.promise;
    const revoking = tokens.revokeAll(target);
    await somebodyWaits();
    revokedMeanwhile.resolve();
    await Promise.all([refreshing, revoking]);
    expect((await tokens.resolve(access)).is).toBe('unknown');
    expect((await refreshTokenForUpdate(db, second.hash))?.revoked_at).not.toBeNull();
  },
);
