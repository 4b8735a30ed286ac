import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../../../../platform/http/refusal.ts';
import { normalised } from './password-rules.ts';

/** Cost of scrypt: 2^15 blocks of 1 KB, three times over: 32 MB and some tenths of a second each (OWASP's figure). */
const cost = { logN: 15, r: 8, p: 3 };
const atOnce = 2;
const mostWaiting = 60;

let running = 0;
const waiting: (() => void)[] = [];

/** One after the other: a flood of tries must take neither the memory nor the threads that others need. */
async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= atOnce) {
    if (waiting.length >= mostWaiting)
      throw new Refusal(
        503,
        'BUSY',
        { error: 'BUSY', message: 'Too many people are logging on. Try again in a moment.' },
        {
          'retry-after': '5',
        },
      );
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

const derive = (password: string, salt: Buffer, { logN, r, p }: typeof cost): Promise<Buffer> =>
  inTurn(
    () =>
      new Promise((resolve, reject) => {
        const options = { N: 2 ** logN, r, p, maxmem: 256 * r * 2 ** logN };
        scrypt(normalised(password), salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)));
      }),
  );

/** A password as it is kept: `scrypt$log2 N$r$p$salt$hash`, salt and hash in base64url. Throws 503 when too many wait. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return `scrypt$${cost.logN}$${cost.r}$${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/**
 * Whether this is the password that was hashed. Takes the same time where there is no hash, so that nobody learns by the
 * clock who has a password. Throws 503 when too many wait.
 */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [, logN, r, p, salt, key] = (hash ?? '').split('$');
  if (salt === undefined || key === undefined) {
    await derive(password, Buffer.alloc(16), cost);
    return false;
  }
  const right = Buffer.from(key, 'base64url');
  const given = await derive(password, Buffer.from(salt, 'base64url'), {
    logN: Number(logN),
    r: Number(r),
    p: Number(p),
  });
  return given.length === right.length && timingSafeEqual(given, right);
}
