import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Database, Queryable } from '../../../platform/db/database.ts';
import { insertEvents, type SpineEvent, selectEventOf } from '../../../platform/events/outbox.ts';
import { selectTransactionId, selectTransactionStatus } from './queries-administration.ts';

/** Who changes something, for the audit log, and when (milliseconds since 1970). */
export type ChangeNote = { readonly notes: readonly AuditNote[]; readonly now: number };

/** A change of a mailbox as it is told of; never with a secret in it. */
export const mailboxEvent = (mailboxId: string, what: string, now: number, more: object = {}): SpineEvent => ({
  subject: mailboxId,
  kind: `mesh.mailbox-${what}`,
  happenedAt: now,
  body: { mailboxId, ...more },
});

/**
 * Runs a change in one transaction with its event and its audit entry. `work` answers the event; nothing is written, audit
 * included, where it answers none: false then. Where the answer of the commit was lost, PostgreSQL is asked what became of
 * it, so that a change that was made is neither made again nor taken for somebody else's.
 */
export async function auditedChange(
  { db, audit }: { readonly db: Database; readonly audit: AuditLog },
  { notes }: Pick<ChangeNote, 'notes'>,
  work: (tx: Queryable) => Promise<SpineEvent | undefined>,
): Promise<boolean> {
  let audited: ReturnType<AuditLog['recordIn']> | undefined;
  /** The transaction of the try before, where it came as far as its commit. */
  let former: Former | undefined;
  const end = (isCommitted: boolean) => {
    audited?.ended(isCommitted);
    audited = undefined;
  };
  try {
    const isChanged = await db.transaction(async (tx) => {
      if (former !== undefined && (await wasCommitted(db, former))) return true;
      former = undefined;
      end(false);
      const event = await work(tx);
      if (!event) return false;
      await tx.query(insertEvents([event]));
      audited = audit.recordIn(tx, notes);
      await audited.recorded;
      const [row] = await tx.query<{ id: string }>(selectTransactionId());
      former = row && { id: row.id, event };
      return true;
    });
    end(true);
    return isChanged;
  } catch (error) {
    end(false);
    throw error;
  }
}

type Former = { readonly id: string; readonly event: SpineEvent };

/**
 * Its number alone tells nothing after a crash: what had not come to the disk had none as far as PostgreSQL knows, and the number
 * is given to another. So what it wrote must be there too.
 */
async function wasCommitted(db: Database, { id, event }: Former): Promise<boolean> {
  const [row] = await db.query<{ status: string | null }>(selectTransactionStatus(id));
  const status = row?.status;
  if (status === 'aborted') return false;
  if (status === 'committed') return (await db.query(selectEventOf(id, event))).length > 0;
  // its backend is still at it; 40001: look again in a moment
  throw Object.assign(new Error('It is not known yet what became of the change.'), { code: '40001' });
}
