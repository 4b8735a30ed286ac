import type { Database, Queryable } from '../../../platform/db/database.ts';
import type { Statement } from '../../../platform/db/sql.ts';
import { dayOf } from '../../../platform/nhs/dates.ts';
import type { Mailbox } from '../mailboxes/mailbox.ts';
import { addUsage, selectUsage, selectWaitingBytes } from './queries-administration.ts';
import { beyondQuota, type Usage } from './quota.ts';

/** Bytes that wait in a mailbox, good until then (milliseconds of this process); 0: to be counted anew. */
type Remembered = { bytes: number; readonly until: number };

/** A sending that would go beyond a quota: which bound, and whose. */
export type QuotaRefusal = { readonly text: string; readonly retrySeconds: number };

const waitingRetrySeconds = 600;
/** So many waiting messages are counted at each sending; where there are more, the sum is remembered for so long. */
const mostCountedEachTime = 2_000;
const rememberedMillis = 10_000;

/**
 * Holds mailboxes to their quotas. What others send at the same moment is not waited for, so that the bound may be passed by
 * as much as is on its way; mailboxes without quotas cost nothing. What waits in a mailbox of many messages is counted once
 * in ten seconds, and what goes in through this process added meanwhile.
 */
export class Quotas {
  readonly #db: Database;
  readonly #counts: Queryable;
  readonly #waiting = new Map<string, Promise<Remembered>>();

  constructor(db: Database) {
    this.#db = db;
    this.#counts = db.reader({ isLong: true });
  }

  /** Why a mailbox may not send this now, if so. `bytes`: as far as they are known beforehand. `now` in milliseconds. */
  async refuses(
    sender: Mailbox,
    recipient: Mailbox | undefined,
    next: Usage,
    now: number,
  ): Promise<QuotaRefusal | undefined> {
    const { quota } = sender;
    if (quota && (quota.messagesADay ?? quota.bytesADay) !== undefined) {
      const beyond = beyondQuota(quota, await this.usedToday(sender.mailboxId, now), next);
      const text = `The quota of ${beyond} of mailbox ${sender.mailboxId} is used up`;
      if (beyond) return { text, retrySeconds: secondsLeftOfDay(now) };
    }
    const most = recipient?.quota?.waitingBytes;
    if (recipient && most !== undefined) {
      const waiting = await this.#waitingIn(recipient.mailboxId);
      if (waiting.bytes + next.bytes > most)
        return { text: `Mailbox ${recipient.mailboxId} is full`, retrySeconds: waitingRetrySeconds };
      waiting.bytes += next.bytes;
    }
    return undefined;
  }

  /** What waits in a mailbox, counted or remembered; where many ask at once, it is counted once. */
  async #waitingIn(mailboxId: string): Promise<Remembered> {
    const before = this.#waiting.get(mailboxId);
    const known = await before;
    if (known && performance.now() < known.until) return known;
    const others = this.#waiting.get(mailboxId);
    if (others && others !== before) return others;
    const counting = this.#count(mailboxId);
    this.#waiting.set(mailboxId, counting);
    const counted = await counting.catch(() => undefined);
    if (!counted?.until) this.#waiting.delete(mailboxId);
    return counting;
  }

  async #count(mailboxId: string): Promise<Remembered> {
    const [row] = await this.#counts.query<{ bytes: number; messages: number }>(selectWaitingBytes(mailboxId));
    const { bytes, messages } = row as { bytes: number; messages: number };
    return { bytes, until: messages > mostCountedEachTime ? performance.now() + rememberedMillis : 0 };
  }

  async usedToday(mailboxId: string, now: number): Promise<Usage> {
    const [row] = await this.#db.query<Usage>(selectUsage(mailboxId, dayOf(now)));
    return row ?? { messages: 0, bytes: 0 };
  }

  /**
   * What is written with a message, or a chunk, of a mailbox that has a quota. After a lost connection it may be counted
   * twice: a quota is no account.
   */
  counted({ mailboxId, quota }: Mailbox, { messages, bytes }: Usage, now: number): Statement[] {
    return quota ? [addUsage(mailboxId, dayOf(now), messages, bytes)] : [];
  }
}

function secondsLeftOfDay(now: number): number {
  const dayMillis = 86_400_000;
  return Math.ceil((dayMillis - (now % dayMillis)) / 1000);
}
