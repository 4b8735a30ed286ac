import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { ChunkSecret } from './store.ts';

/** A payload cannot be read as it was put: it was altered, cut short, or belongs to another chunk. */
export class PayloadDamaged extends Error {}

const tagBytes = 16;
const prefixBytes = 8;
/** Bytes encrypted at once; as many as are held in memory for a payload on its way. */
export const segmentBytes: number = 256 * 1024;
/** Bytes of the prefix that every stored payload begins with, and that each of its segments is longer by. */
export const overhead = { prefix: prefixBytes, segment: tagBytes } as const;

const nonceOf = (prefix: Buffer, index: number): Buffer => {
  // memory that was given back too early must not make a nonce of zeros
  if (prefix.length !== prefixBytes) throw new RangeError(`A prefix has ${prefixBytes} bytes.`);
  const nonce = Buffer.alloc(12);
  prefix.copy(nonce);
  nonce.writeUInt32BE(index, prefixBytes);
  return nonce;
};

const labelOf = (context: string, index: number, isLast: boolean) => Buffer.from(`${context} ${index} ${isLast}`);

/** A new prefix; random, so that a chunk sent again is never encrypted with the same nonce. */
export const newPrefix = (): Buffer => randomBytes(prefixBytes);

/**
 * AES-256-GCM of one segment, its tag at the end. Its place and whether it is the last are authenticated with it: segments
 * cannot be left out, put elsewhere or cut off.
 */
export function sealSegment(
  secret: ChunkSecret,
  prefix: Buffer,
  index: number,
  isLast: boolean,
  plain: Buffer,
): Buffer[] {
  const cipher = createCipheriv('aes-256-gcm', secret.key, nonceOf(prefix, index));
  cipher.setAAD(labelOf(secret.context, index, isLast));
  return [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
}

/** Opens what `sealSegment` made; throws PayloadDamaged. */
export function openSegment(
  secret: ChunkSecret,
  prefix: Buffer,
  index: number,
  isLast: boolean,
  sealed: Buffer,
): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret.key, nonceOf(prefix, index), { authTagLength: tagBytes });
    decipher.setAAD(labelOf(secret.context, index, isLast));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
    decipher.final();
    return plain;
  } catch {
    throw new PayloadDamaged(`A stored payload was altered or belongs elsewhere (${secret.context}).`);
  }
}

/** A small payload as it is kept in a row. */
export function sealWhole(secret: ChunkSecret, plain: Buffer): Buffer {
  const prefix = newPrefix();
  return Buffer.concat([prefix, ...sealSegment(secret, prefix, 0, true, plain)]);
}

/** Opens what `sealWhole` made; throws PayloadDamaged. */
export function openWhole(secret: ChunkSecret, sealed: Buffer): Buffer {
  return openSegment(secret, sealed.subarray(0, prefixBytes), 0, true, sealed.subarray(prefixBytes));
}

/** How long a stored payload of so many bytes is. */
export function sealedLength(length: number): number {
  return prefixBytes + length + Math.max(1, Math.ceil(length / segmentBytes)) * tagBytes;
}
