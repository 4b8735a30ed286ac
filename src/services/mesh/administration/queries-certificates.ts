import { type Statement, sql } from '../../../platform/db/sql.ts';
import type { ClientCertificate } from './certificate.ts';

export type CertificateRow = {
  fingerprint: string;
  name: string;
  serial: string | null;
  not_after_at: Date;
  registered_at: Date;
};

/** Registers a certificate; no row comes back where it is already. */
export const insertCertificate = (
  mailboxId: string,
  { fingerprint, name, serial, notAfter }: ClientCertificate,
  now: number,
): Statement => sql`
  insert into mesh.certificate (mailbox_id, fingerprint, name, serial, not_after_at, registered_at)
  values (${mailboxId}, ${fingerprint}, ${name}, ${serial ?? null}, ${new Date(notAfter)}, ${new Date(now)})
  on conflict (mailbox_id, fingerprint) do nothing
  returning fingerprint`;

export const deleteCertificate = (mailboxId: string, fingerprint: string): Statement => sql`
  delete from mesh.certificate where mailbox_id = ${mailboxId} and fingerprint = ${fingerprint}
  returning fingerprint, serial, not_after_at`;

export const selectCertificates = (mailboxId: string): Statement => sql`
  select fingerprint, name, serial, not_after_at, registered_at from mesh.certificate
   where mailbox_id = ${mailboxId} order by registered_at, fingerprint`;

/** Notes that a certificate was taken out of a mailbox. */
export const insertWithdrawn = (
  mailboxId: string,
  row: Pick<CertificateRow, 'fingerprint' | 'serial' | 'not_after_at'>,
  reason: string,
  now: number,
): Statement => sql`
  insert into mesh.withdrawn_certificate (mailbox_id, fingerprint, serial, reason, not_after_at, withdrawn_at)
  values (${mailboxId}, ${row.fingerprint}, ${row.serial}, ${reason}, ${row.not_after_at}, ${new Date(now)})
  on conflict (mailbox_id, fingerprint) do update
    set serial = excluded.serial, reason = excluded.reason, withdrawn_at = excluded.withdrawn_at`;

/** A certificate of another authority, taken out of a mailbox before, may be registered there again. */
export const deleteWithdrawn = (mailboxId: string, fingerprint: string): Statement => sql`
  delete from mesh.withdrawn_certificate
   where mailbox_id = ${mailboxId} and fingerprint = ${fingerprint} and serial is null`;

/** Whether a certificate of our own authority was withdrawn, from whichever mailbox. */
export const selectRevoked = (fingerprint: string): Statement => sql`
  select 1 from mesh.withdrawn_certificate where fingerprint = ${fingerprint} and serial is not null limit 1`;

export type RevokedRow = { serial: string; reason: string; withdrawn_at: Date };

/** Certificates of our own authority that were withdrawn and have not run out, each once. */
export const selectRevokedAt = (now: number): Statement => sql`
  select distinct on (serial) serial, reason, withdrawn_at from mesh.withdrawn_certificate
   where serial is not null and not_after_at > ${new Date(now)} order by serial, withdrawn_at`;

export const forgetWithdrawn = (before: number): Statement => sql`
  delete from mesh.withdrawn_certificate where not_after_at < ${new Date(before)}`;

export type AuthorityRow = { certificate: Buffer; sealed_key: string };

export const selectAuthority = (name: string): Statement => sql`
  select certificate, sealed_key from mesh.authority where name = ${name}`;

/** Keeps an authority, unless another process has made it first. */
export const insertAuthority = (name: string, row: AuthorityRow, now: number): Statement => sql`
  insert into mesh.authority (name, certificate, sealed_key, made_at)
  values (${name}, ${row.certificate}, ${row.sealed_key}, ${new Date(now)})
  on conflict (name) do nothing`;
