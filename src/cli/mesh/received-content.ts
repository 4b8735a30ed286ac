import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { type Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { syncFile } from './kept-state.ts';
import { digestOf } from './sent-file.ts';
import { Failure } from './trouble.ts';

/** A chunk as it was received: how many bytes, and whether they are a gzip stream or a part of one. */
export type ReceivedChunk = { readonly bytes: number; readonly isGzip: boolean };

/** The published limit of a message; more than it never comes out of a compressed one. */
const mostBytes = 100_000_000_000;

/**
 * Writes the content of a message, whose chunks stand one after another in `from`, to `to`, durably; compressed chunks
 * are decompressed, whether each is a gzip stream of its own or all are pieces of one. Its size and SHA-256. Throws
 * Failure when compressed content is damaged or ends early.
 */
export async function unpack(
  from: string,
  to: string,
  chunks: readonly ReceivedChunk[],
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  await (await open(to, 'w')).close();
  let at = 0;
  for (const run of runsOf(chunks)) {
    if (run.bytes === 0) continue;
    const piece = createReadStream(from, { start: at, end: at + run.bytes - 1, highWaterMark: 1 << 20 });
    const count = new Transform({
      transform(data: Buffer, _encoding, done) {
        bytes += data.length;
        hash.update(data);
        done(bytes > mostBytes ? new Failure('the content is larger than a message can be') : null, data);
      },
    });
    const target = createWriteStream(to, { flags: 'a' });
    await (run.isGzip ? gunzip(piece, count, target, run.bytes) : pipeline(piece, count, target));
    at += run.bytes;
  }
  await syncFile(to);
  return { bytes, sha256: hash.digest('hex') };
}

/** Size and SHA-256 of content that was not compressed. */
export async function measure(path: string): Promise<{ bytes: number; sha256: string }> {
  const { size } = await stat(path);
  return { bytes: size, sha256: await digestOf(path) };
}

/** Neighbouring chunks of the same kind as one: gzip streams one after another are a gzip stream. */
export function runsOf(chunks: readonly ReceivedChunk[]): ReceivedChunk[] {
  const runs: ReceivedChunk[] = [];
  for (const chunk of chunks) {
    const last = runs.at(-1);
    if (last?.isGzip === chunk.isGzip) runs[runs.length - 1] = { ...last, bytes: last.bytes + chunk.bytes };
    else runs.push(chunk);
  }
  return runs;
}

async function gunzip(piece: Readable, count: Transform, target: Writable, bytes: number): Promise<void> {
  const unpacked = createGunzip({ chunkSize: 1 << 18 });
  try {
    await pipeline(piece, unpacked, count, target);
  } catch (error) {
    if (/^Z_|^ERR_/.test(String((error as { code?: unknown }).code)))
      throw new Failure(`the compressed content is damaged: ${(error as Error).message}`);
    throw error;
  }
  // zlib passes over what follows a stream and is none: here that would be lost content
  if (unpacked.bytesWritten !== bytes) throw new Failure('the compressed content is damaged: it ends too early');
}
