import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Database } from '../../../platform/db/database.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import { Directory } from '../mailboxes/directory.ts';
import type { RegisterParts } from './change-register.ts';
import type { MailboxWish } from './create-mailbox.ts';
import { newMailbox, workflowId } from './wire/shapes.ts';

/** The register of mailboxes, read once, for a command. */
export async function openRegister(parts: {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly vault: Vault;
}): Promise<RegisterParts> {
  const directory = new Directory(parts.db, parts.vault, { hasLiveReports: false, enforcesWorkflows: false });
  await directory.refresh(true);
  return { ...parts, directory };
}

/** Reads what a mailbox shall be, by the same rules as the administration's interface; or what is wrong with it. */
export function readNewMailbox(given: object): MailboxWish | { readonly fault: string } {
  const read = newMailbox.safeParse(given);
  if (read.success) return { ...read.data, orgCode: read.data.orgCode ?? read.data.odsCode };
  const [issue] = read.error.issues;
  return { fault: `${issue?.path.join('.')}: ${issue?.message}` };
}

/** The text as a workflow id; undefined where it is none. */
export const readWorkflowId = (given: string): string | undefined => workflowId.safeParse(given).data;
