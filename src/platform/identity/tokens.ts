import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';
import { Batch } from '../db/batch.ts';
import type { Database } from '../db/database.ts';
import { uuidv7 } from '../events/uuidv7.ts';
import type { Principal } from './principal.ts';
import {
  insertToken,
  revocationsAfter,
  revokeApplication,
  revokeToken,
  type TokenRow,
  tokensByHash,
} from './queries.ts';

/** What became of a token: whom it stands for, or why it stands for nobody. */
export type Resolution =
  | { readonly is: 'valid'; readonly principal: Principal }
  | { readonly is: 'unknown' }
  | { readonly is: 'expired' };

type Remembered = { principal: Principal; expiresAt: number; hash: string };

const capacity = 100_000;

/**
 * Opaque access tokens: 168 random bits given to the client once, kept only as SHA-256. A process remembers those it has
 * seen; revocations reach every process by a short poll of one small table.
 */
export class Tokens {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #seen = new Map<string, Remembered>();
  readonly #tokenOfHash = new Map<string, string>();
  readonly #lookUp: Batch<Buffer, TokenRow | undefined>;
  #lastRevocation: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#lastRevocation = uuidv7(clock.wall() - 60_000);
    this.#lookUp = new Batch({ maxItems: 500, maxInFlight: 2 }, async (hashes) => {
      const rows = await tokensByHash(db, hashes);
      const found = new Map(rows.map((row) => [row.token_hash.toString('hex'), row]));
      return hashes.map((hash) => found.get(hash.toString('hex')));
    });
  }

  /** Issues a token for `seconds`; the token itself is returned here and nowhere else. */
  async issue(principal: Principal, seconds: number): Promise<string> {
    const token = randomBytes(21).toString('base64url');
    const now = this.#clock.now();
    await this.#db.query(insertToken(hashOf(token), principal, now, now + seconds * 1000));
    return token;
  }

  /** Whom a token stands for; from memory when seen before. */
  resolve(token: string): Resolution | Promise<Resolution> {
    const seen = this.#seen.get(token);
    if (seen) return this.#judge(seen);
    return this.#resolveUnseen(token);
  }

  async #resolveUnseen(token: string): Promise<Resolution> {
    if (token.length > 200) return { is: 'unknown' };
    const hash = hashOf(token);
    const row = await this.#lookUp.add(hash);
    if (!row || row.revoked_at !== null) return { is: 'unknown' };
    const remembered = { principal: row.principal, expiresAt: row.expires_at.getTime(), hash: hash.toString('hex') };
    if (this.#seen.size >= capacity) this.#forget(this.#seen.keys().next().value as string);
    this.#seen.set(token, remembered);
    this.#tokenOfHash.set(remembered.hash, token);
    return this.#judge(remembered);
  }

  #judge(token: Remembered): Resolution {
    return token.expiresAt <= this.#clock.now() ? { is: 'expired' } : { is: 'valid', principal: token.principal };
  }

  /** Revokes one token, here at once and in every other process within its poll. */
  async revoke(token: string): Promise<void> {
    await this.#db.transaction((tx) => revokeToken(tx, hashOf(token), uuidv7(this.#clock.wall()), this.#clock.now()));
    this.#forget(token);
  }

  /** Revokes every token of an application. */
  async revokeAllOf(appId: string): Promise<void> {
    await this.#db.transaction((tx) => revokeApplication(tx, appId, uuidv7(this.#clock.wall()), this.#clock.now()));
    this.#forgetApplication(appId);
  }

  /** Begins to look for revocations made by other processes, every `millis`. */
  watch(millis = 250): void {
    const look = async () => {
      try {
        // ids are made before their commit: look back two seconds so that a slow one is not passed over
        const rows = await revocationsAfter(this.#db, this.#lastRevocation);
        for (const row of rows) {
          if (row.token_hash) {
            const token = this.#tokenOfHash.get(row.token_hash.toString('hex'));
            if (token !== undefined) this.#forget(token);
          }
          if (row.app_id !== null) this.#forgetApplication(row.app_id);
        }
        this.#lastRevocation = uuidv7(this.#clock.wall() - 2_000);
      } catch {
        // the database is away; the next look finds what this one missed
        this.#seen.clear();
        this.#tokenOfHash.clear();
      }
      this.#timer = setTimeout(look, millis);
      this.#timer.unref();
    };
    this.#timer = setTimeout(look, millis);
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #forget(token: string): void {
    const seen = this.#seen.get(token);
    if (!seen) return;
    this.#seen.delete(token);
    this.#tokenOfHash.delete(seen.hash);
  }

  #forgetApplication(appId: string): void {
    for (const [token, seen] of this.#seen) if (seen.principal.appId === appId) this.#forget(token);
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
