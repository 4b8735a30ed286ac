import { createHash } from 'node:crypto';
import * as asn1js from 'asn1js';
import {
  BasicOCSPResponse,
  type CertID,
  Extension,
  OCSPRequest,
  OCSPResponse,
  ResponseBytes,
  SingleResponse,
} from 'pkijs';
import { type RevocationReason, reasonCodes } from './card-states.ts';
import { type Issuer, toArrayBuffer, toBuffer } from './certificates.ts';
import type { Revoked } from './revocation-list.ts';

/** Statuses of a response that tells nothing else (RFC 6960, 4.2.1). */
const statuses = { successful: 0, malformed: 1, internal: 2 } as const;

const ids = {
  basic: '1.3.6.1.5.5.7.48.1.1',
  nonce: '1.3.6.1.5.5.7.48.1.2',
} as const;

const mostAsked = 20;
/** RFC 9654: a nonce of at most 128 bytes. */
const longestNonce = 128;
/** How long an answer without a nonce may be believed. */
const answerMillis = 10 * 60_000;

/** What is on record of certificates: by serial number in hexadecimal; absent: none of ours. */
export type OnRecord = ReadonlyMap<string, { readonly revoked: Revoked | undefined }>;

type Asked = { readonly ids: readonly CertID[]; readonly nonce: asn1js.OctetString | undefined };

/** The request; undefined where it is none, or asks for more than one answer should hold. */
export function readOcspRequest(
  der: Buffer,
): { readonly asked: Asked; readonly serials: readonly string[] } | undefined {
  try {
    const parsed = asn1js.fromBER(toArrayBuffer(der));
    if (parsed.offset !== der.length) return undefined;
    const { tbsRequest } = new OCSPRequest({ schema: parsed.result });
    const certIds = tbsRequest.requestList.map((one) => one.reqCert);
    if (certIds.length === 0 || certIds.length > mostAsked) return undefined;
    const nonce = tbsRequest.requestExtensions?.find(({ extnID }) => extnID === ids.nonce)?.extnValue;
    if (nonce && nonce.valueBlock.valueHexView.length > longestNonce + 4) return undefined;
    return { asked: { ids: certIds, nonce }, serials: certIds.map(serialAsked) };
  } catch {
    return undefined;
  }
}

const serialAsked = (id: CertID): string => Buffer.from(id.serialNumber.valueBlock.valueHexView).toString('hex');

/** An answer that says only that there is none. */
export function ocspFault(why: 'malformed' | 'internal'): Buffer {
  const response = new OCSPResponse({ responseStatus: new asn1js.Enumerated({ value: statuses[why] }) });
  return toBuffer(response);
}

/**
 * The signed answer (RFC 6960): good, revoked with time and reason, or unknown where the certificate is none of this
 * issuer's. Signed by the issuing authority itself; a nonce comes back as it was sent.
 */
export async function answerOcsp(issuer: Issuer, asked: Asked, onRecord: OnRecord, now: number): Promise<Buffer> {
  const basic = new BasicOCSPResponse();
  const { tbsResponseData } = basic;
  tbsResponseData.responderID = issuer.certificate.subject;
  tbsResponseData.producedAt = atSecond(now);
  for (const certID of asked.ids) {
    const kept = isOf(certID, issuer) ? onRecord.get(serialAsked(certID)) : undefined;
    const single = new SingleResponse({ certID });
    single.certStatus = statusOf(kept);
    single.thisUpdate = atSecond(now);
    single.nextUpdate = atSecond(now + answerMillis);
    tbsResponseData.responses.push(single);
  }
  if (asked.nonce) {
    const extnValue = Uint8Array.from(asked.nonce.valueBlock.valueHexView).buffer;
    tbsResponseData.responseExtensions = [new Extension({ extnID: ids.nonce, extnValue })];
  }
  basic.certs = [issuer.certificate];
  await basic.sign(issuer.privateKey, 'SHA-384');
  const response = new OCSPResponse({
    responseStatus: new asn1js.Enumerated({ value: statuses.successful }),
    responseBytes: new ResponseBytes({
      responseType: ids.basic,
      response: new asn1js.OctetString({ valueHex: basic.toSchema().toBER(false) }),
    }),
  });
  return toBuffer(response);
}

const atSecond = (millis: number): Date => new Date(Math.floor(millis / 1000) * 1000);

function statusOf(kept: { readonly revoked: Revoked | undefined } | undefined): asn1js.BaseBlock {
  if (!kept) return new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber: 2 } });
  if (!kept.revoked) return new asn1js.Primitive({ idBlock: { tagClass: 3, tagNumber: 0 } });
  const { revokedAt, reason } = kept.revoked;
  const code = new asn1js.Enumerated({ value: reasonCodes[reason as RevocationReason] ?? 0 });
  return new asn1js.Constructed({
    idBlock: { tagClass: 3, tagNumber: 1 },
    value: [
      new asn1js.GeneralizedTime({ valueDate: atSecond(revokedAt) }),
      new asn1js.Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [code] }),
    ],
  });
}

const hashNames: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** Whether the name and key hashes of the question are those of this issuer. */
function isOf(certID: CertID, { certificate }: Issuer): boolean {
  const algorithm = hashNames[certID.hashAlgorithm.algorithmId];
  if (algorithm === undefined) return false;
  const hash = (bytes: Uint8Array) => createHash(algorithm).update(bytes).digest();
  return (
    hash(new Uint8Array(certificate.subject.toSchema().toBER(false))).equals(
      certID.issuerNameHash.valueBlock.valueHexView,
    ) &&
    hash(certificate.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView).equals(
      certID.issuerKeyHash.valueBlock.valueHexView,
    )
  );
}
