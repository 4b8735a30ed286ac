import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Database } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import { closeResult } from './queries-results.ts';
import type { TrackedResult } from './tracked-result.ts';

/**
 * Closes an open result on one side, with event and audit in one transaction; false when it is not open (any more):
 * nothing was written then. `now` in milliseconds.
 */
export async function closeTracked(
  { db, audit }: { readonly db: Database; readonly audit: AuditLog },
  result: Pick<TrackedResult, 'mailboxId' | 'messageId'>,
  by: { readonly by: string; readonly reason: string; readonly now: number },
  notes: readonly AuditNote[],
): Promise<boolean> {
  let audited: ReturnType<AuditLog['recordIn']> | undefined;
  const end = (isCommitted: boolean) => {
    audited?.ended(isCommitted);
    audited = undefined;
  };
  try {
    const isClosed = await db.transaction(async (tx) => {
      end(false);
      if ((await closeResult(tx, result, by)) === 0) return false;
      const { mailboxId, messageId } = result;
      const body = { messageId, closedBy: by.by };
      await tx.query(insertEvents([{ subject: mailboxId, kind: 'mesh.result-closed', happenedAt: by.now, body }]));
      audited = audit.recordIn(tx, notes);
      await audited.recorded;
      return true;
    });
    end(true);
    return isClosed;
  } catch (error) {
    end(false);
    throw error;
  }
}
