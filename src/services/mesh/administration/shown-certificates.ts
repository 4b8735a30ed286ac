import type { Database } from '../../../platform/db/database.ts';
import type { Directory } from '../mailboxes/directory.ts';
import { type CertificateRow, selectCertificates } from './queries-certificates.ts';

/** A registered client certificate as administrators see it; instants in ISO 8601. */
export type ShownCertificate = {
  readonly fingerprint: string;
  readonly name: string;
  readonly notAfter: string;
  readonly registeredAt: string;
  /** It was withdrawn from another mailbox, and gets in nowhere. */
  readonly isWithdrawn?: true;
};

/** The client certificates registered for a mailbox, in the order in which they were. */
export async function shownCertificates(
  { db, directory }: { readonly db: Database; readonly directory: Directory },
  mailboxId: string,
): Promise<ShownCertificate[]> {
  const rows = await db.query<CertificateRow>(selectCertificates(mailboxId));
  return rows.map(({ fingerprint, name, not_after_at: notAfter, registered_at: registeredAt }) => ({
    fingerprint,
    name,
    notAfter: notAfter.toISOString(),
    registeredAt: registeredAt.toISOString(),
    ...(directory.isRevoked(fingerprint) && { isWithdrawn: true }),
  }));
}
