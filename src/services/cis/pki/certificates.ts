import { randomBytes } from 'node:crypto';
import * as asn1js from 'asn1js';
import {
  AccessDescription,
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CRLDistributionPoints,
  DistributionPoint,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
  InfoAccess,
  type RelativeDistinguishedNames,
  Time,
} from 'pkijs';

/** A key pair of ours: NIST P-256 for cards and servers, P-384 for authorities. */
export async function makeKeys(curve: 'P-256' | 'P-384'): Promise<{ publicKey: CryptoKey; privateKey: CryptoKey }> {
  return await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: curve }, true, ['sign', 'verify']);
}

/** Names in the order in which they are written; only those given. */
export type SubjectName = {
  readonly organisation?: string;
  readonly commonName: string;
  /** The twelve-digit user id. */
  readonly userId?: string;
  /** The card number. */
  readonly serialNumber?: string;
};

const nameTypes = { o: '2.5.4.10', cn: '2.5.4.3', uid: '0.9.2342.19200300.100.1.1', serial: '2.5.4.5' } as const;

/** Extended key usages (RFC 5280, 4.2.1.12; Microsoft's for log-on with a card is left out). */
export const usages = {
  clientAuth: '1.3.6.1.5.5.7.3.2',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  emailProtection: '1.3.6.1.5.5.7.3.4',
} as const;

/** Bits of the key usage extension (RFC 5280, 4.2.1.3), as the first byte of its bit string. */
export const keyUsageBits = { digitalSignature: 0x80, contentCommitment: 0x40, keyCertSign: 0x04, cRLSign: 0x02 };

export type CertificateWish = {
  readonly subject: SubjectName;
  readonly publicKey: CryptoKey;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Bits of `keyUsageBits`. */
  readonly keyUsage: number;
  readonly extendedUsages?: readonly string[];
  /** How many authorities may follow below it; a certificate of an authority has this. */
  readonly pathLength?: number;
  readonly hosts?: readonly string[];
  /** Where revocation is told: list, responder where there is one, issuer's certificate. */
  readonly addresses?: { readonly crl: string; readonly ocsp?: string; readonly issuer: string } | undefined;
};

export type Issuer = { readonly certificate: Certificate; readonly privateKey: CryptoKey };

/** Makes a certificate signed by the issuer, or by its own key where there is none. DER is `toBuffer(certificate)`. */
export async function makeCertificate(
  wish: CertificateWish,
  issuer: Issuer | { readonly privateKey: CryptoKey },
): Promise<Certificate> {
  const certificate = new Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1js.Integer({ valueHex: toArrayBuffer(newSerial()) });
  writeName(certificate.subject, wish.subject);
  if ('certificate' in issuer) certificate.issuer = issuer.certificate.subject;
  else writeName(certificate.issuer, wish.subject);
  certificate.notBefore = timeOf(wish.notBefore);
  certificate.notAfter = timeOf(wish.notAfter);
  await certificate.subjectPublicKeyInfo.importKey(wish.publicKey);
  const ownKeyId = await certificate.getKeyHash();
  const issuerKeyId = 'certificate' in issuer ? await issuer.certificate.getKeyHash() : ownKeyId;
  certificate.extensions = extensionsOf(wish, ownKeyId, issuerKeyId);
  await certificate.sign(issuer.privateKey, 'SHA-384');
  return certificate;
}

/** 16 random bytes, positive as DER wants it. */
function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  return serial;
}

function extensionsOf(wish: CertificateWish, ownKeyId: ArrayBuffer, issuerKeyId: ArrayBuffer): Extension[] {
  const isAuthority = wish.pathLength !== undefined;
  const extensions = [
    extension('2.5.29.19', true, constraints(wish.pathLength)),
    extension('2.5.29.15', true, bits(wish.keyUsage)),
    extension('2.5.29.14', false, new asn1js.OctetString({ valueHex: ownKeyId })),
    extension(
      '2.5.29.35',
      false,
      new AuthorityKeyIdentifier({ keyIdentifier: new asn1js.OctetString({ valueHex: issuerKeyId }) }),
    ),
  ];
  if (wish.extendedUsages && !isAuthority)
    extensions.push(extension('2.5.29.37', false, new ExtKeyUsage({ keyPurposes: [...wish.extendedUsages] })));
  if (wish.hosts) extensions.push(extension('2.5.29.17', false, new GeneralNames({ names: wish.hosts.map(hostName) })));
  if (wish.addresses) {
    const { crl, ocsp, issuer } = wish.addresses;
    const point = new DistributionPoint({ distributionPoint: [addressName(crl)] });
    extensions.push(extension('2.5.29.31', false, new CRLDistributionPoints({ distributionPoints: [point] })));
    const told = (accessMethod: string, address: string) =>
      new AccessDescription({ accessMethod, accessLocation: addressName(address) });
    const access = [told('1.3.6.1.5.5.7.48.2', issuer)];
    if (ocsp !== undefined) access.unshift(told('1.3.6.1.5.5.7.48.1', ocsp));
    extensions.push(extension('1.3.6.1.5.5.7.1.1', false, new InfoAccess({ accessDescriptions: access })));
  }
  return extensions;
}

