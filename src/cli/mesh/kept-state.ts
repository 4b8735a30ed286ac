import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file so that after a crash it is there whole, or as it was before. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const staged = `${path}.new`;
  const file = await open(staged, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(staged, path);
  await syncDirectory(dirname(path));
}

/** Makes renames and removals in a directory durable. */
export const syncDirectory = (directory: string): Promise<void> => syncFile(directory);

/** Makes durable what was written to a file. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What a state file holds; undefined when there is none, or nothing that can be read as one. */
export async function readState<State>(path: string): Promise<State | undefined> {
  const content = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (content === undefined) return undefined;
  try {
    return JSON.parse(content) as State;
  } catch {
    return undefined;
  }
}

/** Removes a file if it is there. */
export async function forget(path: string): Promise<void> {
  await rm(path, { force: true });
}
