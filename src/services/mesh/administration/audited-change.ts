import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Database, Queryable } from '../../../platform/db/database.ts';
import { insertEvents, type SpineEvent } from '../../../platform/events/outbox.ts';

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
 * included, where it answers none: false then.
 */
export async function auditedChange(
  { db, audit }: { readonly db: Database; readonly audit: AuditLog },
  { notes }: Pick<ChangeNote, 'notes'>,
  work: (tx: Queryable) => Promise<SpineEvent | undefined>,
): Promise<boolean> {
  let audited: ReturnType<AuditLog['recordIn']> | undefined;
  const end = (isCommitted: boolean) => {
    audited?.ended(isCommitted);
    audited = undefined;
  };
  try {
    const isChanged = await db.transaction(async (tx) => {
      end(false);
      const event = await work(tx);
      if (!event) return false;
      await tx.query(insertEvents([event]));
      audited = audit.recordIn(tx, notes);
      await audited.recorded;
      return true;
    });
    end(true);
    return isChanged;
  } catch (error) {
    end(false);
    throw error;
  }
}
