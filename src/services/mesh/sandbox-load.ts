import { z } from 'zod';
import type { Queryable } from '../../platform/db/database.ts';
import { loadCannedMessages } from './canned-messages.ts';
import type { Directory } from './mailboxes/directory.ts';
import { sandboxMailboxes, sandboxWorkflows } from './mailboxes/published-sandbox.ts';
import { deleteAllMailboxes, deleteAllWorkflows, deleteSwitches } from './mailboxes/queries.ts';
import type { MessageParts } from './messages/parts.ts';
import { deleteAllChunks, deleteEverything } from './messages/queries-sandbox.ts';

const mailboxId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,50}$/, 'a mailbox id is 1 to 50 letters, digits, _ or -')
  .transform((text) => text.toUpperCase());
const words = z.string().max(300);
const workflowId = z.string().min(1).max(300);

/** The `mesh` section of `POST /sandbox/load`. */
export const meshLoad = z.strictObject({
  mailboxes: z
    .array(
      z.strictObject({
        mailbox_id: mailboxId,
        mailbox_name: words.default(''),
        billing_entity: words.default('England'),
        ods_code: words.default(''),
        org_code: words.default(''),
        org_name: words.default(''),
        password: z.string().max(300).default('password'),
        active: z.boolean().default(true),
      }),
    )
    .default([]),
  workflows: z
    .array(
      z.strictObject({
        workflow_id: workflowId,
        senders: z.array(mailboxId).default([]),
        receivers: z.array(mailboxId).default([]),
      }),
    )
    .default([]),
  liveReports: z.boolean().optional(),
  enforceWorkflows: z.boolean().optional(),
  cannedMessages: z.literal(true).optional(),
});
export type MeshLoad = z.infer<typeof meshLoad>;

/** Makes mailboxes and workflows exactly as given, in place of those of the same id, and sets switches. */
export async function loadMesh(parts: MessageParts, load: MeshLoad): Promise<object> {
  const { db, directory, clock } = parts;
  const mailboxes = load.mailboxes.map((row) => ({
    mailboxId: row.mailbox_id,
    name: row.mailbox_name,
    odsCode: row.ods_code,
    orgCode: row.org_code,
    orgName: row.org_name,
    billingEntity: row.billing_entity,
    password: row.password,
    isActive: row.active,
  }));
  const workflows = load.workflows.map((row) => ({
    workflowId: row.workflow_id,
    senders: row.senders,
    receivers: row.receivers,
  }));
  await db.transaction(async (tx) => {
    await directory.putIn(tx, mailboxes, clock.now());
    await directory.putWorkflowsIn(tx, workflows);
    await directory.switchIn(tx, { hasLiveReports: load.liveReports, enforcesWorkflows: load.enforceWorkflows });
  });
  await directory.refresh(true);
  const canned = load.cannedMessages ? { cannedMessages: await loadCannedMessages(parts) } : {};
  return { mailboxes: mailboxes.length, workflows: workflows.length, ...canned };
}

/** Makes what published test suites expect of a sandbox, where nothing is registered yet. */
export async function loadPublished(db: Queryable, directory: Directory, now: number): Promise<void> {
  await directory.putIn(db, sandboxMailboxes, now);
  await directory.putWorkflowsIn(db, sandboxWorkflows);
}

/** Back to the published mailboxes and workflows, with nothing in them. */
export async function resetMesh(parts: MessageParts): Promise<void> {
  const { db, directory, clock, payloads } = parts;
  const references = await db.transaction(async (tx) => {
    for (const statement of [deleteAllMailboxes(), deleteAllWorkflows(), deleteSwitches()]) await tx.query(statement);
    await loadPublished(tx, directory, clock.now());
    return deleteMail(tx);
  });
  await directory.refresh(true);
  await payloads.remove(references);
}

/** Deletes every message; where their payloads are. */
export async function deleteMail(tx: Queryable): Promise<string[]> {
  for (const statement of deleteEverything()) await tx.query(statement);
  const chunks = await tx.query<{ reference: string | null }>(deleteAllChunks());
  return chunks.flatMap((chunk) => chunk.reference ?? []);
}