const constraints = (pathLength: number | undefined): BasicConstraints =>
  pathLength === undefined
    ? new BasicConstraints({ cA: false })
    : new BasicConstraints({ cA: true, pathLenConstraint: pathLength });

const addressName = (address: string): GeneralName => new GeneralName({ type: 6, value: address });

function hostName(host: string): GeneralName {
  if (!/^\d+(\.\d+){3}$/.test(host)) return new GeneralName({ type: 2, value: host });
  const bytes = Uint8Array.from(host.split('.').map(Number));
  return new GeneralName({ type: 7, value: new asn1js.OctetString({ valueHex: bytes.buffer }) });
}

/** The key usage as a bit string, without trailing zero bits (DER). */
function bits(usage: number): asn1js.BitString {
  let unusedBits = 0;
  while (unusedBits < 7 && ((usage >> unusedBits) & 1) === 0) unusedBits++;
  return new asn1js.BitString({ valueHex: Uint8Array.of(usage).buffer, unusedBits });
}

type Der = { toBER(sizeOnly?: boolean): ArrayBuffer };

/** An extension holding the DER of the value. */
export function extension(extnID: string, critical: boolean, value: Der | { toSchema(): Der }): Extension {
  const der = 'toSchema' in value ? value.toSchema() : value;
  return new Extension({ extnID, critical, extnValue: der.toBER(false) });
}

/** One attribute a level; pkijs by itself would put all into one level, hence the encoding here. */
function writeName(into: RelativeDistinguishedNames, name: SubjectName): void {
  const { organisation, commonName, userId, serialNumber } = name;
  const utf8 = (type: string, value: string | undefined) =>
    value === undefined ? [] : [new AttributeTypeAndValue({ type, value: new asn1js.Utf8String({ value }) })];
  const attributes = [
    ...utf8(nameTypes.o, organisation),
    // the upper bound of a common name is 64 characters (RFC 5280, appendix A)
    ...utf8(nameTypes.cn, [...commonName].slice(0, 64).join('')),
    ...utf8(nameTypes.uid, userId),
  ].map((attribute) => attribute.toSchema());
  if (serialNumber !== undefined)
    attributes.push(
      new asn1js.Sequence({
        value: [
          new asn1js.ObjectIdentifier({ value: nameTypes.serial }),
          new asn1js.PrintableString({ value: serialNumber }),
        ],
      }),
    );
  const whole = new asn1js.Sequence({ value: attributes.map((one) => new asn1js.Set({ value: [one] })) });
  into.fromSchema(asn1js.fromBER(whole.toBER(false)).result as Parameters<typeof into.fromSchema>[0]);
}

/** UTCTime to 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5); whole seconds. */
export function timeOf(millis: number): Time {
  const value = new Date(Math.floor(millis / 1000) * 1000);
  return new Time({ type: value.getUTCFullYear() < 2050 ? 0 : 1, value });
}

/** The DER of anything of pkijs. */
export function toBuffer(thing: { toSchema(encodeFlag?: boolean): Der }): Buffer {
  return Buffer.from(thing.toSchema(true).toBER(false));
}

/** A copy in an ArrayBuffer of its own, as asn1js takes it. */
export function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/** A certificate's serial number as it is kept: hexadecimal, small letters. */
export function serialOf(certificate: Certificate): string {
  return Buffer.from(certificate.serialNumber.valueBlock.valueHexView).toString('hex');
}

export function toPem(der: Buffer, label = 'CERTIFICATE'): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
