import { X509Certificate } from 'node:crypto';
import type { Mailbox } from '../mailboxes/mailbox.ts';

/** A client certificate as it is registered. */
export type ClientCertificate = {
  /** SHA-256 of the whole of it, hexadecimal, lower case. */
  readonly fingerprint: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** Of one that our own authority issued: its serial number, hexadecimal, lower case. */
  readonly serial?: string | undefined;
};

/** Reads a certificate in PEM; what is wrong with it for this mailbox at this time, where something is. */
export function readCertificate(
  pem: string,
  { odsCode, orgCode }: Pick<Mailbox, 'odsCode' | 'orgCode'>,
  now: number,
): ClientCertificate | { readonly fault: string } {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return { fault: 'it is no X.509 certificate in PEM' };
  }
  const name = /^CN=(.+)$/m.exec(certificate.subject)?.[1] ?? '';
  if (!isClientName(name, [odsCode, orgCode]))
    return { fault: `its name is not <local id>.${odsCode}.api.mesh-client.nhs.uk` };
  const notAfter = certificate.validToDate.getTime();
  if (notAfter <= now) return { fault: 'it has run out' };
  return { fingerprint: fingerprintOf(certificate.fingerprint256), name, notAfter };
}

/** A fingerprint as OpenSSL writes it, in the form that is kept. */
export const fingerprintOf = (text: string): string => text.replaceAll(':', '').toLowerCase();

/** Whether a name is that of a client of one of these organisations (contract, section 2). */
export function isClientName(name: string, odsCodes: readonly string[]): boolean {
  const [, code] = /^[A-Za-z0-9-]{1,63}\.([A-Za-z0-9]{1,12})\.api\.mesh-client\.nhs\.uk$/i.exec(name) ?? [];
  return code !== undefined && odsCodes.some((one) => one.toUpperCase() === code.toUpperCase());
}
