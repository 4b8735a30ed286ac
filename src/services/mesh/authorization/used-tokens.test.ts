import { setImmediate as aTurn } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { cutLink } from '../../../../test/support/cut-link.ts';
import { testDatabaseUrl } from '../../../../test/support/database.ts';
import { Database } from '../../../platform/db/database.ts';
import { sql } from '../../../platform/db/sql.ts';
import { UsedTokens } from './used-tokens.ts';

const url = await testDatabaseUrl();
const link = await cutLink(url);
const [db, watched] = [new Database({ url: link.url }), new Database({ url })];
const other = new pg.Client({ connectionString: url });
await other.connect();
afterAll(() => Promise.all([db.close(), watched.close(), other.end()]));

const used = new UsedTokens(db, () => Date.now());
const use = (nonce: string) =>
  used.use({ mailboxId: 'BOX', nonce, nonceCount: '1', timestamp: '', hash: '' }, 'followed');

const waitingForTokens = sql`
  select pid from pg_stat_activity
   where datname = current_database() and wait_event_type = 'Lock' and query like '%mesh.used_token%'`;
/** Resolves when some connection waits, other than these. */
async function someWait(but: readonly number[] = []): Promise<number[]> {
  const look = async () => {
    const rows = await watched.query<{ pid: number }>(waitingForTokens);
    return rows.map(({ pid }) => pid).filter((pid) => !but.includes(pid));
  };
  await expect.poll(look, { timeout: 10_000 }).not.toEqual([]);
  return look();
}

/** Has tokens wait, loses the connections they are remembered on, and forgets what was remembered, as a crash may. */
async function crash(nonces: readonly string[]) {
  await other.query('begin; lock table mesh.used_token in exclusive mode');
  const asked: Promise<PromiseSettledResult<boolean>[]>[] = [];
  for (const nonce of nonces) {
    asked.push(Promise.allSettled([use(nonce)]));
    await aTurn();
    await aTurn();
  }
  const lost = await someWait();
  link.cutNow();
  await asked[0];
  // PostgreSQL has them wait on, though nobody listens any more
  for (const pid of lost) await watched.query(sql`select pg_terminate_backend(${pid}, 10000)`);
  await someWait(lost);
  await other.query('delete from mesh.used_token');
  return asked;
}

test('a token that waits while the database crashes is not taken before what it forgot is there again', async () => {
  expect(await use('first')).toBe(true);
  const [, , again] = await crash(['second', 'third', 'first']);
  await other.query('commit');
  expect(await again).toEqual([{ status: 'fulfilled', value: false }]);
});

test('a token that was not taken, since the database crashed, may be used', async () => {
  expect(await use('taken')).toBe(true);
  const [lost] = await crash(['unlucky']);
  expect(await lost).toMatchObject([{ status: 'rejected' }]);
  await other.query('commit');
  const remembered = async () => (await watched.query(sql`select 1 from mesh.used_token`)).length;
  await expect.poll(remembered, { timeout: 10_000 }).toBeGreaterThan(0);
  expect(await use('unlucky')).toBe(true);
  expect(await use('unlucky')).toBe(false);
  expect(await use('taken')).toBe(false);
});

test('nor does another process take it before whoever took it has said so again', async () => {
  const elsewhere = new UsedTokens(db, () => Date.now());
  const token = (nonce: string) => ({ mailboxId: 'BOX', nonce, nonceCount: '1', timestamp: '', hash: '' });
  expect(await elsewhere.use(token('its own'), 'followed')).toBe(true);
  expect(await use('everybody’s')).toBe(true);
  await other.query('begin; lock table mesh.used_token in exclusive mode; delete from mesh.used_token');
  link.cutNow();
  await aTurn();
  await other.query('commit');
  for (;;) {
    const again = await elsewhere.use(token('everybody’s'), 'followed').catch(() => undefined);
    if (again === undefined) continue;
    expect(again).toBe(false);
    break;
  }
});
