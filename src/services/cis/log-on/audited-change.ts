import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Database, Queryable } from '../../../platform/db/database.ts';

/** Runs a change and records it in one transaction: both are there, or neither. `work` may run more than once. */
export async function auditedChange<Result>(
  { db, audit }: { readonly db: Database; readonly audit: AuditLog },
  note: AuditNote,
  work: (tx: Queryable) => Promise<Result>,
): Promise<Result> {
  let audited: ReturnType<AuditLog['recordIn']> | undefined;
  const end = (isCommitted: boolean) => {
    audited?.ended(isCommitted);
    audited = undefined;
  };
  try {
    const result = await db.transaction(async (tx) => {
      end(false);
      const done = await work(tx);
      audited = audit.recordIn(tx, [note]);
      await audited.recorded;
      return done;
    });
    end(true);
    return result;
  } catch (error) {
    end(false);
    throw error;
  }
}
