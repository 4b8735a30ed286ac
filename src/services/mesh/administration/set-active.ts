import { type ChangeNote, mailboxEvent } from './audited-change.ts';
import { changeRegister, type RegisterParts } from './change-register.ts';
import { updateActive } from './queries-administration.ts';

/**
 * Deactivates a mailbox, or activates it again; false where that is how it is already. What waits in a deactivated one
 * becomes undeliverable, with a report to its sender, in the next round of the life of messages.
 */
export function setActive(
  parts: RegisterParts,
  mailboxId: string,
  isActive: boolean,
  reason: string,
  { notes, now }: ChangeNote,
): Promise<boolean> {
  return changeRegister(parts, { notes }, async (tx) => {
    const changed = await tx.query(updateActive(mailboxId, isActive, now));
    if (changed.length === 0) return undefined;
    return mailboxEvent(mailboxId, isActive ? 'activated' : 'deactivated', now, { reason });
  });
}
