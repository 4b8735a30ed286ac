import type { RevocationReason } from '../../cis/index.ts';
import { type ChangeNote, mailboxEvent } from './audited-change.ts';
import type { ClientCertificate } from './certificate.ts';
import { changeRegister, type RegisterParts } from './change-register.ts';
import {
  type CertificateRow,
  deleteCertificate,
  deleteWithdrawn,
  insertCertificate,
  insertWithdrawn,
  selectRevoked,
} from './queries-certificates.ts';

/** What came of registering a certificate: done; it was registered already; or it was withdrawn, for good. */
export type Registered = 'registered' | 'already' | 'withdrawn';

/** Registers a client certificate: from now on the mailbox is called with one that is registered. */
export async function registerCertificate(
  parts: RegisterParts,
  mailboxId: string,
  certificate: ClientCertificate,
  { notes, now }: ChangeNote,
): Promise<Registered> {
  const { fingerprint } = certificate;
  let isWithdrawn = false;
  const isRegistered = await changeRegister(parts, { notes }, async (tx) => {
    isWithdrawn = (await tx.query(selectRevoked(fingerprint))).length > 0;
    if (isWithdrawn) return undefined;
    await tx.query(deleteWithdrawn(mailboxId, fingerprint));
    const made = await tx.query(insertCertificate(mailboxId, certificate, now));
    return made.length === 0 ? undefined : mailboxEvent(mailboxId, 'certificate-registered', now, { fingerprint });
  });
  if (isRegistered) return 'registered';
  return isWithdrawn ? 'withdrawn' : 'already';
}

/**
 * Takes a certificate out: the mailbox is not called with it any more. One of our own authority is revoked by it: no
 * mailbox is. False where it was not registered. With the last one gone, any other certificate may call.
 */
export function withdrawCertificate(
  parts: RegisterParts,
  mailboxId: string,
  { fingerprint, reason }: { readonly fingerprint: string; readonly reason: RevocationReason },
  { notes, now }: ChangeNote,
): Promise<boolean> {
  return changeRegister(parts, { notes }, async (tx) => {
    const [gone] = await tx.query<CertificateRow>(deleteCertificate(mailboxId, fingerprint));
    if (!gone) return undefined;
    await tx.query(insertWithdrawn(mailboxId, gone, reason, now));
    return mailboxEvent(mailboxId, 'certificate-removed', now, { fingerprint, reason });
  });
}
