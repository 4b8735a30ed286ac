import { randomBytes } from 'node:crypto';
import type { Queryable } from '../../../platform/db/database.ts';
import type { Directory } from '../mailboxes/directory.ts';
import type { Mailbox } from '../mailboxes/mailbox.ts';

/** Files for it are traced (published). */
export const traceWorkflow = 'SPINE_PDS_MESH_V1';

/** PDS's own mailbox, which clients find by workflow search; its name is ours. */
export const traceMailboxId = 'X26PDSMESH';

/** Nobody but this Spine sends as PDS: the password is drawn and never told. */
const traceMailbox = (): Mailbox => ({
  mailboxId: traceMailboxId,
  name: 'PDS batch trace',
  odsCode: 'X26',
  orgCode: 'X26',
  orgName: 'OpenSpine',
  billingEntity: 'England',
  password: randomBytes(32).toString('hex'),
  isActive: true,
});

/** Whether it is there and found by workflow search. */
export const isTraceMailboxThere = (directory: Directory): boolean =>
  directory.receivers(traceWorkflow).some((one) => one.mailboxId === traceMailboxId);

/** Makes the mailbox where it isn't there, and registers it: receives requests, sends answers. */
export async function putTraceMailbox(tx: Queryable, directory: Directory, now: number): Promise<void> {
  await directory.putIn(tx, [traceMailbox()], now);
  const known = directory.workflow(traceWorkflow);
  const withOwn = (ids: readonly string[] | undefined) => [...new Set([...(ids ?? []), traceMailboxId])];
  await directory.putWorkflowsIn(tx, [
    { workflowId: traceWorkflow, senders: withOwn(known?.senders), receivers: withOwn(known?.receivers) },
  ]);
}
