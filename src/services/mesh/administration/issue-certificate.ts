import type { Mailbox } from '../mailboxes/mailbox.ts';
import type { ChangeNote } from './audited-change.ts';
import { type ClientCertificate, readCertificate } from './certificate.ts';
import type { CertificateRequest } from './certificate-request.ts';
import type { RegisterParts } from './change-register.ts';
import type { ClientAuthority } from './client-authority.ts';
import { registerCertificate } from './register-certificate.ts';

/** A certificate as whoever asked for it needs it: itself and that of its authority, in PEM. */
export type IssuedCertificate = ClientCertificate & { readonly pem: string; readonly authority: string };

/** Issues a client certificate for a request that was checked, and registers it for the mailbox. */
export async function issueCertificate(
  parts: RegisterParts & { readonly authority: ClientAuthority },
  mailbox: Mailbox,
  request: CertificateRequest,
  note: ChangeNote,
): Promise<IssuedCertificate> {
  const pem = await parts.authority.issue(request, note.now);
  const read = readCertificate(pem, mailbox, note.now);
  if ('fault' in read) throw new Error(`The certificate made for ${mailbox.mailboxId}: ${read.fault}`);
  const certificate = { ...read, serial: await parts.authority.serialOf(pem) };
  await registerCertificate(parts, mailbox.mailboxId, certificate, note);
  return { ...certificate, pem, authority: await parts.authority.pem(note.now) };
}
