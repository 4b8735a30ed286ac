import type { Mailbox } from '../mailboxes/mailbox.ts';
import { type ChangeNote, mailboxEvent } from './audited-change.ts';
import { changeRegister, type RegisterParts } from './change-register.ts';
import { newPassword } from './new-password.ts';
import { insertMailbox } from './queries-administration.ts';

export type MailboxWish = Pick<Mailbox, 'mailboxId' | 'name' | 'odsCode' | 'orgCode' | 'orgName' | 'billingEntity'>;

/** Makes a mailbox; its password, told here and nowhere else. Undefined where there is one of this id already. */
export async function createMailbox(
  parts: RegisterParts,
  wish: MailboxWish,
  { notes, now }: ChangeNote,
): Promise<string | undefined> {
  const { mailboxId, name, odsCode, orgCode, orgName, billingEntity } = wish;
  const password = newPassword();
  const isMade = await changeRegister(parts, { notes }, async (tx) => {
    const row = {
      mailbox_id: mailboxId,
      name,
      ods_code: odsCode,
      org_code: orgCode,
      org_name: orgName,
      billing_entity: billingEntity,
      sealed_password: parts.directory.sealed(mailboxId, password),
      is_active: true,
    };
    const made = await tx.query(insertMailbox(row, now));
    return made.length === 0 ? undefined : mailboxEvent(mailboxId, 'created', now, { odsCode });
  });
  return isMade ? password : undefined;
}
