import { createHash, randomBytes } from 'node:crypto';

/** A code lasts a day. Ours. */
export const codeLifeMillis = 86_400_000;

// without letters that are taken for digits when read out or copied
const letters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** A new code: 24 letters and digits, 120 random bits, in groups of four. */
export function newEnrolmentCode(): string {
  const chars = [...randomBytes(24)].map((byte) => letters[byte % 32]).join('');
  return (chars.match(/.{4}/g) as string[]).join('-');
}

/** SHA-256 of a code as typed: small letters, blanks and hyphens do not matter; undefined when it is none by its form. */
export function hashOfCode(typed: string): Buffer | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, '');
  return /^[2-9A-HJ-NP-Z]{24}$/.test(code) ? createHash('sha256').update(code).digest() : undefined;
}
