import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { secretOf } from '../payloads/payloads.ts';
import type { Message } from './message.ts';
import type { MessageParts } from './parts.ts';
import type { StoredChunk } from './queries.ts';

/** A payload that cannot be read by us: no gzip though it begins as one, or larger than may be read. */
export class UnreadablePayload extends Error {}

/** The bytes of all chunks in their order, as they were sent. `own`: a chunk that is not written yet. */
export async function* readPayload(
  parts: Pick<MessageParts, 'chunks' | 'payloads'>,
  message: Pick<Message, 'mailboxId' | 'messageId' | 'totalChunks' | 'sealedKey'>,
  own?: StoredChunk,
): AsyncGenerator<Buffer> {
  const { mailboxId, messageId, totalChunks, sealedKey } = message;
  if (sealedKey === undefined) throw new UnreadablePayload('the payload is gone');
  const key = parts.payloads.openKey(messageId, sealedKey);
  for (let number = 1; number <= totalChunks; number++) {
    const chunk = own?.number === number ? own : (await parts.chunks.find(mailboxId, messageId, number))?.chunk;
    if (!chunk) throw new UnreadablePayload(`chunk ${number} is missing`);
    const bytes = parts.payloads.open(chunk, secretOf(key, messageId, number));
    if (Buffer.isBuffer(bytes)) yield bytes;
    else yield* bytes;
  }
}

/**
 * The payload without its compression: clients compress without always saying so, each chunk by itself or one stream cut
 * in pieces; joined, both are read alike. Throws `UnreadablePayload` beyond `limit` bytes and where it is broken.
 */
export async function* withoutGzip(pieces: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  const source = pieces[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  let isEnded = false;
  while (start.length < 2 && !isEnded) {
    const { value, done } = await source.next();
    isEnded = done === true;
    if (!isEnded) start = Buffer.concat([start, value as Buffer]);
  }
  const all = joined(start, isEnded ? undefined : source);
  const isGzip = start[0] === 0x1f && start[1] === 0x8b;
  let size = 0;
  for await (const piece of isGzip ? gunzipped(all) : all) {
    size += piece.length;
    if (size > limit) throw new UnreadablePayload(`more than ${limit} bytes`);
    yield piece;
  }
}

async function* joined(start: Buffer, rest: AsyncIterator<Buffer> | undefined): AsyncGenerator<Buffer> {
  try {
    if (start.length > 0) yield start;
    while (rest) {
      const { value, done } = await rest.next();
      if (done) return;
      yield value;
    }
  } finally {
    // whoever stops reading early lets go of the file
    await rest?.return?.();
  }
}

async function* gunzipped(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let failure: unknown;
  const running = pipeline(Readable.from(pieces), gunzip).catch((error: unknown) => {
    failure = error;
  });
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) yield piece;
  } catch (error) {
    if (String((error as { code?: string }).code).startsWith('Z_'))
      throw new UnreadablePayload('it begins as gzip and is none');
    throw failure ?? error;
  } finally {
    gunzip.destroy();
    await running;
  }
}
