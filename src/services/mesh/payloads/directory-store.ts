import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, opendir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PayloadDamaged, sealedLength } from './cipher.ts';
import { opened, sealed } from './sealed-stream.ts';
import { type ChunkSecret, NoRoom, type PayloadStore, type Stored } from './store.ts';
import { WriteBehind } from './write-behind.ts';

/**
 * Payloads as files of a directory, each named by the SHA-256 of its (encrypted) bytes. A file has its name, and is durable
 * with it, before anything refers to it; what was not finished lies in `incoming`.
 */
export class DirectoryStore implements PayloadStore {
  readonly #directory: string;
  /** Milliseconds since 1970 by the clock that file times are of. */
  readonly #wall: () => number;

  constructor(directory: string, wall: () => number) {
    this.#directory = directory;
    this.#wall = wall;
  }

  /** Makes the directories; to be called before anything else. */
  async prepare(): Promise<void> {
    await mkdir(this.#incoming(''), { recursive: true });
    for (let shelf = 0; shelf < 256; shelf++) {
      await mkdir(join(this.#directory, 'payloads', shelf.toString(16).padStart(2, '0')), { recursive: true });
    }
    await syncDirectory(join(this.#directory, 'payloads'));
    await syncDirectory(this.#directory);
  }

  async put(payload: AsyncIterable<Buffer>, secret: ChunkSecret): Promise<Stored> {
    const incoming = this.#incoming(randomUUID());
    const file = await open(incoming, 'wx', 0o600).catch((error) => {
      throw isFull(error) ? new NoRoom('the directory of payloads is full', { cause: error }) : error;
    });
    try {
      const { hash, length } = await writeSealed(file, payload, secret);
      await file.close();
      const path = this.#path(hash);
      await rename(incoming, path);
      await syncDirectory(join(path, '..'));
      return { reference: hash, length };
    } catch (error) {
      await file.close().catch(() => undefined);
      await unlink(incoming).catch(() => undefined);
      throw isFull(error) ? new NoRoom('the directory of payloads is full', { cause: error }) : error;
    }
  }

  async *read({ reference, length }: Stored, secret: ChunkSecret): AsyncGenerator<Buffer> {
    const file = await open(this.#path(reference), 'r').catch((error) => {
      throw (error as { code?: string }).code === 'ENOENT'
        ? new PayloadDamaged(`There is no payload ${reference}.`)
        : error;
    });
    try {
      if ((await file.stat()).size !== sealedLength(length))
        throw new PayloadDamaged(`The payload ${reference} is not as long as it was.`);
      let position = 0;
      const fill = async (bytes: Buffer) => {
        const from = position;
        position += bytes.length;
        await readExactly(file, bytes, from);
      };
      yield* opened(fill, length, secret);
    } finally {
      await file.close();
    }
  }

  async remove(reference: string): Promise<void> {
    await unlink(this.#path(reference)).catch(ignoreAbsent);
  }

  async *idle(millis: number): AsyncGenerator<string> {
    for (let shelf = 0; shelf < 256; shelf++) {
      const directory = join(this.#directory, 'payloads', shelf.toString(16).padStart(2, '0'));
      for await (const name of this.#untouched(directory, millis)) yield name;
    }
  }

  async removeUnfinished(millis: number): Promise<number> {
    let removed = 0;
    for await (const name of this.#untouched(this.#incoming(''), millis)) {
      await unlink(this.#incoming(name)).catch(ignoreAbsent);
      removed++;
    }
    return removed;
  }

  async *#untouched(directory: string, millis: number): AsyncGenerator<string> {
    for await (const entry of await opendir(directory)) {
      const facts = await stat(join(directory, entry.name)).catch(ignoreAbsent);
      if (facts && this.#wall() - facts.mtimeMs >= millis) yield entry.name;
    }
  }

  #incoming(name: string): string {
    return join(this.#directory, 'incoming', name);
  }

  #path(reference: string): string {
    // a reference is a row's; a damaged one must not lead anywhere else
    if (!/^[0-9a-f]{64}$/.test(reference)) throw new PayloadDamaged(`There is no payload ${reference}.`);
    return join(this.#directory, 'payloads', reference.slice(0, 2), reference);
  }
}

/** Encrypts what comes into segments and writes them; resolves when all of them are durable. */
async function writeSealed(
  file: FileHandle,
  payload: AsyncIterable<Buffer>,
  secret: ChunkSecret,
): Promise<{ hash: string; length: number }> {
  const hash = createHash('sha256');
  const behind = new WriteBehind(file);
  const tally = { length: 0 };
  for await (const parts of sealed(payload, secret, tally)) {
    for (const part of parts) hash.update(part);
    await behind.add(parts);
  }
  await behind.end();
  return { hash: hash.digest('hex'), length: tally.length };
}

/** Fills the bytes from a file. */
async function readExactly(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let got = 0;
  while (got < bytes.length) {
    const { bytesRead } = await file.read(bytes, got, bytes.length - got, position + got);
    if (bytesRead === 0) throw new PayloadDamaged('A stored payload ends too early.');
    got += bytesRead;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** No space, no quota, or no inode left. */
function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
