import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartRefused } from './start-refused.ts';

/** The right to be the one instance that works on a data directory. */
export type InstanceLock = {
  /** True when the instance before ended without letting go (killed, or the machine went down). */
  readonly wasLeftBehind: boolean;
  release(): void;
};

/** Who holds the lock: a process, told from a later one of the same number by when it began. */
type Holder = { readonly pid: number; readonly began: string };

const fileName = 'instance.lock';

/**
 * Takes the lock on a data directory that exists and can be written. Throws StartRefused when a living process holds it.
 * A lock whose process is gone is taken over.
 */
export function takeInstanceLock(directory: string): InstanceLock {
  const file = join(directory, fileName);
  const own = JSON.stringify({ pid: process.pid, began: beganAt(process.pid) } satisfies Holder);
  const fresh = `${file}.${process.pid}`;
  let wasLeftBehind = false;
  writeFileSync(fresh, own);
  try {
    while (!claim(fresh, file)) {
      const found = readOr(file);
      if (found === undefined) continue;
      const holder = parse(found);
      if (holder && isSameProcess(holder))
        throw new StartRefused(
          `Another OpenSpine (process ${holder.pid}) already runs on ${directory}; stop it, or give this one its own OPENSPINE_DATA.`,
        );
      takeAway(file, found);
      wasLeftBehind = true;
    }
  } finally {
    rmSync(fresh, { force: true });
  }
  return {
    wasLeftBehind,
    release: () => {
      if (readOr(file) === own) rmSync(file, { force: true });
    },
  };
}

/** The process that holds the lock on a data directory, or undefined. */
export function holderOf(directory: string): number | undefined {
  const holder = parse(readOr(join(directory, fileName)) ?? '');
  return holder && isSameProcess(holder) ? holder.pid : undefined;
}

/** A link appears whole or not at all, and never over another. */
function claim(fresh: string, file: string): boolean {
  try {
    linkSync(fresh, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the stale lock, but gives it back when in the meantime it became somebody's. */
function takeAway(file: string, stale: string): void {
  const aside = `${file}.stale.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (readOr(aside) !== stale) claim(aside, file);
  rmSync(aside, { force: true });
}

function readOr(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const { pid, began } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && typeof began === 'string' ? { pid, began } : undefined;
  } catch {
    return undefined;
  }
}

function isSameProcess({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return beganAt(pid) === began;
}

/** When a process began, in ticks since the machine did, with the machine's own beginning; empty where there is no /proc. */
function beganAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return '';
  }
}
