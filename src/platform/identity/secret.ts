import { createHash, timingSafeEqual } from 'node:crypto';

/** How a client secret is kept. Ours are random and long, so that one round of SHA-256 is enough. */
export function hashSecret(secret: string): string {
  return `sha256:${createHash('sha256').update(secret).digest('hex')}`;
}

/** True when the secret is the one that was hashed, in a time that does not tell how far it agrees. */
export function isSecret(given: string, hash: string | undefined): boolean {
  if (hash === undefined) return false;
  const [a, b] = [Buffer.from(hashSecret(given)), Buffer.from(hash)];
  return a.length === b.length && timingSafeEqual(a, b);
}
