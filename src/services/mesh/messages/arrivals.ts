import type { Database } from '../../../platform/db/database.ts';
import { mailboxesWithMail } from './queries-lists.ts';

const lookMillis = 500;

/**
 * Lets clients wait for a message instead of asking again and again. What arrives through this process is known at once;
 * what comes through others is looked for twice a second, for all who wait in one query.
 */
export class Arrivals {
  readonly #db: Database;
  readonly #most: number;
  readonly #waiting = new Map<string, Set<() => void>>();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `most`: how many may wait at a time; others are answered at once. */
  constructor(db: Database, most: number) {
    this.#db = db;
    this.#most = most;
  }

  /** Whether it makes sense to wait: not when too many do, nor when the process is ending. */
  get isOpen(): boolean {
    return !this.#isClosed && this.#count < this.#most;
  }

  /** Resolves when something may wait in the mailbox, when the time is over, or when the client has gone. */
  async wait(mailboxId: string, millis: number, gone: AbortSignal): Promise<void> {
    if (!this.isOpen || gone.aborted) return;
    this.#count++;
    const others = this.#waiting.get(mailboxId) ?? new Set();
    this.#waiting.set(mailboxId, others);
    let wake = () => {};
    const timer = setTimeout(() => wake(), millis);
    this.#timer ??= setInterval(() => void this.#look(), lookMillis);
    try {
      await new Promise<void>((resolve) => {
        wake = resolve;
        others.add(wake);
        gone.addEventListener('abort', wake);
      });
    } finally {
      clearTimeout(timer);
      gone.removeEventListener('abort', wake);
      others.delete(wake);
      if (others.size === 0) this.#waiting.delete(mailboxId);
      if (--this.#count === 0) this.#stop();
    }
  }

  /** Something has come into this mailbox. */
  tell(mailboxId: string): void {
    for (const wake of this.#waiting.get(mailboxId) ?? []) wake();
  }

  /** Lets everybody go. */
  close(): void {
    this.#isClosed = true;
    for (const mailboxId of this.#waiting.keys()) this.tell(mailboxId);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    try {
      const rows = await this.#db.query<{ mailbox_id: string }>(mailboxesWithMail([...this.#waiting.keys()]));
      for (const { mailbox_id: mailboxId } of rows) this.tell(mailboxId);
    } catch {
      // the database is away: looked for again in a moment
    }
  }
}
