import { createHash } from 'node:crypto';
import { type Adapter, errors, Provider } from 'oidc-provider';
import { storable } from '../../../platform/audit/entry.ts';
import type { Clock } from '../../../platform/clock/clock.ts';
import type { Database } from '../../../platform/db/database.ts';
import { insertEvents, type SpineEvent } from '../../../platform/events/outbox.ts';
import {
  type ArtifactKey,
  consumeArtifact,
  deleteArtifact,
  deleteArtifactsOfGrant,
  findArtifact,
  insertArtifact,
  upsertArtifact,
} from './queries.ts';
import {
  deleteSessionByIdHash,
  type SessionRow,
  sessionByIdHash,
  sessionByUid,
  upsertSession,
} from './sessions/queries-sessions.ts';
import { idleMillis, type Level, levelOfAcr } from './staff/assurance.ts';

type Payload = Record<string, unknown>;

/** Members of payloads that are times, in seconds by the wall clock where the library holds them. */
const times = ['iat', 'exp', 'iiat', 'loginTs', 'authTime'];

/**
 * What one identity provider remembers, in our database: by hash, so that who reads the database can use none of it.
 * The library goes by the wall clock; what is stored goes by the Spine's, so that a sandbox can move it.
 */
export class ProviderStore {
  readonly db: Database;
  readonly clock: Clock;
  readonly provider: string;
  readonly #events = new Map<string, readonly SpineEvent[]>();

  constructor(db: Database, clock: Clock, provider: string) {
    this.db = db;
    this.clock = clock;
    this.provider = provider;
  }

  /** For the library: where it keeps things of this kind. `findClient` answers for kind Client. */
  adapter(kind: string, findClient: (clientId: string) => Promise<Payload | undefined>): Adapter {
    if (kind === 'Client') return { ...nothing, find: findClient as Adapter['find'] };
    return kind === 'Session' ? this.#sessions() : this.#artifacts(kind);
  }

  /** Runs `save`, which stores the artifact with this id, and writes the events in the same transaction. */
  async savedWith(id: string, events: readonly SpineEvent[], save: () => Promise<unknown>): Promise<void> {
    this.#events.set(id, events);
    try {
      await save();
    } finally {
      this.#events.delete(id);
    }
  }

  /** The session behind the value of a session cookie, while it may be used without logging on again. */
  async sessionOfCookie(cookie: string): Promise<SessionRow | undefined> {
    const row = await sessionByIdHash(this.db, this.provider, hashOf(cookie), new Date(this.clock.now()));
    return row && !this.isIdle(row) ? row : undefined;
  }

  /** Whether a session was left alone for longer than its level allows. */
  isIdle(row: SessionRow): boolean {
    return row.user_id !== null && this.clock.now() - row.seen_at.getTime() > idleMillis((row.level ?? 2) as Level);
  }

  #artifacts(kind: string): Adapter {
    const { db, clock, provider } = this;
    const key = (id: string): ArtifactKey => ({ idHash: hashOf(id), provider, kind });
    return {
      ...nothing,
      upsert: async (id, payload, expiresIn) => {
        const held = {
          grantId: kind === 'Grant' ? hashOf(id).toString('hex') : hashed(payload.grantId),
          userId: userIn(payload),
          payload: this.#stored(payload),
          expiresAt: expiresIn ? new Date(clock.now() + expiresIn * 1000) : null,
        };
        // of two callers with one assertion exactly one is first
        if (kind === 'ReplayDetection') {
          if (!(await insertArtifact(db, key(id), held)))
            throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
          return;
        }
        const events = this.#events.get(id);
        if (!events) await upsertArtifact(db, key(id), held);
        else
          await db.transaction(async (tx) => {
            await upsertArtifact(tx, key(id), held);
            await tx.query(insertEvents(events));
          });
      },
      find: async (id) => {
        const row = await findArtifact(db, key(id), new Date(clock.now()));
        if (!row) return undefined;
        const consumed = row.consumed_at ? { consumed: Math.floor(row.consumed_at.getTime() / 1000) } : {};
        return { ...this.#loaded(row.payload), ...consumed, jti: id };
      },
      consume: async (id) => {
        if (await consumeArtifact(db, key(id), new Date(clock.now()))) return;
        throw new errors.InvalidGrant('it was used already');
      },
      destroy: (id) => deleteArtifact(db, key(id)),
      revokeByGrantId: (grantId) => deleteArtifactsOfGrant(db, provider, hashOf(grantId).toString('hex')),
    };
  }

  #sessions(): Adapter {
    const { db, clock, provider } = this;
    return {
      ...nothing,
      upsert: async (id, payload, expiresIn) => {
        const { loginTs, accountId, acr } = payload;
        const context = Provider.ctx;
        await upsertSession(db, {
          uid: payload.uid as string,
          provider,
          idHash: hashOf(id),
          userId: accountId ?? null,
          level: levelOfAcr(acr) ?? null,
          payload: this.#stored(payload),
          browser: storable(context?.get('user-agent') ?? '', 300),
          remote: storable(context?.request.ip ?? '', 60),
          beganAt: typeof loginTs === 'number' ? new Date(loginTs * 1000 + clock.offset) : null,
          seenAt: new Date(clock.now()),
          expiresAt: new Date(clock.now() + (expiresIn ?? 0) * 1000),
        });
      },
      find: async (id) => {
        const row = await this.sessionOfCookie(id);
        return row && { ...this.#loaded(row.payload), jti: id };
      },
      // idleness ends single sign-on in the browser, not what clients were given
      findByUid: async (uid) => {
        const row = await sessionByUid(db, uid, new Date(clock.now()));
        return row?.provider === provider ? this.#loaded(row.payload) : undefined;
      },
      destroy: (id) => deleteSessionByIdHash(db, provider, hashOf(id)),
    };
  }

  #stored(payload: object): Payload {
    const { jti: _secret, session, ...rest } = payload as Payload;
    const kept = shifted(rest, Math.round(this.clock.offset / 1000));
    // a log-on under way names the session it began in; the cookie itself is nobody's business
    if (typeof session === 'object' && session !== null) {
      const { cookie: _cookie, ...described } = session as Payload;
      kept.session = described;
    }
    return kept;
  }

  #loaded(payload: Payload): Payload {
    return shifted(payload, -Math.round(this.clock.offset / 1000));
  }
}

function shifted(payload: Payload, seconds: number): Payload {
  const moved = { ...payload };
  for (const name of times) if (typeof moved[name] === 'number') moved[name] = (moved[name] as number) + seconds;
  const result = payload.result as Payload | undefined;
  const login = result?.login as ProvedLogOn | undefined;
  if (login?.ts !== undefined) moved.result = { ...result, login: { ...login, ts: login.ts + seconds } };
  return moved;
}

/** What a log-on under way holds once it is proved; `ts` in seconds. */
type ProvedLogOn = { readonly accountId?: string; readonly ts?: number };

/** Whose it is: of a log-on under way, who proved to be there. */
function userIn({ accountId, result }: Payload): string | null {
  if (typeof accountId === 'string') return accountId;
  return ((result as Payload | undefined)?.login as ProvedLogOn | undefined)?.accountId ?? null;
}

/** How an id that is as good as a password is kept. */
export function hashOf(id: string): Buffer {
  return createHash('sha256').update(id).digest();
}

const hashed = (id: unknown) => (typeof id === 'string' ? hashOf(id).toString('hex') : null);

/** No device flow, no registration of clients by themselves. */
const nothing: Adapter = {
  upsert: async () => {},
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
};
