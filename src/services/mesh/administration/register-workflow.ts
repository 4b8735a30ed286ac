import { type ChangeNote, mailboxEvent } from './audited-change.ts';
import { changeRegister, type RegisterParts } from './change-register.ts';
import { deleteRegistration, insertRegistration } from './queries-administration.ts';

/** Whether a mailbox may send and receive a workflow. */
export type Registration = { readonly workflowId: string; readonly sends: boolean; readonly receives: boolean };

/** Registers a mailbox for a workflow as said, in place of what it was registered for; both false takes it out. */
export function registerWorkflow(
  parts: RegisterParts,
  mailboxId: string,
  registration: Registration,
  { notes, now }: ChangeNote,
): Promise<boolean> {
  const { workflowId, sends, receives } = registration;
  return changeRegister(parts, { notes }, async (tx) => {
    for (const [isWanted, isSender] of [
      [sends, true],
      [receives, false],
    ] as const) {
      const change = isWanted ? insertRegistration : deleteRegistration;
      await tx.query(change(workflowId, mailboxId, isSender));
    }
    return mailboxEvent(mailboxId, 'workflow-registered', now, registration);
  });
}
