import type { SealedPassword } from '../mailboxes/queries.ts';
import { type ChangeNote, mailboxEvent } from './audited-change.ts';
import { changeRegister, type RegisterParts } from './change-register.ts';
import { newPassword } from './new-password.ts';
import { earlierPasswords } from './password-overlap.ts';
import { lockPasswords, updatePasswords } from './queries-administration.ts';

/**
 * Gives a mailbox a new password, told here and nowhere else; the one before holds for so many milliseconds more, so that
 * several clients can be changed one after the other. What holds already goes on to hold as long as was said, so that
 * whoever did not hear the new one may ask again. Undefined where there is no such mailbox; `fullUntil` (milliseconds since
 * 1970) where as many hold as may, and until when.
 */
export async function changePassword(
  parts: RegisterParts,
  mailboxId: string,
  overlapMillis: number,
  { notes, now }: ChangeNote,
): Promise<string | { readonly fullUntil: number } | undefined> {
  const password = newPassword();
  const sealed = parts.directory.sealed(mailboxId, password);
  const until = now + overlapMillis;
  let fullUntil: number | undefined;
  const isChanged = await changeRegister(parts, { notes }, async (tx) => {
    fullUntil = undefined;
    const [row] = await tx.query<{ sealed_password: string; earlier_passwords: SealedPassword[] }>(
      lockPasswords(mailboxId),
    );
    if (!row) return undefined;
    const earlier = earlierPasswords(row.earlier_passwords, { sealed: row.sealed_password, until }, now);
    if ('fullUntil' in earlier) {
      fullUntil = earlier.fullUntil;
      return undefined;
    }
    await tx.query(updatePasswords(mailboxId, sealed, earlier, now));
    return mailboxEvent(mailboxId, 'password-changed', now, { previousUntil: new Date(until).toISOString() });
  });
  if (isChanged) return password;
  return fullUntil === undefined ? undefined : { fullUntil };
}
