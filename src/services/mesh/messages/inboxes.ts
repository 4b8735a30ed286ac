import type { Clock } from '../../../platform/clock/clock.ts';
import { Batch } from '../../../platform/db/batch.ts';
import type { Database } from '../../../platform/db/database.ts';
import { type Place, selectInbox, selectInboxes } from './queries-lists.ts';
import type { WorkflowFilter } from './workflow-filter.ts';

/** A page of an inbox to be listed. */
type Page = { readonly mailboxId: string; readonly after: Place; readonly limit: number };
type Listed = { readonly messageId: string; readonly place: number };

/** Pages up to this size are asked for together: a longer one would hold up the others. */
const sharedLimit = 501;

/** Lists what waits: pages that many ask for in the same moment in one query. */
export class Inboxes {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #batch: Batch<Page, readonly Listed[]>;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    const reads = db.reader({ isPlannedOnce: true });
    this.#batch = new Batch<Page, readonly Listed[]>({ maxItems: 64, maxInFlight: 3 }, async (pages) => {
      const rows = await reads.query<{ page: number; message_id: string; place: number }>(
        selectInboxes(pages, clock.now()),
      );
      const listed: Listed[][] = pages.map(() => []);
      for (const row of rows) listed[row.page - 1]?.push({ messageId: row.message_id, place: row.place });
      return listed;
    });
  }

  /** What waits in a mailbox after a place, oldest first, up to a limit. */
  async list(page: Page, filter: WorkflowFilter | undefined): Promise<readonly Listed[]> {
    if (!filter && page.limit <= sharedLimit) return this.#batch.add(page);
    const rows = await this.#db.query<{ message_id: string; place: number }>(
      selectInbox(page.mailboxId, page.after, page.limit, filter, this.#clock.now()),
    );
    return rows.map((row) => ({ messageId: row.message_id, place: row.place }));
  }
}
