import type { z } from 'zod';
import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Database } from '../../../platform/db/database.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import { Directory } from '../mailboxes/directory.ts';
import type { Quota } from '../mailboxes/mailbox.ts';
import type { RegisterParts } from './change-register.ts';
import { ClientAuthority } from './client-authority.ts';
import type { MailboxWish } from './create-mailbox.ts';
import { Quotas } from './quotas.ts';
import { newMailbox, quotaShape, workflowId } from './wire/shapes.ts';

/** What a command has of the register: mailboxes as they were read, what they have sent, what issues their certificates. */
export type Register = RegisterParts & { readonly authority: ClientAuthority; readonly quotas: Quotas };

/** The register of mailboxes, read once, for a command. `base`: where certificates say that revocation is told. */
export async function openRegister(parts: {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly vault: Vault;
  readonly base: () => string;
}): Promise<Register> {
  const directory = new Directory(parts.db, parts.vault, { hasLiveReports: false, enforcesWorkflows: false });
  await directory.refresh(true);
  const { db, audit, vault, base } = parts;
  return { db, audit, directory, authority: new ClientAuthority(db, vault, base), quotas: new Quotas(db) };
}

/** Reads what a mailbox shall be, by the same rules as the administration's interface; or what is wrong with it. */
export function readNewMailbox(given: object): MailboxWish | { readonly fault: string } {
  const read = newMailbox.safeParse(given);
  if (read.success) return { ...read.data, orgCode: read.data.orgCode ?? read.data.odsCode };
  return faultOf(read.error);
}

/** Reads bounds of a mailbox, null for none, by the same rules; or what is wrong with them. */
export function readQuota(given: object): Quota | { readonly fault: string } {
  const read = quotaShape.safeParse(given);
  return read.success ? read.data : faultOf(read.error);
}

function faultOf({ issues: [issue] }: z.ZodError): { readonly fault: string } {
  return { fault: `${issue?.path.join('.')}: ${issue?.message}` };
}

/** The text as a workflow id; undefined where it is none. */
export const readWorkflowId = (given: string): string | undefined => workflowId.safeParse(given).data;
