import { randomBytes } from 'node:crypto';
import { freeBytes } from '../../../platform/http/free-bytes.ts';
import { type ObjectStorage, ObjectStorageError } from '../../../platform/http/object-storage.ts';
import { PayloadDamaged } from './cipher.ts';
import { opened, sealed } from './sealed-stream.ts';
import { type ChunkSecret, NoRoom, type PayloadStore, type Stored } from './store.ts';

/** Bytes of a part, and held in memory for a payload on its way in: the least that S3 takes, and of all but the last the same. */
const partBytes = 5 * 2 ** 20;
const prefix = 'payloads/';

/** Payloads as objects of an S3-compatible store, for clusters: every process sees the same ones. */
export class ObjectStore implements PayloadStore {
  readonly #storage: ObjectStorage;
  readonly #wall: () => number;

  constructor(storage: ObjectStorage, wall: () => number) {
    this.#storage = storage;
    this.#wall = wall;
  }

  async put(payload: AsyncIterable<Buffer>, secret: ChunkSecret): Promise<Stored> {
    // not by the hash of its bytes: an object in parts has its name before its end has come
    const reference = randomBytes(32).toString('hex');
    const key = prefix + reference;
    const tally = { length: 0 };
    const tags: string[] = [];
    const part = Buffer.allocUnsafe(partBytes);
    let [uploadId, filled]: [string | undefined, number] = [undefined, 0];
    try {
      for await (const pieces of sealed(payload, secret, tally)) {
        for (const piece of pieces) {
          for (let taken = 0; taken < piece.length; ) {
            if (filled === partBytes) {
              uploadId ??= await this.#storage.begin(key);
              tags.push(await this.#storage.putPart(key, uploadId, tags.length + 1, part));
              filled = 0;
            }
            const copied = piece.copy(part, filled, taken);
            filled += copied;
            taken += copied;
          }
          freeBytes(piece);
        }
      }
      const rest = part.subarray(0, filled);
      if (uploadId === undefined) await this.#storage.put(key, rest);
      else {
        tags.push(await this.#storage.putPart(key, uploadId, tags.length + 1, rest));
        await this.#storage.complete(key, uploadId, tags);
      }
      freeBytes(part);
      return { reference, length: tally.length };
    } catch (error) {
      if (uploadId !== undefined) await this.#storage.abort(key, uploadId).catch(() => undefined);
      throw isFull(error) ? new NoRoom('the object store is full', { cause: error }) : error;
    }
  }

  async *read({ reference, length }: Stored, secret: ChunkSecret): AsyncGenerator<Buffer> {
    const response = await this.#storage.get(keyOf(reference)).catch((error) => {
      throw error instanceof ObjectStorageError && error.status === 404
        ? new PayloadDamaged(`There is no payload ${reference}.`)
        : error;
    });
    try {
      yield* opened(filling(response), length, secret);
    } finally {
      response.destroy();
    }
  }

  async remove(reference: string): Promise<void> {
    await this.#storage.remove(keyOf(reference));
  }

  async *idle(millis: number): AsyncGenerator<string> {
    for await (const { key, modifiedAt } of this.#storage.list(prefix))
      if (this.#wall() - modifiedAt >= millis) yield key.slice(prefix.length);
  }

  async removeUnfinished(millis: number): Promise<number> {
    const old = (await this.#storage.uploads(prefix)).filter(({ beganAt }) => this.#wall() - beganAt >= millis);
    for (const { key, uploadId } of old) await this.#storage.abort(key, uploadId);
    return old.length;
  }
}

function keyOf(reference: string): string {
  // a reference is a row's; a damaged one must not lead anywhere else
  if (!/^[0-9a-f]{64}$/.test(reference)) throw new PayloadDamaged(`There is no payload ${reference}.`);
  return prefix + reference;
}

/** No room or no quota left, in the words of several stores. */
function isFull(error: unknown): boolean {
  if (!(error instanceof ObjectStorageError)) return false;
  return error.status === 507 || /<Code>(QuotaExceeded|\w*StorageFull|InsufficientCapacity)</.test(error.message);
}

/** Fills buffers with what comes, one after the other. */
function filling(source: AsyncIterable<Buffer>): (bytes: Buffer) => Promise<void> {
  const pieces = source[Symbol.asyncIterator]();
  let [piece, used]: [Buffer, number] = [Buffer.alloc(0), 0];
  return async (bytes) => {
    for (let filled = 0; filled < bytes.length; ) {
      if (used === piece.length) {
        const { value, done } = await pieces.next();
        if (done) throw new PayloadDamaged('A stored payload ends too early.');
        freeBytes(piece);
        [piece, used] = [value, 0];
      }
      const copied = piece.copy(bytes, filled, used);
      filled += copied;
      used += copied;
    }
  };
}
