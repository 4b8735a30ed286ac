import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../../platform/clock/clock.ts';
import type { Database, Queryable } from '../../../../platform/db/database.ts';
import type { Outbound } from '../../../../platform/http/outbound.ts';
import type { ClientMetadata } from '../clients.ts';
import { type SigningKeys, signedJwt } from '../keys/signing-keys.ts';
import {
  claimLogoutNotice,
  deleteLogoutNotice,
  dueLogoutNotices,
  insertLogoutNotice,
  type LogoutNotice,
} from './queries-logout.ts';

export type LogoutNoticeParts = {
  readonly db: Database;
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly findClient: (clientId: string) => Promise<ClientMetadata | undefined>;
  readonly issuerOf: (provider: string) => string;
  /** How a client is told, by its client id: our own token service without a network. */
  readonly askFor: (clientId: string) => Outbound;
};

const event = 'http://schemas.openid.net/event/backchannel-logout';
const lookMillis = 1_000;
const mostAtOnce = 100;
/** Tried again after so many seconds each, an hour altogether (ours). */
const waits = [5, 15, 60, 300, 900, 2400];

/**
 * Tells clients of ended sessions (OpenID Connect Back-Channel Logout 1.0). A notice is kept in the transaction that ends
 * the session, and tried until the client has taken it; so no process that dies loses one.
 */
export class LogoutNotices {
  readonly #parts: LogoutNoticeParts;
  #timer: NodeJS.Timeout | undefined;
  #sending = 0;

  constructor(parts: LogoutNoticeParts) {
    this.#parts = parts;
  }

  /** Keeps a notice, in the caller's transaction; undefined for a client that wants none. `send` it when it is committed. */
  async keepIn(
    tx: Queryable,
    to: { readonly provider: string; readonly clientId: string; readonly userId: string; readonly sid: string },
  ): Promise<LogoutNotice | undefined> {
    const client = await this.#parts.findClient(to.clientId);
    if (typeof client?.backchannel_logout_uri !== 'string') return undefined;
    const now = this.#parts.clock.now();
    const notice: LogoutNotice = {
      id: randomUUID(),
      provider: to.provider,
      client_id: to.clientId,
      user_id: to.userId,
      sid: to.sid,
      attempts: 0,
      asked_at: new Date(now),
    };
    await insertLogoutNotice(tx, notice, new Date(now));
    return notice;
  }

  /** Tries a notice now; false when it has to be tried again later, which happens by itself. */
  async send(notice: LogoutNotice): Promise<boolean> {
    const { db, clock } = this.#parts;
    const wait = waits[notice.attempts];
    const nextAt = new Date(clock.now() + (wait ?? 0) * 1000);
    if (!(await claimLogoutNotice(db, notice, nextAt))) return false;
    const isTaken = await this.#deliver(notice);
    if (isTaken || wait === undefined) await deleteLogoutNotice(db, notice.id);
    return isTaken;
  }

  async #deliver(notice: LogoutNotice): Promise<boolean> {
    const { keys, clock, findClient, issuerOf, askFor } = this.#parts;
    const client = await findClient(notice.client_id);
    if (typeof client?.backchannel_logout_uri !== 'string') return true;
    const ring = await keys.ring(notice.provider as 'cis2' | 'nhs-login');
    const iat = Math.floor(clock.now() / 1000);
    const token = signedJwt(ring.signing, notice.provider === 'cis2' ? 'RS256' : 'RS512', {
      iss: issuerOf(notice.provider),
      aud: notice.client_id,
      sub: notice.user_id,
      iat,
      exp: iat + 120,
      jti: randomUUID(),
      sid: notice.sid,
      events: { [event]: {} },
    });
    try {
      const answer = await askFor(notice.client_id)({
        url: client.backchannel_logout_uri,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ logout_token: token }).toString(),
        millis: 5_000,
        bytes: 10_000,
      });
      // 4xx and 501: the client knows no such session, and never will
      return answer.status < 500 || answer.status === 501;
    } catch {
      return false;
    }
  }

  /** Begins to look for notices that are due. None waits for another's client to answer. */
  watch(): void {
    const look = async () => {
      try {
        const { db, clock } = this.#parts;
        const room = mostAtOnce - this.#sending;
        const due = room > 0 ? await dueLogoutNotices(db, new Date(clock.now()), room) : [];
        for (const notice of due) void this.#sendMeanwhile(notice);
      } catch {
        // the database is away; the next look finds what this one missed
      }
      this.#timer = setTimeout(look, lookMillis);
      this.#timer.unref();
    };
    this.#timer = setTimeout(look, lookMillis);
    this.#timer.unref();
  }

  async #sendMeanwhile(notice: LogoutNotice): Promise<void> {
    this.#sending++;
    try {
      await this.send(notice);
    } catch {
      // the database is away: the notice is still there, and due again
    } finally {
      this.#sending--;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
