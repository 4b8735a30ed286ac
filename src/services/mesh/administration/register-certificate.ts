import { type ChangeNote, mailboxEvent } from './audited-change.ts';
import type { ClientCertificate } from './certificate.ts';
import { changeRegister, type RegisterParts } from './change-register.ts';
import { deleteCertificate, insertCertificate } from './queries-administration.ts';

/** Registers a client certificate: from now on the mailbox is called with one that is registered. False: it was already. */
export function registerCertificate(
  parts: RegisterParts,
  mailboxId: string,
  { fingerprint, name, notAfter }: ClientCertificate,
  { notes, now }: ChangeNote,
): Promise<boolean> {
  return changeRegister(parts, { notes }, async (tx) => {
    const row = { fingerprint, name, not_after_at: new Date(notAfter), registered_at: new Date(now) };
    const made = await tx.query(insertCertificate(mailboxId, row));
    return made.length === 0 ? undefined : mailboxEvent(mailboxId, 'certificate-registered', now, { fingerprint });
  });
}

/** Takes a certificate out; false where it was not registered. With the last one gone, any client may call. */
export function removeCertificate(
  parts: RegisterParts,
  mailboxId: string,
  fingerprint: string,
  { notes, now }: ChangeNote,
): Promise<boolean> {
  return changeRegister(parts, { notes }, async (tx) => {
    const gone = await tx.query(deleteCertificate(mailboxId, fingerprint));
    return gone.length === 0 ? undefined : mailboxEvent(mailboxId, 'certificate-removed', now, { fingerprint });
  });
}
