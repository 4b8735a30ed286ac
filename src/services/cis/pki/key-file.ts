import { randomInt } from 'node:crypto';
import * as asn1js from 'asn1js';
import {
  Attribute,
  AuthenticatedSafe,
  CertBag,
  Certificate,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  SafeBag,
  SafeContents,
} from 'pkijs';
import { toArrayBuffer, toBuffer } from './certificates.ts';

const bags = { certificate: '1.2.840.113549.1.12.10.1.3', shroudedKey: '1.2.840.113549.1.12.10.1.2' } as const;
const attributes = { localKeyId: '1.2.840.113549.1.9.21', friendlyName: '1.2.840.113549.1.9.20' } as const;

/** Rounds of the key derivations. The passcode is random, so they need not make up for one that is easily guessed. */
const rounds = { cipher: 100_000, mac: 10_000 };

export type KeyFileContents = {
  readonly privateKey: Buffer;
  readonly certificate: Buffer;
  /** Certificates of the authorities above, nearest first. */
  readonly chain: readonly Buffer[];
  /** What a person sees it called. */
  readonly name: string;
};

/**
 * A PKCS #12 file (RFC 7292): the key under PBES2 with AES-256 and PBKDF2-HMAC-SHA-256, the certificates likewise, the
 * whole under an HMAC of SHA-256. The passcode is its passphrase.
 */
export async function makeKeyFile(contents: KeyFileContents, passcode: string): Promise<Buffer> {
  const password = toArrayBuffer(Buffer.from(passcode, 'utf8'));
  const cipher = {
    password,
    contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
    hmacHashAlgorithm: 'SHA-256',
    iterationCount: rounds.cipher,
  };
  const keyBag = new PKCS8ShroudedKeyBag({
    parsedValue: PrivateKeyInfo.fromBER(toArrayBuffer(contents.privateKey)),
  });
  await keyBag.makeInternalValues(cipher as unknown as Parameters<typeof keyBag.makeInternalValues>[0]);
  const certificates = [
    bagOf(contents.certificate, named(contents.name)),
    ...contents.chain.map((certificate) => bagOf(certificate, undefined)),
  ];
  const safe = new AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        {
          privacyMode: 0,
          value: new SafeContents({
            safeBags: [new SafeBag({ bagId: bags.shroudedKey, bagValue: keyBag, bagAttributes: named(contents.name) })],
          }),
        },
        { privacyMode: 1, value: new SafeContents({ safeBags: certificates }) },
      ],
    },
  });
  await safe.makeInternalValues({ safeContents: [{}, cipher] });
  const file = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safe } });
  await file.makeInternalValues({
    password,
    iterations: rounds.mac,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  });
  return toBuffer(file);
}

function bagOf(certificate: Buffer, bagAttributes: Attribute[] | undefined): SafeBag {
  const parsedValue = Certificate.fromBER(toArrayBuffer(certificate));
  return new SafeBag({
    bagId: bags.certificate,
    bagValue: new CertBag({ parsedValue }),
    ...(bagAttributes ? { bagAttributes } : {}),
  });
}

/** Ties a key to its certificate, under a name to show. */
const named = (name: string): Attribute[] => [
  new Attribute({
    type: attributes.localKeyId,
    values: [new asn1js.OctetString({ valueHex: Uint8Array.of(1).buffer })],
  }),
  new Attribute({ type: attributes.friendlyName, values: [new asn1js.BmpString({ value: name })] }),
];

/** No letters or digits that are taken for one another. */
const passcodeLetters = '23456789abcdefghjkmnpqrstuvwxyz';

/** A passcode that nobody chose. A file is guessed at offline, without a chip that locks, so it has 59 random bits. */
export function newPasscode(): string {
  const letters = Array.from({ length: 12 }, () => passcodeLetters[randomInt(passcodeLetters.length)]);
  return letters.join('').replace(/(.{4})(?=.)/g, '$1-');
}
