import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from './trouble.ts';

const lockName = '.openspine-mesh.lock';

/**
 * Does the work while no other client works in the directory. Throws Failure when one does; what a killed one left behind
 * is taken over.
 */
export async function aloneIn<Result>(directory: string, work: () => Promise<Result>): Promise<Result> {
  const path = join(directory, lockName);
  const own = join(directory, `${lockName}.${randomUUID()}`);
  try {
    // linked when it is written, so that no lock is ever seen empty
    await writeFile(own, whoIs(process.pid), { mode: 0o600 });
    for (let attempt = 1; !(await taken(own, path)); attempt++) {
      const holder = await readFile(path, 'utf8').catch(() => '');
      const pid = Number(holder.split(' ')[0]);
      if (attempt > 2 || whoIs(pid) === holder)
        throw new Failure(`Another client works in ${directory} (process ${pid}).`);
      await rm(path, { force: true });
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined) throw new Failure(`${directory} cannot be written: ${code}.`);
    throw error;
  } finally {
    await rm(own, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

const taken = (own: string, path: string): Promise<boolean> =>
  link(own, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );

/** Process id and, where the system tells, when it began: ids are given anew. */
function whoIs(pid: number): string {
  if (!(pid > 0)) return 'nobody';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return isAlive(pid) ? `${pid} ` : 'nobody';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
