import { X509Certificate } from 'node:crypto';
import { Certificate } from 'pkijs';
import type { Queryable } from '../../../platform/db/database.ts';
import type { Vault } from '../../../platform/identity/vault.ts';
import { type Issuer, keyUsageBits, makeCertificate, makeKeys, toBuffer, toPem, usages } from '../../cis/index.ts';
import type { CertificateRequest } from './certificate-request.ts';
import { type AuthorityRow, insertAuthority, selectAuthority } from './queries-certificates.ts';

const name = 'clients';
const context = 'mesh client authority';
const dayMillis = 86_400_000;
const authorityDays = 3650;
/** A year, as certificates of clients have it elsewhere. */
const clientDays = 365;

/** Where anybody learns of certificates that were withdrawn, and finds the authority's own. */
export const pkiPaths = { list: '/mesh/pki/crl', authority: '/mesh/pki/authority.crt' } as const;

/** Issues certificates for the clients of mailboxes; made once for the installation, by whoever needs it first. */
export class ClientAuthority {
  readonly #db: Queryable;
  readonly #vault: Vault;
  readonly #base: () => string;

  /** `base`: scheme, host and port at which certificates say that revocation is told. */
  constructor(db: Queryable, vault: Vault, base: () => string) {
    this.#db = db;
    this.#vault = vault;
    this.#base = base;
  }

  /** Its own certificate in PEM, for OPENSPINE_MESH_CLIENT_CA. `now` in milliseconds, as everywhere here. */
  async pem(now: number): Promise<string> {
    return toPem(await this.der(now));
  }

  /** Its own certificate, DER. */
  async der(now: number): Promise<Buffer> {
    return Buffer.from((await this.#row(now)).certificate);
  }

  /** What signs certificates and revocation lists. */
  async issuer(now: number): Promise<Issuer> {
    const row = await this.#row(now);
    return { certificate: Certificate.fromBER(Uint8Array.from(row.certificate)), privateKey: await this.#keyOf(row) };
  }

  /** The serial number of a certificate (PEM) that it has issued; undefined for one of others. */
  async serialOf(pem: string): Promise<string | undefined> {
    const [row] = await this.#db.query<AuthorityRow>(selectAuthority(name));
    if (!row) return undefined;
    const [certificate, own] = [new X509Certificate(pem), new X509Certificate(row.certificate)];
    return certificate.checkIssued(own) && certificate.verify(own.publicKey)
      ? certificate.serialNumber.toLowerCase()
      : undefined;
  }

  /** A certificate for the key and under the name of a request that was checked; PEM. */
  async issue({ name: commonName, publicKey }: CertificateRequest, now: number): Promise<string> {
    const certificate = await makeCertificate(
      {
        subject: { commonName },
        publicKey,
        // clocks of clients may be a little behind
        notBefore: now - 3_600_000,
        notAfter: now + clientDays * dayMillis,
        keyUsage: keyUsageBits.digitalSignature,
        extendedUsages: [usages.clientAuth],
        addresses: { crl: `${this.#base()}${pkiPaths.list}`, issuer: `${this.#base()}${pkiPaths.authority}` },
      },
      await this.issuer(now),
    );
    return toPem(toBuffer(certificate));
  }

  async #row(now: number): Promise<AuthorityRow> {
    const [found] = await this.#db.query<AuthorityRow>(selectAuthority(name));
    if (found) return found;
    await this.#db.query(insertAuthority(name, await this.#made(now), now));
    const [made] = await this.#db.query<AuthorityRow>(selectAuthority(name));
    return made as AuthorityRow;
  }

  async #made(now: number): Promise<AuthorityRow> {
    const { publicKey, privateKey } = await makeKeys('P-384');
    const certificate = await makeCertificate(
      {
        subject: { organisation: 'OpenSpine', commonName: 'OpenSpine MESH client authority' },
        publicKey,
        notBefore: now - dayMillis,
        notAfter: now + authorityDays * dayMillis,
        keyUsage: keyUsageBits.keyCertSign | keyUsageBits.cRLSign,
        pathLength: 0,
      },
      { privateKey },
    );
    const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey));
    return { certificate: toBuffer(certificate), sealed_key: this.#vault.seal(pkcs8.toString('base64'), context) };
  }

  #keyOf({ sealed_key: sealed }: AuthorityRow): Promise<CryptoKey> {
    const pkcs8 = Uint8Array.from(Buffer.from(this.#vault.open(sealed, context), 'base64'));
    return crypto.subtle.importKey('pkcs8', pkcs8, { name: 'ECDSA', namedCurve: 'P-384' }, false, ['sign']);
  }
}
