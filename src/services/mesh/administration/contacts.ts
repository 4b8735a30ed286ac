import type { Database } from '../../../platform/db/database.ts';
import { putContacts } from './queries-administration.ts';

const coarseMillis = 60_000;
const flushMillis = 5_000;

/** Remembers when each mailbox was last heard of, to within minutes: written now and then, for all in one statement. */
export class Contacts {
  readonly #db: Database;
  readonly #noted = new Map<string, number>();
  #fresh = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  /** A mailbox called. `now` in milliseconds. */
  note(mailboxId: string, now: number): void {
    if (Math.abs(now - (this.#noted.get(mailboxId) ?? -Infinity)) < coarseMillis) return;
    this.#noted.set(mailboxId, now);
    this.#fresh.set(mailboxId, now);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.flush().catch(() => undefined), flushMillis);
    this.#timer.unref();
  }

  /** Writes what was noted; what cannot be written is noted anew with the next call of the mailbox. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const fresh = [...this.#fresh].sort(([one], [other]) => (one < other ? -1 : 1));
    this.#fresh = new Map();
    if (fresh.length === 0) return;
    try {
      await this.#db.query(
        putContacts(
          fresh.map(([id]) => id),
          fresh.map(([, at]) => new Date(at)),
        ),
      );
    } catch (error) {
      for (const [id] of fresh) this.#noted.delete(id);
      throw error;
    }
  }
}
