import { createHash, randomUUID } from 'node:crypto';

/** A reference nobody can guess. */
export const uuidv4 = (): string => randomUUID();

/**
 * The id of what a request makes: the same user sending the same X-Request-ID for the same thing makes it once. Without
 * a request id each request is another. RFC 9562, version 8.
 */
export function idOfRequest(userId: string, requestId: string | undefined, what: string): string {
  if (requestId === undefined || requestId === '') return randomUUID();
  const hex = createHash('sha256')
    .update(JSON.stringify([userId, requestId, what]))
    .digest('hex');
  const variant = ((Number.parseInt(hex[16] as string, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
