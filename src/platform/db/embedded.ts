import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  DatabaseUnavailable,
  homeOf,
  type Owner,
  ownerOfServer,
  prepareDirectory,
  programsFor,
  socketDirectory,
  socketPath,
} from './server-files.ts';

/** A PostgreSQL server of our own, running as a child of this process. */
export type EmbeddedPostgres = {
  /** Connection string of its `openspine` database, over a Unix socket. */
  readonly url: string;
  readonly pid: number;
  /** Stops it: `fast` lets nobody new in and ends what runs; resolves when it is gone. */
  stop(): Promise<void>;
  /** Resolves when the server is gone, by `stop` or otherwise. */
  readonly gone: Promise<void>;
};

export type EmbeddedOptions = {
  /** Directory for data, socket and log; made when absent. */
  readonly directory: string;
  /** Told what is being done, one line a step. */
  readonly onProgress?: (line: string) => void;
  /** Further settings, `name=value`; they win over ours. */
  readonly settings?: readonly string[];
};

/**
 * Starts the PostgreSQL that comes with the project on the data in `directory`, initialising it the first time. A server
 * left behind by a killed process is stopped first; PostgreSQL then recovers by itself.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const progress = options.onProgress ?? (() => {});
  const owner = ownerOfServer();
  const home = homeOf(options.directory, owner);
  const native = programsFor(owner);
  prepareDirectory(home, owner);
  const data = join(home, 'pgdata');
  const socket = socketDirectory(home, owner);
  await stopLeftBehind(data);
  if (!existsSync(join(data, 'PG_VERSION'))) {
    if (existsSync(data) && readdirSync(data).length > 0)
      throw new DatabaseUnavailable(
        `${data} is not a whole PostgreSQL data directory (it has no PG_VERSION); restore it from a backup, or move it away to begin anew.`,
      );
    progress('Making the database (once, a few seconds)');
    initialise(native, data, owner);
  }
  const log = openSync(join(home, 'postgres.log'), 'a');
  const child = spawn(
    join(native, 'bin', 'postgres'),
    [
      '-D',
      data,
      '-k',
      socket,
      '-c',
      'listen_addresses=',
      ...settings(options.settings ?? []).flatMap((s) => ['-c', s]),
    ],
    { ...owner, cwd: '/', detached: true, stdio: ['ignore', log, log], env: { ...process.env, LC_ALL: 'C' } },
  );
  closeSync(log);
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  await untilReady(child, gone, socket, home);
  await createDatabase(socket);
  return {
    url: urlOf(socket),
    pid: child.pid as number,
    gone,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
      await gone;
    },
  };
}

/** The server that some process of ours keeps running on the data in `directory`, or undefined when none runs. */
export function findEmbedded(directory: string): { readonly url: string; readonly pid: number } | undefined {
  const owner = ownerOfServer();
  const home = homeOf(directory, owner);
  const pid = runningOn(join(home, 'pgdata'));
  return pid === undefined ? undefined : { url: urlOf(socketPath(home)), pid };
}

const urlOf = (socket: string) => `postgres://postgres@/openspine?host=${encodeURIComponent(socket)}`;

/** Durable by default: `synchronous_commit` and `fsync` stay on. Memory is a share of the machine's. */
function settings(own: readonly string[]): string[] {
  const megabytes = Math.round(Math.min(2048, Math.max(128, totalmem() / 2 ** 20 / 16)));
  return [
    `shared_buffers=${megabytes}MB`,
    'max_connections=100',
    'max_wal_size=4GB',
    'min_wal_size=256MB',
    'checkpoint_timeout=15min',
    'wal_compression=on',
    'maintenance_work_mem=256MB',
    'effective_io_concurrency=64',
    'random_page_cost=1.1',
    'jit=off',
    'timezone=UTC',
    'autovacuum_vacuum_scale_factor=0.05',
    'log_min_messages=warning',
    'log_line_prefix=%m [%p] ',
    ...own,
  ];
}

function initialise(native: string, data: string, owner: Owner | undefined): void {
  // made beside its place and then renamed: a start cut short leaves nothing half made
  const fresh = `${data}.new`;
  rmSync(fresh, { recursive: true, force: true });
  try {
    execFileSync(
      join(native, 'bin', 'initdb'),
      ['-D', fresh, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-instructions'],
      { ...owner, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] },
    );
    renameSync(fresh, data);
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? '').trim() || (error as Error).message;
    throw new DatabaseUnavailable(`The database could not be made in ${data}: ${said.split('\n').pop()}`);
  }
}

/** The pid in the server's lock file; undefined without one. */
function lockedBy(data: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number | undefined): pid is number {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The pid of a server that runs on this data directory. */
function runningOn(data: string): number | undefined {
  const pid = lockedBy(data);
  if (!isAlive(pid)) return undefined;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data) ? pid : undefined;
  } catch {
    return existsSync('/proc/self') ? undefined : pid;
  }
}

async function stopLeftBehind(data: string): Promise<void> {
  const pid = runningOn(data);
  if (pid === undefined) {
    // after a restart of the machine its number may be another program's, for which PostgreSQL would refuse to start;
    // otherwise the file stays: PostgreSQL sees by it whether something of the killed server still works on the data
    if (isAlive(lockedBy(data))) rmSync(join(data, 'postmaster.pid'));
    return;
  }
  process.kill(pid, 'SIGINT');
  const deadline = performance.now() + 60_000;
  while (runningOn(data) !== undefined) {
    if (performance.now() > deadline)
      throw new DatabaseUnavailable(`A PostgreSQL left behind (process ${pid}) on ${data} does not stop.`);
    await pause(20);
  }
}

async function untilReady(child: ChildProcess, gone: Promise<void>, socket: string, home: string): Promise<void> {
  let ended = false;
  void gone.then(() => {
    ended = true;
  });
  child.once('error', () => {
    ended = true;
  });
  for (;;) {
    if (ended) {
      const lines = readFileSync(join(home, 'postgres.log'), 'utf8').trim().split('\n');
      const fatal = lines
        .slice(-20)
        .reverse()
        .find((line) => /FATAL|PANIC|could not/.test(line));
      throw new DatabaseUnavailable(
        `PostgreSQL did not start on ${home}: ${fatal?.replace(/^.*?(FATAL|PANIC): +/, '') ?? 'see postgres.log there'}.`,
      );
    }
    const client = new pg.Client({ host: socket, user: 'postgres', database: 'postgres' });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await pause(20);
    }
  }
}

async function createDatabase(socket: string): Promise<void> {
  const client = new pg.Client({ host: socket, user: 'postgres', database: 'postgres' });
  await client.connect();
  try {
    const found = await client.query(`select 1 from pg_database where datname = 'openspine'`);
    if (found.rowCount === 0) await client.query('create database openspine');
  } finally {
    await client.end();
  }
}

const pause = (millis: number) => new Promise((done) => setTimeout(done, millis));
