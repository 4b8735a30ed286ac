import { timingSafeEqual } from 'node:crypto';
import { generate, generateSecret, generateURI } from 'otplib';

/** Seconds a code lasts (RFC 6238; six digits, SHA-1: what every authenticator app knows). */
const stepSeconds = 30;

/** A new seed, base32, 160 random bits. */
export const newSeed = (): string => generateSecret({ length: 20 });

/** The address an app reads from the QR code. */
export const addressOfSeed = (seed: string, userId: string): string =>
  generateURI({ issuer: 'OpenSpine', label: userId, secret: seed });

/**
 * The time step for which the code is right: the present one, the one before or the one after, and later than `lastStep`,
 * since each code is good once. Undefined when it is right for none. `now` in milliseconds.
 */
export async function stepOf(code: string, seed: string, lastStep: number, now: number): Promise<number | undefined> {
  const present = Math.floor(now / 1000 / stepSeconds);
  let found: number | undefined;
  // all three are worked out whatever the first says, so that the time taken tells nothing
  for (const step of [present + 1, present, present - 1]) {
    const right = Buffer.from(await generate({ secret: seed, epoch: step * stepSeconds }));
    const given = Buffer.from(code);
    if (given.length === right.length && timingSafeEqual(given, right) && isUnspent(step, lastStep)) found = step;
  }
  return found;
}

/** Steps of a day: a last step further ahead is that of a sandbox whose clock was put back. */
export const dayOfSteps = 2880;

const isUnspent = (step: number, lastStep: number): boolean => step > lastStep || lastStep > step + dayOfSteps;

/** A code as people type it: blanks within are nothing. */
export const codeOf = (typed: string | undefined): string => (typed ?? '').replace(/\s/g, '');
