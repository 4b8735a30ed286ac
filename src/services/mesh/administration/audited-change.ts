import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Database, Queryable } from '../../../platform/db/database.ts';
import { insertEvents, type SpineEvent } from '../../../platform/events/outbox.ts';
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
  let former: string | undefined;
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
      former = (await tx.query<{ id: string }>(selectTransactionId()))[0]?.id;
      return true;
    });
    end(true);
    return isChanged;
  } catch (error) {
    end(false);
    throw error;
  }
}

async function wasCommitted(db: Database, transactionId: string): Promise<boolean> {
  const [row] = await db.query<{ status: string | null }>(selectTransactionStatus(transactionId));
  const status = row?.status;
  if (status === 'committed' || status === 'aborted') return status === 'committed';
  // its backend is still at it; 40001: look again in a moment
  throw Object.assign(new Error('It is not known yet what became of the change.'), { code: '40001' });
}
