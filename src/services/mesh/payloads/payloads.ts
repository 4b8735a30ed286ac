import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { freeBytes } from '../../../platform/http/free-bytes.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import type { StoredChunk } from '../messages/queries.ts';
import { openWhole, sealWhole } from './cipher.ts';
import type { ChunkSecret, PayloadStore } from './store.ts';

/** Payloads up to this many bytes are kept with their message in the database, larger ones in the payload store. */
export const inlineBytes: number = 64 * 1024;

/** A payload is larger than one request may bring. */
export class PayloadTooLarge extends Error {}

/** A message's key, and the form in which its row keeps it. */
export type MessageKey = { readonly key: Buffer; readonly sealedKey: string };

const contextOf = (messageId: string) => `mesh payload of ${messageId}`;

/** Takes payloads in, gives them out: encrypted under a key of each message, which the master key seals. */
export class Payloads {
  readonly #vault: Vault;
  readonly #store: PayloadStore;

  constructor(vault: Vault, store: PayloadStore) {
    this.#vault = vault;
    this.#store = store;
  }

  newKey(messageId: string): MessageKey {
    const key = randomBytes(32);
    return { key, sealedKey: this.#vault.seal(key.toString('base64'), contextOf(messageId)) };
  }

  openKey(messageId: string, sealedKey: string): Buffer {
    return Buffer.from(this.#vault.open(sealedKey, contextOf(messageId)), 'base64');
  }

  /**
   * Takes in one chunk as it comes: into memory while it is small, then into the store. Undefined for an empty one. Throws
   * PayloadTooLarge beyond `limit` bytes, and the stream's own error when the sender breaks off; nothing is kept then.
   */
  async receive(
    stream: Readable,
    limit: number,
    secret: ChunkSecret,
    number: number,
  ): Promise<StoredChunk | undefined> {
    return this.#take(bounded(stream, limit), secret, number, (pieces) => pieces);
  }

  /** `receive` of a request's body: its pieces are nobody else's, so their memory is given back as they are taken in. */
  async receiveBody(
    body: Readable,
    limit: number,
    secret: ChunkSecret,
    number: number,
  ): Promise<StoredChunk | undefined> {
    return this.#take(bounded(body, limit), secret, number, freed);
  }

  async #take(
    pieces: AsyncGenerator<Buffer, undefined>,
    secret: ChunkSecret,
    number: number,
    through: (pieces: AsyncGenerator<Buffer>) => AsyncGenerator<Buffer>,
  ): Promise<StoredChunk | undefined> {
    const gathered: Buffer[] = [];
    let size = 0;
    for (;;) {
      const { value, done } = await pieces.next();
      if (done) break;
      gathered.push(value);
      size += value.length;
      if (size > inlineBytes) {
        const isCompressed = isGzip(gathered);
        const { reference, length } = await this.#store.put(through(both(gathered, pieces)), secret);
        return { number, length, isGzip: isCompressed, bytes: undefined, reference };
      }
    }
    if (size === 0) return undefined;
    const bytes = gathered.length === 1 ? (gathered[0] as Buffer) : Buffer.concat(gathered);
    return this.small(bytes, secret, number);
  }

  /** A chunk of few bytes as it is kept. */
  small(bytes: Buffer, secret: ChunkSecret, number: number): StoredChunk {
    return {
      number,
      length: bytes.length,
      isGzip: isGzip([bytes]),
      bytes: sealWhole(secret, bytes),
      reference: undefined,
    };
  }

  /** A small chunk's bytes, or a large one's as they are read. */
  open(chunk: StoredChunk, secret: ChunkSecret): Buffer | AsyncIterable<Buffer> {
    if (chunk.bytes) return openWhole(secret, chunk.bytes);
    return this.#store.read({ reference: chunk.reference as string, length: chunk.length }, secret);
  }

  async remove(references: readonly string[]): Promise<void> {
    for (const reference of references) await this.#store.remove(reference);
  }
}

/** What encrypts a chunk: the message's key, and which chunk of which message it is. */
export function secretOf(key: Buffer, messageId: string, number: number): ChunkSecret {
  return { key, context: `${messageId} ${number}` };
}

async function* bounded(stream: Readable, limit: number): AsyncGenerator<Buffer, undefined> {
  let size = 0;
  // not destroyed when reading ends early: its connection still has to carry the refusal
  for await (const piece of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > limit) throw new PayloadTooLarge(`more than ${limit} bytes`);
    yield piece;
  }
}

async function* both(first: readonly Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

/** Gives each piece's memory back when the next one is asked for. */
async function* freed(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    yield piece;
    freeBytes(piece);
  }
}

/** Whether bytes begin as a gzip stream does (RFC 1952). */
function isGzip(pieces: readonly Buffer[]): boolean {
  const start = Buffer.concat(pieces.map((piece) => piece.subarray(0, 3))).subarray(0, 3);
  return start.length === 3 && start[0] === 0x1f && start[1] === 0x8b && start[2] === 8;
}
