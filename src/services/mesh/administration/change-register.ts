import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Database, Queryable } from '../../../platform/db/database.ts';
import type { SpineEvent } from '../../../platform/events/outbox.ts';
import type { Directory } from '../mailboxes/directory.ts';
import { nextVersion } from '../mailboxes/queries.ts';
import { auditedChange, type ChangeNote } from './audited-change.ts';

export type RegisterParts = { readonly db: Database; readonly audit: AuditLog; readonly directory: Directory };

/** As `auditedChange`, of mailboxes and workflows: every process reads them anew. */
export async function changeRegister(
  parts: RegisterParts,
  note: Pick<ChangeNote, 'notes'>,
  work: (tx: Queryable) => Promise<SpineEvent | undefined>,
): Promise<boolean> {
  const isChanged = await auditedChange(parts, note, async (tx) => {
    const event = await work(tx);
    if (event) await tx.query(nextVersion());
    return event;
  });
  if (isChanged) await parts.directory.refresh(true);
  return isChanged;
}
