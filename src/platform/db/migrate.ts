import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import type { Database } from './database.ts';

/** A room's migrations: numbered .sql files of one directory, run in the order of their names. */
export type Migrations = { readonly room: string; readonly directory: string };

/** Where a table lives on a cluster: by a key in a co-location group, on every node, or on the coordinator only. */
export type Placement =
  | { readonly table: string; readonly kind: 'key'; readonly key: string; readonly group: string }
  | { readonly table: string; readonly kind: 'everywhere' | 'home' };

const placementLine = /^-- place (\S+) (?:by (\S+) in (\S+)|(everywhere|home))\s*$/gm;

/** The placements a migration states, one line `-- place …` a table. */
export function placementsIn(script: string): Placement[] {
  return [...script.matchAll(placementLine)].map(([, table, key, group, kind]) =>
    kind === undefined
      ? { table: table as string, kind: 'key', key: key as string, group: group as string }
      : { table: table as string, kind: kind as 'everywhere' | 'home' },
  );
}

const bookkeeping = `
  create schema if not exists platform;
  create table if not exists platform.migration (
    room text collate "C" not null, name text collate "C" not null, checksum text not null, applied_at timestamptz not null,
    primary key (room, name));
  create table if not exists platform.placement (
    table_name text collate "C" primary key, kind text not null, key_column text, colocation_group text);
`;

/**
 * Brings the schema up to date: forward only, each file once, in one transaction, under a lock that other processes wait
 * for. A file changed after it was applied is an error. On Citus tables are placed as their migration states.
 */
export async function migrate(db: Database, rooms: readonly Migrations[], now: number): Promise<string[]> {
  const applied: string[] = [];
  await db.withClient(async (client) => {
    await client.query(`begin; select pg_advisory_xact_lock(860001); ${bookkeeping} commit`);
    const hasCitus = (await client.query(`select 1 from pg_extension where extname = 'citus'`)).rowCount === 1;
    for (const { room, directory } of rooms) {
      for (const name of readdirSync(directory)
        .filter((file) => file.endsWith('.sql'))
        .sort()) {
        const script = readFileSync(join(directory, name), 'utf8');
        if (await applyOnce(client, room, name, script, hasCitus, now)) applied.push(`${room}/${name}`);
      }
    }
  });
  return applied;
}

async function applyOnce(
  client: pg.ClientBase,
  room: string,
  name: string,
  script: string,
  hasCitus: boolean,
  now: number,
): Promise<boolean> {
  const checksum = createHash('sha256').update(script).digest('hex');
  await client.query('begin');
  try {
    await client.query(`lock table platform.migration in exclusive mode`);
    const before = await client.query('select checksum from platform.migration where room = $1 and name = $2', [
      room,
      name,
    ]);
    if (before.rowCount === 1) {
      await client.query('commit');
      if (before.rows[0].checksum === checksum) return false;
      throw new Error(`Migration ${room}/${name} was changed after it had been applied; write a new one instead.`);
    }
    await client.query(script);
    for (const placement of placementsIn(script)) await place(client, placement, hasCitus);
    await client.query('insert into platform.migration values ($1, $2, $3, $4)', [room, name, checksum, new Date(now)]);
    await client.query('commit');
    return true;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function place(client: pg.ClientBase, placement: Placement, hasCitus: boolean): Promise<void> {
  const [key, group] = placement.kind === 'key' ? [placement.key, placement.group] : [null, null];
  await client.query('insert into platform.placement values ($1, $2, $3, $4) on conflict (table_name) do nothing', [
    placement.table,
    placement.kind,
    key,
    group,
  ]);
  if (!hasCitus) return;
  if (placement.kind === 'everywhere') await client.query('select create_reference_table($1)', [placement.table]);
  if (placement.kind === 'key') {
    const peer = await client.query(
      `select table_name from platform.placement where colocation_group = $1 and table_name <> $2 limit 1`,
      [group, placement.table],
    );
    await client.query('select create_distributed_table($1, $2, colocate_with => $3)', [
      placement.table,
      key,
      peer.rows[0]?.table_name ?? 'none',
    ]);
  }
}
