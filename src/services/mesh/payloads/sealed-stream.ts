import { newPrefix, openSegment, overhead, sealSegment, segmentBytes } from './cipher.ts';
import type { ChunkSecret } from './store.ts';

/**
 * Encrypts what comes, a segment at a time; `tally` has its length once it has ended. A piece is used up when the next one is
 * asked for; what is given out is the receiver's alone.
 */
export async function* sealed(
  payload: AsyncIterable<Buffer>,
  secret: ChunkSecret,
  tally: { length: number },
): AsyncGenerator<Buffer[]> {
  const prefix = newPrefix();
  // a copy: what is given out may be gone soon
  yield [Buffer.from(prefix)];
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
 * Decrypts what `sealed` made of a payload of so many bytes; `fill` puts the next bytes into the buffer, or fails where there
 * are too few. What is given out is the receiver's alone. Throws PayloadDamaged at the first segment that is not as it was.
 */
export async function* opened(
  fill: (bytes: Buffer) => Promise<void>,
  length: number,
  secret: ChunkSecret,
): AsyncGenerator<Buffer> {
  const prefix = Buffer.alloc(overhead.prefix);
  await fill(prefix);
  const segments = Math.max(1, Math.ceil(length / segmentBytes));
  const sizeOf = (index: number) => Math.min(segmentBytes, length - index * segmentBytes) + overhead.segment;
  const buffers = [0, 1].slice(0, segments).map(() => Buffer.allocUnsafe(sizeOf(0)));
  const readSegment = async (index: number) => {
    const bytes = (buffers[index % 2] as Buffer).subarray(0, sizeOf(index));
    await fill(bytes);
    return bytes;
  };
  // the next segment is read while this one is on its way, into two buffers by turns
  let next = readSegment(0);
  for (let index = 0; index < segments; index++) {
    const bytes = await next;
    const isLast = index === segments - 1;
    if (!isLast) {
      next = readSegment(index + 1);
      // whoever waits for it hears of a failure; it may be that nobody does any more
      next.catch(() => undefined);
    }
    yield openSegment(secret, prefix, index, isLast, bytes);
  }
}
