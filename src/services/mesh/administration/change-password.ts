import { type ChangeNote, mailboxEvent } from './audited-change.ts';
import { changeRegister, type RegisterParts } from './change-register.ts';
import { newPassword } from './new-password.ts';
import { updatePassword } from './queries-administration.ts';

/**
 * Gives a mailbox a new password, told here and nowhere else; the one before holds for so many milliseconds more, so that
 * several clients can be changed one after the other. Undefined where there is no such mailbox.
 */
export async function changePassword(
  parts: RegisterParts,
  mailboxId: string,
  overlapMillis: number,
  { notes, now }: ChangeNote,
): Promise<string | undefined> {
  const password = newPassword();
  const until = now + overlapMillis;
  const isChanged = await changeRegister(parts, { notes }, async (tx) => {
    const sealed = parts.directory.sealed(mailboxId, password);
    const changed = await tx.query(updatePassword(mailboxId, sealed, until, now));
    if (changed.length === 0) return undefined;
    return mailboxEvent(mailboxId, 'password-changed', now, { previousUntil: new Date(until).toISOString() });
  });
  return isChanged ? password : undefined;
}
