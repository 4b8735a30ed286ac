import { createPrivateKey } from 'node:crypto';
import { Certificate } from 'pkijs';
import type { Clock } from '../../../platform/clock/clock.ts';
import type { Queryable } from '../../../platform/db/database.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import { certificateYears, day } from './card-states.ts';
import {
  type Issuer,
  keyUsageBits,
  makeCertificate,
  makeKeys,
  serialOf,
  toBuffer,
  toPem,
  usages,
} from './certificates.ts';
import { type AuthorityRow, authorityRows, insertAuthority } from './queries-authority.ts';

export type CardUsage = 'authentication' | 'content-commitment';

/** A certificate as it is kept, with the private key that goes with it (PKCS #8 DER), which is not kept. */
export type MadeCertificate = {
  readonly usage: CardUsage;
  readonly serial: string;
  readonly certificate: Buffer;
  readonly privateKey: Buffer;
  readonly notBefore: number;
  readonly notAfter: number;
};

export type CardHolder = { readonly userId: string; readonly cardNumber: string; readonly displayName: string };

const rootYears = 20;
const issuingYears = 12;
const year = 365 * day;

/** The authority that issues cards: a root, and below it what signs certificates, revocation lists and OCSP answers. */
export class CardAuthority {
  readonly root: Buffer;
  readonly issuing: Buffer;
  readonly issuer: Issuer;
  readonly #base: () => string;

  constructor(root: Buffer, issuer: Issuer, base: () => string) {
    this.root = root;
    this.issuer = issuer;
    this.issuing = toBuffer(issuer.certificate);
    this.#base = base;
  }

  /** Root and issuing certificate as PEM, the issuing one first. */
  get chainPem(): string {
    return toPem(this.issuing) + toPem(this.root);
  }

  /**
   * The two certificates of a card, valid from `now` for three years or as long as the authority is, whichever is
   * shorter. Keys are made here, in software, and forgotten.
   */
  async certificatesFor(holder: CardHolder, now: number): Promise<MadeCertificate[]> {
    const notAfter = Math.min(now + certificateYears * year, this.issuer.certificate.notAfter.value.getTime());
    const base = `${this.#base()}/cis2/pki`;
    const addresses = { crl: `${base}/crl`, ocsp: `${base}/ocsp`, issuer: `${base}/issuing.crt` };
    const make = async (usage: CardUsage): Promise<MadeCertificate> => {
      const keys = await makeKeys('P-256');
      const isForLogOn = usage === 'authentication';
      // a minute of grace for clocks that go slow
      const notBefore = now - 60_000;
      const certificate = await makeCertificate(
        {
          subject: {
            organisation: 'OpenSpine',
            commonName: holder.displayName,
            userId: holder.userId,
            serialNumber: holder.cardNumber,
          },
          publicKey: keys.publicKey,
          notBefore,
          notAfter,
          keyUsage: isForLogOn ? keyUsageBits.digitalSignature : keyUsageBits.contentCommitment,
          extendedUsages: [isForLogOn ? usages.clientAuth : usages.emailProtection],
          addresses,
        },
        this.issuer,
      );
      return {
        usage,
        serial: serialOf(certificate),
        certificate: toBuffer(certificate),
        privateKey: await exportKey(keys.privateKey),
        notBefore: certificate.notBefore.value.getTime(),
        notAfter: certificate.notAfter.value.getTime(),
      };
    };
    return [await make('authentication'), await make('content-commitment')];
  }

  /** A certificate and key (PEM) for a sandbox's own card port on localhost. */
  async localhostCertificate(now: number): Promise<{ cert: string; key: string }> {
    const keys = await makeKeys('P-256');
    const certificate = await makeCertificate(
      {
        subject: { organisation: 'OpenSpine', commonName: 'localhost' },
        publicKey: keys.publicKey,
        notBefore: now - day,
        notAfter: now + year,
        keyUsage: keyUsageBits.digitalSignature,
        extendedUsages: [usages.serverAuth],
        hosts: ['localhost', '127.0.0.1'],
      },
      this.issuer,
    );
    const key = createPrivateKey({ key: await exportKey(keys.privateKey), format: 'der', type: 'pkcs8' });
    return {
      cert: toPem(toBuffer(certificate)) + toPem(this.issuing),
      key: key.export({ format: 'pem', type: 'pkcs8' }) as string,
    };
  }
}

const exportKey = async (key: CryptoKey): Promise<Buffer> => Buffer.from(await crypto.subtle.exportKey('pkcs8', key));

export type AuthorityParts = {
  readonly db: Queryable;
  readonly vault: Vault;
  readonly clock: Clock;
  /** Scheme, host and port that certificates name. */
  readonly base: () => string;
};

/**
 * The card authority of this installation; made once, by whichever process comes first. Throws VaultError where its keys
 * were sealed under another master key.
 */
export async function openAuthority(parts: AuthorityParts): Promise<CardAuthority> {
  const { db, vault, clock, base } = parts;
  let rows = await authorityRows(db);
  if (rows.length === 0) {
    await insertAuthority(db, await makeAuthority(vault, clock.now()), clock.now());
    rows = await authorityRows(db);
  }
  const row = (name: string): AuthorityRow => {
    const found = rows.find((one) => one.name === name);
    if (!found) throw new Error(`The card authority has no ${name} certificate.`);
    return found;
  };
  const issuing = row('issuing');
  const pkcs8 = Uint8Array.from(Buffer.from(vault.open(issuing.sealed_key, contextOf('issuing')), 'base64'));
  const algorithm = { name: 'ECDSA', namedCurve: 'P-384' };
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  const certificate = Certificate.fromBER(Uint8Array.from(issuing.certificate));
  return new CardAuthority(row('root').certificate, { certificate, privateKey }, base);
}

/** The authority, opened when first asked for, and again only where that failed. */
export function authorityOnce(parts: AuthorityParts): () => Promise<CardAuthority> {
  let opened: Promise<CardAuthority> | undefined;
  return () => {
    if (!opened) {
      opened = openAuthority(parts);
      opened.catch(() => {
        opened = undefined;
      });
    }
    return opened;
  };
}

const contextOf = (name: string): string => `card authority ${name}`;

async function makeAuthority(vault: Vault, now: number): Promise<AuthorityRow[]> {
  const keyUsage = keyUsageBits.keyCertSign | keyUsageBits.cRLSign;
  const notBefore = now - day;
  const rootKeys = await makeKeys('P-384');
  const root = await makeCertificate(
    {
      subject: { organisation: 'OpenSpine', commonName: 'OpenSpine card root' },
      publicKey: rootKeys.publicKey,
      notBefore,
      notAfter: now + rootYears * year,
      keyUsage,
      pathLength: 1,
    },
    { privateKey: rootKeys.privateKey },
  );
  const issuingKeys = await makeKeys('P-384');
  const issuing = await makeCertificate(
    {
      subject: { organisation: 'OpenSpine', commonName: 'OpenSpine card issuing authority' },
      publicKey: issuingKeys.publicKey,
      notBefore,
      notAfter: now + issuingYears * year,
      keyUsage: keyUsage | keyUsageBits.digitalSignature,
      pathLength: 0,
    },
    { certificate: root, privateKey: rootKeys.privateKey },
  );
  const sealed = async (name: string, certificate: Certificate, key: CryptoKey): Promise<AuthorityRow> => ({
    name,
    certificate: toBuffer(certificate),
    sealed_key: vault.seal((await exportKey(key)).toString('base64'), contextOf(name)),
  });
  return [await sealed('root', root, rootKeys.privateKey), await sealed('issuing', issuing, issuingKeys.privateKey)];
}
