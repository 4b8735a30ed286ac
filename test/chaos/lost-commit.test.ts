import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, test, vi } from 'vitest';
import { AuditLog } from '../../src/platform/audit/audit-log.ts';
import { publishedSeals, sealerIn } from '../../src/platform/audit/seal.ts';
import { verifyAudit } from '../../src/platform/audit/verify.ts';
import { Clock } from '../../src/platform/clock/clock.ts';
import { Database } from '../../src/platform/db/database.ts';
import { startEmbedded } from '../../src/platform/db/embedded.ts';
import { migrate } from '../../src/platform/db/migrate.ts';
import { sql } from '../../src/platform/db/sql.ts';
import { openVault } from '../../src/platform/identity/vault.ts';
import { rooms } from '../../src/rooms.ts';
import { createMailbox } from '../../src/services/mesh/administration/create-mailbox.ts';
import { openRegister } from '../../src/services/mesh/administration/register.ts';
import { setActive } from '../../src/services/mesh/administration/set-active.ts';
import { cutLink } from '../support/cut-link.ts';

vi.setConfig({ testTimeout: 120_000 });

const directory = mkdtempSync(join(tmpdir(), 'openspine-lost-commit-'));
// nothing comes to the disk but by a commit
const postgres = await startEmbedded({ directory, settings: ['wal_writer_delay=10s', 'autovacuum=off'] });

const link = await cutLink(postgres.url);
const db = new Database({ url: link.url });
await migrate(db, rooms, Date.now());

const audit = new AuditLog(db, new Clock(), sealerIn(directory));
const vault = openVault(directory, '0f'.repeat(32));
const register = await openRegister({ db, audit, vault, base: () => 'https://spine.example' });
afterAll(async () => {
  await audit.close();
  await db.close();
  await postgres.stop();
  rmSync(directory, { recursive: true });
});

/** A connection that does not go by the link; when PostgreSQL has just crashed, as soon as it is back. */
async function direct(): Promise<pg.Client> {
  for (;;) {
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => undefined);
    const isThere = await client.connect().then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    return client;
  }
}

// whoever commits a change of a mailbox waits for the lock

const owner = await direct();
await owner.query(`
  create function wait_at_commit() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(1); return null; end $$;
  create constraint trigger wait_at_commit after update on mesh.mailbox deferrable initially deferred
    for each row execute function wait_at_commit()`);

const now = Date.UTC(2026, 10, 26, 10);
const note = { now, notes: [] };

/** Has whoever commits a change wait; the connection that holds them up. */
async function holdCommits(): Promise<pg.Client> {
  const holder = await direct();
  await holder.query('checkpoint');
  await holder.query('select pg_advisory_lock(1)');
  return holder;
}

/** Kills what commits a change; PostgreSQL then restarts, and knows nothing of it. Meanwhile others may do as said. */
async function crashAtCommit(holder: pg.Client, meanwhile: (other: pg.Client) => Promise<unknown>): Promise<void> {
  const waiting = async () =>
    (await holder.query(`select pid from pg_locks where locktype = 'advisory' and not granted`)).rows[0]?.pid as number;
  await expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(0);
  const pid = await waiting();
  const letIn = link.holdNew();
  const isLost = new Promise((resolve) => holder.once('end', resolve));
  process.kill(pid, 'SIGKILL');
  await isLost;
  await meanwhile(await direct());
  letIn();
}

const wish = { name: '', odsCode: 'RXL01', orgCode: 'RXL01', orgName: '', billingEntity: '' };
const kinds = async (mailboxId: string) =>
  (await db.query<{ kind: string }>(sql`select kind from events.event where subject = ${mailboxId} order by tx`)).map(
    ({ kind }) => kind,
  );

test.each([
  ['CRASH01', 'nobody has its number', async () => {}],
  [
    'CRASH02',
    'others have its number',
    async (other: pg.Client) => {
      for (let times = 0; times < 50; times++) await other.query('select pg_current_xact_id()');
    },
  ],
])('a change of %s that a crash forgot is made, when %s', async (mailboxId, _, meanwhile) => {
  expect(await createMailbox(register, { ...wish, mailboxId }, note)).toBeDefined();
  const holder = await holdCommits();
  const changed = setActive(register, mailboxId, false, 'moved', note);
  await crashAtCommit(holder, meanwhile);
  const isChanged = await changed;
  expect(isChanged).toBe(true);
  expect(register.directory.find(mailboxId)?.isActive).toBe(false);
  expect(await kinds(mailboxId)).toEqual(['mesh.mailbox-created', 'mesh.mailbox-deactivated']);
});

test('the audit log is whole', async () => {
  await audit.seal();
  expect((await verifyAudit(db, sealerIn(directory), publishedSeals(directory))).findings).toEqual([]);
});
