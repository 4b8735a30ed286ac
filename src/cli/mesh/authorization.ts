import { createHmac, randomUUID } from 'node:crypto';

/** Whose mailbox it is, and what proves it: its password, and the key its environment shares. */
export type Credentials = { readonly mailbox: string; readonly password: string; readonly sharedKey: string };

/** The value of the Authorization header for one request: a keyed hash over all its parts and the password. `minute`: UTC. */
export function authorizationOf(credentials: Credentials, nonce: string, count: string, minute: string): string {
  const { mailbox, password, sharedKey } = credentials;
  const hash = createHmac('sha256', sharedKey)
    .update([mailbox, nonce, count, password, minute].join(':'))
    .digest('hex');
  return `NHSMESH ${mailbox}:${nonce}:${count}:${minute}:${hash}`;
}

/** Authorization values of one run: one nonce, a count that grows, so that no two requests carry the same. */
export class Authorizations {
  readonly #credentials: Credentials;
  readonly #nonce = randomUUID();
  #count = 0;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /** The next value; `at` is the wall clock, in milliseconds since 1970. */
  next(at: number): string {
    this.#count++;
    const minute = new Date(at).toISOString().slice(0, 16).replace(/\D/g, '');
    return authorizationOf(this.#credentials, this.#nonce, String(this.#count).padStart(3, '0'), minute);
  }
}
