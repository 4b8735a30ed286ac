import { createPublicKey } from 'node:crypto';
import { CertificationRequest } from 'pkijs';
import type { Mailbox } from '../mailboxes/mailbox.ts';
import { isClientName } from './certificate.ts';

/** A request for a client certificate that may be granted: the name asked for, and the key it is signed with. */
export type CertificateRequest = { readonly name: string; readonly publicKey: CryptoKey };

const commonName = '2.5.4.3';
const curves = ['prime256v1', 'secp384r1'];

/**
 * Reads a certificate signing request (PKCS #10, PEM); what is wrong with it for this mailbox, where something is. Only its
 * name and its key are taken: nothing else a client asks for gets into the certificate.
 */
export async function readCertificateRequest(
  pem: string,
  { odsCode, orgCode }: Pick<Mailbox, 'odsCode' | 'orgCode'>,
): Promise<CertificateRequest | { readonly fault: string }> {
  const unreadable = { fault: 'it is no signing request (PKCS #10) in PEM, signed with its own key' };
  const [, base64] =
    /^\s*-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/.exec(
      pem,
    ) ?? [];
  if (base64 === undefined) return unreadable;
  try {
    const request = CertificationRequest.fromBER(Uint8Array.from(Buffer.from(base64, 'base64')));
    // whoever asks must have the private key
    if (!(await request.verify())) return unreadable;
    const names = request.subject.typesAndValues.filter(({ type }) => type === commonName);
    const name = names.length === 1 ? String(names[0]?.value.valueBlock.value) : '';
    if (name.length > 64 || !isClientName(name, [odsCode, orgCode]))
      return { fault: `its name is not <local id>.${odsCode}.api.mesh-client.nhs.uk` };
    const weakness = weaknessOf(Buffer.from(request.subjectPublicKeyInfo.toSchema().toBER(false)));
    return weakness === undefined ? { name, publicKey: await request.getPublicKey() } : { fault: weakness };
  } catch {
    return unreadable;
  }
}

function weaknessOf(spki: Buffer): string | undefined {
  const { asymmetricKeyType, asymmetricKeyDetails = {} } = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  const { modulusLength = 0, namedCurve = '' } = asymmetricKeyDetails;
  const isGood =
    (asymmetricKeyType === 'rsa' && modulusLength >= 2048 && modulusLength <= 8192) ||
    (asymmetricKeyType === 'ec' && curves.includes(namedCurve));
  return isGood ? undefined : 'its key is neither RSA of 2048 to 8192 bits nor of P-256 or P-384';
}
