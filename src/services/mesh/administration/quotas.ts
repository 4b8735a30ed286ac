import type { Database } from '../../../platform/db/database.ts';
import type { Statement } from '../../../platform/db/sql.ts';
import { dayOf } from '../../../platform/nhs/dates.ts';
import type { Mailbox } from '../mailboxes/mailbox.ts';
import { addUsage, selectUsage, selectWaitingBytes } from './queries-administration.ts';
import { beyondQuota, type Usage } from './quota.ts';

/** A sending that would go beyond a quota: which bound, and whose. */
export type QuotaRefusal = { readonly text: string; readonly retrySeconds: number };

const waitingRetrySeconds = 600;

/**
 * Holds mailboxes to their quotas. What others send at the same moment is not waited for, so that the bound may be passed by
 * as much as is on its way; mailboxes without quotas cost nothing.
 */
export class Quotas {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
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
      const [row] = await this.#db.query<{ bytes: number }>(selectWaitingBytes(recipient.mailboxId));
      if ((row?.bytes ?? 0) + next.bytes > most)
        return { text: `Mailbox ${recipient.mailboxId} is full`, retrySeconds: waitingRetrySeconds };
    }
    return undefined;
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
