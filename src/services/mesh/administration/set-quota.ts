import type { Quota } from '../mailboxes/mailbox.ts';
import { type ChangeNote, mailboxEvent } from './audited-change.ts';
import { changeRegister, type RegisterParts } from './change-register.ts';
import { updateQuota } from './queries-administration.ts';

/** Bounds what a mailbox may send and what may wait in it; in place of what bounded it before. */
export function setQuota(
  parts: RegisterParts,
  mailboxId: string,
  quota: Quota,
  { notes, now }: ChangeNote,
): Promise<boolean> {
  return changeRegister(parts, { notes }, async (tx) => {
    const changed = await tx.query(updateQuota(mailboxId, quota, now));
    return changed.length === 0 ? undefined : mailboxEvent(mailboxId, 'quota-set', now, quota);
  });
}
