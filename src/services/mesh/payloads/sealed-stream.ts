import { newPrefix, openSegment, overhead, sealSegment, segmentBytes } from './cipher.ts';
import type { ChunkSecret } from './store.ts';

/** Encrypts what comes, a segment at a time; `tally` has its length once it has ended. */
export async function* sealed(
  payload: AsyncIterable<Buffer>,
  secret: ChunkSecret,
  tally: { length: number },
): AsyncGenerator<Buffer[]> {
  const prefix = newPrefix();
  yield [prefix];
  let [index, filled] = [0, 0];
  const segment = Buffer.allocUnsafe(segmentBytes);
  for await (const piece of payload) {
    tally.length += piece.length;
    let taken = 0;
    while (taken < piece.length) {
      // a full segment goes only when more has come: the last one is marked as such
      if (filled === segmentBytes) {
        yield sealSegment(secret, prefix, index++, false, segment);
        filled = 0;
      }
      const copied = piece.copy(segment, filled, taken);
      filled += copied;
      taken += copied;
    }
  }
  yield sealSegment(secret, prefix, index, true, segment.subarray(0, filled));
}

/**
 * Decrypts what `sealed` made of a payload of so many bytes; `read` gives the next bytes, exactly as many as asked for, or
 * fails. Throws PayloadDamaged at the first segment that is not as it was.
 */
export async function* opened(
  read: (size: number) => Promise<Buffer>,
  length: number,
  secret: ChunkSecret,
): AsyncGenerator<Buffer> {
  const prefix = await read(overhead.prefix);
  const segments = Math.max(1, Math.ceil(length / segmentBytes));
  for (let index = 0; index < segments; index++) {
    const isLast = index === segments - 1;
    const plain = isLast ? length - index * segmentBytes : segmentBytes;
    yield openSegment(secret, prefix, index, isLast, await read(plain + overhead.segment));
  }
}
