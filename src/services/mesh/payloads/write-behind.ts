import type { FileHandle } from 'node:fs/promises';
import { freeBytes } from '../../../platform/http/free-bytes.ts';
import { segmentBytes } from './cipher.ts';

/** Bytes of one write, and of what lies in the cache before the disk is told to begin with it. */
const [writeBytes, syncBytes] = [2 * segmentBytes, 16 * 2 ** 20];

const none = Buffer.alloc(0);

/**
 * Writes while the next bytes are encrypted, one write at a time, and has the disk begin early, so that little is left to wait
 * for at the end. A failure of any of it fails the next call, and so the end.
 */
export class WriteBehind {
  readonly #file: FileHandle;
  #gathered: Buffer[] = [];
  #size = 0;
  #unsynced = 0;
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<void> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Takes the parts over: their memory is given back when they are written. */
  async add(parts: readonly Buffer[]): Promise<void> {
    for (const part of parts) {
      this.#gathered.push(part);
      this.#size += part.length;
    }
    if (this.#size >= writeBytes) await this.#flush();
  }

  /** Resolves when everything is on the disk. */
  async end(): Promise<void> {
    await this.#flush();
    await this.#writing;
    // a disk tells of a failure once: that of an earlier round counts too
    await this.#syncing;
    await this.#file.datasync();
  }

  async #flush(): Promise<void> {
    await this.#writing;
    if (this.#unsynced >= syncBytes) {
      await this.#syncing;
      this.#syncing = this.#file.datasync();
      this.#syncing.catch(() => undefined);
      this.#unsynced = 0;
    }
    const parts = this.#gathered;
    this.#unsynced += this.#size;
    this.#gathered = [];
    this.#size = 0;
    this.#writing = writeAll(this.#file, parts);
    this.#writing.catch(() => undefined);
  }
}

async function writeAll(file: FileHandle, parts: Buffer[]): Promise<void> {
  const wanted = parts.reduce((sum, part) => sum + part.length, 0);
  const { bytesWritten } = await file.writev(parts);
  // a short write: the disk is nearly full, or a signal came
  let rest = bytesWritten === wanted ? none : Buffer.concat(parts).subarray(bytesWritten);
  while (rest.length > 0) rest = rest.subarray((await file.write(rest)).bytesWritten);
  for (const part of parts) freeBytes(part);
}
