import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Database } from '../../../platform/db/database.ts';
import { auditedChange } from '../administration/audited-change.ts';
import { closeResult } from './queries-results.ts';
import type { TrackedResult } from './tracked-result.ts';

/**
 * Closes an open result on one side, with event and audit in one transaction; false when it is not open (any more):
 * nothing was written then. `now` in milliseconds.
 */
export function closeTracked(
  parts: { readonly db: Database; readonly audit: AuditLog },
  result: Pick<TrackedResult, 'mailboxId' | 'messageId'>,
  by: { readonly by: string; readonly reason: string; readonly now: number },
  notes: readonly AuditNote[],
): Promise<boolean> {
  const { mailboxId, messageId } = result;
  return auditedChange(parts, { notes }, async (tx) => {
    if ((await closeResult(tx, result, by)) === 0) return undefined;
    const body = { messageId, closedBy: by.by };
    return { subject: mailboxId, kind: 'mesh.result-closed', happenedAt: by.now, body };
  });
}
