import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock/clock.ts';
import { Batch } from '../db/batch.ts';
import type { Database, Queryable } from '../db/database.ts';
import { uuidv7 } from '../events/uuidv7.ts';
import type { Principal, Role } from './principal.ts';
import {
  insertToken,
  type RevocationRow,
  type RevocationTarget,
  revocationsAfter,
  revokeTokens,
  type TokenDescent,
  type TokenRow,
  tellToForget,
  tokensByHash,
} from './queries.ts';

/** What became of a token: whom it stands for, or why it stands for nobody. */
export type Resolution =
  | { readonly is: 'valid'; readonly principal: Principal }
  | { readonly is: 'unknown' }
  | { readonly is: 'expired' };

type Remembered = {
  principal: Principal;
  expiresAt: number;
  hash: string;
  sessionId: string | null;
  familyId: string | null;
};

/** The roles a user has now; undefined when the user may not work at all. */
export type LiveRoles = (userId: string) => Promise<readonly Role[] | undefined>;

const capacity = 100_000;

/** A revocation is named when its transaction makes it, and seen when that has ended: up to so much later. */
const slowestMillis = 10_000;
/** How long tokens that a revocation names are forgotten again at every look. */
const againMillis = 2_000;

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
  #liveRoles: LiveRoles | undefined;
  /** Revocations within the time looked back on, and when each was seen first. */
  #known = new Map<string, number>();
  /** Counts what was told to be forgotten: what was read before must not be remembered after. */
  #forgettings = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#lookUp = new Batch({ maxItems: 500, maxInFlight: 2 }, async (hashes) => {
      const rows = await tokensByHash(db, hashes);
      const found = new Map(rows.map((row) => [row.token_hash.toString('hex'), row]));
      return hashes.map((hash) => found.get(hash.toString('hex')));
    });
  }

  /** Where the roles of users with live roles are read; given once, when the program is put together. */
  readRolesFrom(liveRoles: LiveRoles): void {
    this.#liveRoles = liveRoles;
  }

  /** Issues a token for `seconds`; the token itself is returned here and nowhere else. */
  async issue(principal: Principal, seconds: number, descent: TokenDescent = {}): Promise<string> {
    return this.issueIn(this.#db, principal, seconds, descent);
  }

  /** As `issue`, in the caller's transaction. */
  async issueIn(tx: Queryable, principal: Principal, seconds: number, descent: TokenDescent = {}): Promise<string> {
    const token = randomBytes(21).toString('base64url');
    const now = this.#clock.now();
    await tx.query(insertToken(hashOf(token), principal, descent, now, now + seconds * 1000));
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
    const before = this.#forgettings;
    const row = await this.#lookUp.add(hash);
    if (!row || row.revoked_at !== null) return { is: 'unknown' };
    const principal = await this.#withLiveRoles(row.principal);
    if (!principal) return { is: 'unknown' };
    const remembered = {
      principal,
      expiresAt: row.expires_at.getTime(),
      hash: hash.toString('hex'),
      sessionId: row.session_id,
      familyId: row.family_id,
    };
    if (before !== this.#forgettings) return this.#judge(remembered);
    if (this.#seen.size >= capacity) this.#forget(this.#seen.keys().next().value as string);
    this.#seen.set(token, remembered);
    this.#tokenOfHash.set(remembered.hash, token);
    return this.#judge(remembered);
  }

  async #withLiveRoles(principal: Principal): Promise<Principal | undefined> {
    if (!principal.hasLiveRoles || principal.userId === undefined || !this.#liveRoles) return principal;
    const roles = await this.#liveRoles(principal.userId);
    return roles && { ...principal, roles };
  }

  #judge(token: Remembered): Resolution {
    return token.expiresAt <= this.#clock.now() ? { is: 'expired' } : { is: 'valid', principal: token.principal };
  }

  /** Revokes one token, here at once and in every other process within its poll. */
  async revoke(token: string): Promise<void> {
    await this.revokeAll({ tokenHash: hashOf(token) });
  }

  /** Revokes access and refresh tokens, here at once and in every other process within its poll. How many it revoked. */
  async revokeAll(target: RevocationTarget): Promise<number> {
    const revoked = await this.#db.transaction((tx) => this.revokeAllIn(tx, target));
    this.#forgetAll(target);
    return revoked;
  }

  /** As `revokeAll`, in the caller's transaction; this process too learns of it by its poll. */
  revokeAllIn(tx: Queryable, target: RevocationTarget): Promise<number> {
    return revokeTokens(tx, target, uuidv7(this.#clock.wall()), this.#clock.now());
  }

  /** In the transaction that changes what a user may do: every process reads the user's roles anew within its poll. */
  rereadIn(tx: Queryable, userId: string): Promise<void> {
    return tellToForget(tx, { userId }, uuidv7(this.#clock.wall()), this.#clock.now());
  }

  /** Begins to look for revocations made by other processes, every `millis`. */
  watch(millis = 250): void {
    const look = async () => {
      try {
        const now = this.#clock.wall();
        const before = this.#known;
        this.#known = new Map();
        for (const row of await revocationsAfter(this.#db, uuidv7(now - slowestMillis))) {
          const seenAt = before.get(row.id) ?? now;
          this.#known.set(row.id, seenAt);
          const target = targetOf(row);
          if (target && now - seenAt < againMillis) this.#forgetAll(target);
        }
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

  #forgetAll(target: RevocationTarget): void {
    this.#forgettings++;
    if ('tokenHash' in target) {
      const token = this.#tokenOfHash.get(target.tokenHash.toString('hex'));
      if (token !== undefined) this.#forget(token);
      return;
    }
    for (const [token, seen] of this.#seen) if (isOf(seen, target)) this.#forget(token);
  }
}

function isOf({ principal, sessionId, familyId }: Remembered, target: RevocationTarget): boolean {
  if ('appId' in target) return principal.appId === target.appId;
  if ('userId' in target) return (principal.userId ?? principal.nhsNumber) === target.userId;
  if ('sessionId' in target) return sessionId === target.sessionId;
  return 'familyId' in target && familyId === target.familyId;
}

function targetOf(row: RevocationRow): RevocationTarget | undefined {
  if (row.token_hash) return { tokenHash: row.token_hash };
  if (row.app_id !== null) return { appId: row.app_id };
  if (row.user_id !== null) return { userId: row.user_id };
  if (row.session_id !== null) return { sessionId: row.session_id };
  return row.family_id === null ? undefined : { familyId: row.family_id };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
