import * as asn1js from 'asn1js';
import { AuthorityKeyIdentifier, CertificateRevocationList, Extensions, RevokedCertificate } from 'pkijs';
import type { Clock } from '../../../platform/clock/clock.ts';
import { day, type RevocationReason, reasonCodes } from './card-states.ts';
import { extension, type Issuer, timeOf, toArrayBuffer, toBuffer } from './certificates.ts';

/** One line of a revocation list; the serial number in hexadecimal, the time in milliseconds. */
export type Revoked = { readonly serial: string; readonly revokedAt: number; readonly reason: string };

/** How long a list may be believed. */
export const listMillis = day;

/** A list is made anew at most this often in each process: whoever asks again and again makes us sign no more. */
const listKeptMillis = 10_000;

/** What to ask for a revocation list: one that was just made, or a new one of what `read` answers for a moment. */
export function revocationLists(
  clock: Clock,
  read: (now: number) => Promise<{ readonly issuer: Issuer; readonly revoked: readonly Revoked[] }>,
): () => Promise<Buffer> {
  let kept: { readonly at: number; readonly list: Promise<Buffer> } | undefined;
  const made = async (now: number): Promise<Buffer> => {
    const { issuer, revoked } = await read(now);
    return await makeRevocationList(issuer, revoked, now);
  };
  return () => {
    const now = clock.now();
    if (kept === undefined || Math.abs(now - kept.at) >= listKeptMillis) {
      const list = made(now);
      kept = { at: now, list };
      list.catch(() => {
        kept = undefined;
      });
    }
    return kept.list;
  };
}

/** A certificate revocation list, version 2 (RFC 5280, 5), as DER. Its number is the moment it was made. */
export async function makeRevocationList(issuer: Issuer, revoked: readonly Revoked[], now: number): Promise<Buffer> {
  const list = new CertificateRevocationList();
  list.version = 1;
  list.issuer = issuer.certificate.subject;
  list.thisUpdate = timeOf(now);
  list.nextUpdate = timeOf(now + listMillis);
  if (revoked.length > 0) list.revokedCertificates = revoked.map(entry);
  const keyIdentifier = new asn1js.OctetString({ valueHex: await issuer.certificate.getKeyHash() });
  list.crlExtensions = new Extensions({
    extensions: [
      extension('2.5.29.35', false, new AuthorityKeyIdentifier({ keyIdentifier })),
      extension('2.5.29.20', false, new asn1js.Integer({ value: now })),
    ],
  });
  await list.sign(issuer.privateKey, 'SHA-384');
  return toBuffer(list);
}

function entry({ serial, revokedAt, reason }: Revoked): RevokedCertificate {
  const code = reasonCodes[reason as RevocationReason] ?? 0;
  return new RevokedCertificate({
    userCertificate: new asn1js.Integer({ valueHex: toArrayBuffer(Buffer.from(serial, 'hex')) }),
    revocationDate: timeOf(revokedAt),
    // RFC 5280, 5.3.1: unspecified is left out rather than written
    ...(code === 0
      ? {}
      : {
          crlEntryExtensions: new Extensions({
            extensions: [extension('2.5.29.21', false, new asn1js.Enumerated({ value: code }))],
          }),
        }),
  });
}
