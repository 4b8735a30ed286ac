import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Call } from '../../../platform/http/operation.ts';
import { fingerprintOf } from '../administration/certificate.ts';
import type { Directory } from '../mailboxes/directory.ts';
import type { Mailbox } from '../mailboxes/mailbox.ts';

/** A connection has one certificate as long as it lasts, and reading it costs more than the rest of admission. */
const known = new WeakMap<Socket, string>();

/** SHA-256 of the client's certificate; empty where it has shown none. */
function fingerprintOfClient({ raw }: Call): string {
  const { socket } = raw.request;
  let fingerprint = known.get(socket);
  if (fingerprint === undefined) {
    const { getPeerCertificate } = socket as Partial<TLSSocket>;
    fingerprint = fingerprintOf(getPeerCertificate?.call(socket)?.fingerprint256 ?? '');
    known.set(socket, fingerprint);
  }
  return fingerprint;
}

export type Seen = {
  readonly directory: Directory;
  /** False where something in front ends TLS, sees to certificates, and shows us none. */
  readonly seesCertificates: boolean;
};

/** Whether the client's certificate was issued by our own authority and withdrawn: it gets in nowhere. */
export const isRevokedClient = ({ directory, seesCertificates }: Seen, call: Call): boolean =>
  seesCertificates && directory.hasRevoked && directory.isRevoked(fingerprintOfClient(call));

/** Whether a mailbox may be called with the client's certificate: one registered for it, or any where none is. */
export function isClientOf({ seesCertificates }: Seen, mailbox: Mailbox, call: Call): boolean {
  const { fingerprints, withdrawn } = mailbox;
  if (!seesCertificates || (!fingerprints && !withdrawn)) return true;
  const fingerprint = fingerprintOfClient(call);
  return fingerprints ? fingerprints.has(fingerprint) : !withdrawn?.has(fingerprint);
}
