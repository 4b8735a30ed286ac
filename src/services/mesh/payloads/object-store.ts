import { randomBytes } from 'node:crypto';
import { type ObjectStorage, ObjectStorageError } from '../../../platform/http/object-storage.ts';
import { PayloadDamaged } from './cipher.ts';
import { opened, sealed } from './sealed-stream.ts';
import type { ChunkSecret, PayloadStore, Stored } from './store.ts';

/** Bytes sent at once, and held in memory for a payload on its way in. */
const partBytes = 8 * 2 ** 20;
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
    let uploadId: string | undefined;
    let gathered: Buffer[] = [];
    let size = 0;
    try {
      for await (const parts of sealed(payload, secret, tally)) {
        if (size >= partBytes) {
          uploadId ??= await this.#storage.begin(key);
          tags.push(await this.#storage.putPart(key, uploadId, tags.length + 1, Buffer.concat(gathered)));
          [gathered, size] = [[], 0];
        }
        // copied, since a segment's buffer is used again
        const piece = Buffer.concat(parts);
        gathered.push(piece);
        size += piece.length;
      }
      const rest = Buffer.concat(gathered);
      if (uploadId === undefined) await this.#storage.put(key, rest);
      else {
        tags.push(await this.#storage.putPart(key, uploadId, tags.length + 1, rest));
        await this.#storage.complete(key, uploadId, tags);
      }
      return { reference, length: tally.length };
    } catch (error) {
      if (uploadId !== undefined) await this.#storage.abort(key, uploadId).catch(() => undefined);
      throw error;
    }
  }

  async *read({ reference, length }: Stored, secret: ChunkSecret): AsyncGenerator<Buffer> {
    const response = await this.#storage.get(keyOf(reference)).catch((error) => {
      throw error instanceof ObjectStorageError && error.status === 404
        ? new PayloadDamaged(`There is no payload ${reference}.`)
        : error;
    });
    try {
      const pieces = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
      let held: Buffer = Buffer.alloc(0);
      const read = async (size: number) => {
        const taken: Buffer[] = [held];
        for (let got = held.length; got < size; ) {
          const { value, done } = await pieces.next();
          if (done) throw new PayloadDamaged('A stored payload ends too early.');
          taken.push(value);
          got += value.length;
        }
        const all = Buffer.concat(taken);
        held = all.subarray(size);
        return all.subarray(0, size);
      };
      yield* opened(read, length, secret);
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
