import { accessSync, constants, existsSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { homeOf, ownerOfServer } from '../platform/db/server-files.ts';
import { StartRefused } from './start-refused.ts';

/** Bytes that must be free before the program starts. */
export const leastFreeBytes = 200 * 2 ** 20;

const why: Record<string, string> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'it is not a directory',
  ENOENT: 'nothing can be made there',
  ENOSPC: 'the disk is full',
  ELOOP: 'the path is a loop of links',
};

/** Makes the data directory if need be and sees that it can be written; throws StartRefused. */
export function checkDataDirectory(directory: string): void {
  try {
    makeDirectory(directory);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartRefused(unusable(directory, error));
  }
}

/** Step by step: the recursive form does not come back where nothing can be made, as below /proc. */
function makeDirectory(directory: string): void {
  if (existsSync(directory)) {
    if (!statSync(directory).isDirectory()) throw Object.assign(new Error(), { code: 'EEXIST' });
    return;
  }
  makeDirectory(dirname(directory));
  try {
    mkdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !statSync(directory).isDirectory()) throw error;
  }
}

/** The sentence for a data directory that cannot be used. */
export function unusable(directory: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return `The data directory ${directory} cannot be used: ${why[code ?? ''] ?? message}; give another with OPENSPINE_DATA.`;
}

/** Free bytes on the disk of a path that need not exist yet. */
export function freeBytes(path: string): number {
  let at = path;
  while (!existsSync(at)) at = dirname(at);
  const { bavail, bsize } = statfsSync(at);
  return bavail * bsize;
}

/** Where the embedded database keeps its data for this data directory. */
export function databaseHome(directory: string): string {
  return homeOf(directory, ownerOfServer());
}

/** Sees that there is room for the data; throws StartRefused. `measure` answers the free bytes of a path. */
export function checkDisk(directories: readonly string[], measure: (path: string) => number = freeBytes): void {
  for (const directory of directories) {
    const free = measure(directory);
    if (free < leastFreeBytes)
      throw new StartRefused(
        `The disk of ${directory} has only ${Math.floor(free / 2 ** 20)} MB left; free at least ${leastFreeBytes / 2 ** 20} MB and start again.`,
      );
  }
}

/**
 * Sees that the address is free by binding it for ourselves alone for a moment; the port (a free one when 0 was asked).
 * `patience`: how long to wait for it, in milliseconds, where an instance killed before may still be letting go of it.
 */
export async function checkPort(port: number, host: string, patience = 0): Promise<number> {
  const until = performance.now() + patience;
  for (;;) {
    try {
      return await bindOnce(port, host);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE' && performance.now() < until) {
        await new Promise((done) => setTimeout(done, 100));
        continue;
      }
      throw new StartRefused(portSentence(port, host, error));
    }
  }
}

/** The sentence for an address that cannot be listened on. */
export function portSentence(port: number, host: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return `Port ${port} is in use; set OPENSPINE_PORT to another.`;
  if (code === 'EACCES') return `Port ${port} needs rights this user does not have; set OPENSPINE_PORT above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${host} is not an address of this machine; set OPENSPINE_HOST to one that is.`;
  return `Nothing can listen on ${host} port ${port}: ${message}.`;
}

function bindOnce(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
