import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Chunk } from './chunks.ts';
import { Failure } from './trouble.ts';

/** What tells one state of a file from another. */
export type FileFacts = { readonly bytes: number; readonly inode: string; readonly changed: string };

const pieceBytes = 1 << 20;

async function factsOfOpen(file: FileHandle): Promise<FileFacts> {
  const { size, ino, mtimeNs } = await file.stat({ bigint: true });
  return { bytes: Number(size), inode: String(ino), changed: String(mtimeNs) };
}

/** Size and state of a file. Throws Failure when it is none, or cannot be read. */
export async function factsOf(path: string): Promise<FileFacts> {
  const file = await openToRead(path);
  try {
    if (!(await file.stat()).isFile()) throw new Failure(`${path} is not a file.`);
    return await factsOfOpen(file);
  } finally {
    await file.close();
  }
}

export const isSameFile = (one: FileFacts, other: FileFacts): boolean =>
  one.bytes === other.bytes && one.inode === other.inode && one.changed === other.changed;

/** SHA-256 of a file, in hexadecimal digits. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await openToRead(path);
  for await (const piece of file.createReadStream({ highWaterMark: pieceBytes })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

async function openToRead(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new Failure(error.code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read: ${error.code}.`);
  });
}

/**
 * A chunk of a file, read as it is sent; compressed, it is a gzip stream by itself. Fails before its last byte when the
 * file is no longer what `facts` say: half an old file and half a new one must not arrive as one.
 */
export function openChunk(
  path: string,
  facts: FileFacts,
  chunk: Chunk,
  isGzip: boolean,
  onSent: (bytes: number) => void,
): Readable {
  const pieces = Readable.from(piecesOf(path, facts, chunk, onSent), { objectMode: false });
  return isGzip ? pipeline(pieces, createGzip(), () => {}) : pieces;
}

async function* piecesOf(path: string, facts: FileFacts, chunk: Chunk, onSent: (bytes: number) => void) {
  const file = await openToRead(path);
  try {
    for (let sent = 0; sent < chunk.bytes; ) {
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.allocUnsafe(Math.min(pieceBytes, chunk.bytes - sent)),
        position: chunk.from + sent,
      });
      const isEnd = sent + bytesRead >= chunk.bytes;
      if (bytesRead === 0 || (isEnd && !isSameFile(await factsOfOpen(file), facts)))
        throw new Failure(`${path} changed while it was being sent.`);
      sent += bytesRead;
      yield buffer.subarray(0, bytesRead);
      onSent(chunk.from + sent);
    }
  } finally {
    await file.close();
  }
}
