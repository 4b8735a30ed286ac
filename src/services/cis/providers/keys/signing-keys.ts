import { createPrivateKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '../../../../platform/clock/clock.ts';
import type { Database } from '../../../../platform/db/database.ts';
import { thumbprint } from '../../../../platform/identity/jwks.ts';
import type { Vault } from '../../../../platform/identity/vault.ts';
import { insertSigningKey, retireSigningKeys, type SigningKeyRow, signingKeys } from './queries-keys.ts';

/** Whose keys: each provider's own, and the token service's as their client. */
export type KeyPurpose = 'cis2' | 'nhs-login' | 'token-service';

export type PublicJwk = { readonly kty: 'RSA'; readonly kid: string; readonly n: string; readonly e: string };
export type SigningKey = { readonly kid: string; readonly publicJwk: PublicJwk; readonly privateKey: KeyObject };
/** The key that signs, and every key that is published, the signing one first. */
export type KeyRing = { readonly signing: SigningKey; readonly published: readonly SigningKey[] };

const publishedMillis = 24 * 3600 * 1000;
const staleMillis = 2_000;
const makePair = promisify(generateKeyPair);

/**
 * The signing keys of all purposes: made when first needed, private halves sealed by the vault, read anew every two
 * seconds so that every process signs with the newest.
 */
export class SigningKeys {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #vault: Vault;
  readonly #opened = new Map<string, SigningKey>();
  #rings = new Map<KeyPurpose, KeyRing>();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(db: Database, clock: Clock, vault: Vault) {
    this.#db = db;
    this.#clock = clock;
    this.#vault = vault;
  }

  /** The keys of a purpose as they are now, at most two seconds out of date. */
  async ring(purpose: KeyPurpose): Promise<KeyRing> {
    if (Math.abs(this.#clock.wall() - this.#readAt) >= staleMillis) await this.#readOnce();
    let ring = this.#rings.get(purpose);
    if (!ring) {
      await this.#make(purpose);
      await this.#readOnce();
      ring = this.#rings.get(purpose);
    }
    if (!ring) throw new Error(`There is no signing key for ${purpose}.`);
    return ring;
  }

  /** Makes a new key that signs from now on; the former one stays published for a day. */
  async rotate(purpose: KeyPurpose): Promise<string> {
    const kid = await this.#make(purpose);
    await retireSigningKeys(this.#db, purpose, kid, new Date(this.#clock.now()));
    await this.#readOnce();
    return kid;
  }

  async #make(purpose: KeyPurpose): Promise<string> {
    const { publicKey, privateKey } = await makePair('rsa', { modulusLength: 2048 });
    const { n, e } = publicKey.export({ format: 'jwk' }) as { n: string; e: string };
    const kid = thumbprint(n, e);
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    await insertSigningKey(this.#db, {
      kid,
      purpose,
      publicJwk: { kty: 'RSA', kid, n, e },
      sealedKey: this.#vault.seal(pem, sealContext(purpose, kid)),
      createdAt: new Date(this.#clock.now()),
    });
    return kid;
  }

  #readOnce(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    const rows = await signingKeys(this.#db, new Date(this.#clock.now() - publishedMillis));
    const rings = new Map<KeyPurpose, KeyRing>();
    for (const row of rows) {
      const key = this.#open(row);
      if (!key) continue;
      const purpose = row.purpose as KeyPurpose;
      const ring = rings.get(purpose);
      if (ring) rings.set(purpose, { ...ring, published: [...ring.published, key] });
      else if (row.retired_at === null) rings.set(purpose, { signing: key, published: [key] });
    }
    this.#rings = rings;
    this.#readAt = this.#clock.wall();
  }

  /** A key sealed under another master key is of no use to this installation, and passed over. */
  #open(row: SigningKeyRow): SigningKey | undefined {
    const opened = this.#opened.get(row.kid);
    if (opened) return opened;
    try {
      const pem = this.#vault.open(row.sealed_key, sealContext(row.purpose, row.kid));
      const key = {
        kid: row.kid,
        publicJwk: row.public_jwk as unknown as PublicJwk,
        privateKey: createPrivateKey(pem),
      };
      this.#opened.set(row.kid, key);
      return key;
    } catch {
      return undefined;
    }
  }
}

const sealContext = (purpose: string, kid: string) => `signing key ${purpose} ${kid}`;

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Signs a JWT by RSA PKCS #1 v1.5; `header` is added to `alg`, `typ` and `kid`. */
export function signedJwt(
  key: SigningKey,
  alg: 'RS256' | 'RS512',
  claims: object,
  header: Readonly<Record<string, unknown>> = {},
): string {
  const input = `${part({ alg, typ: 'JWT', kid: key.kid, ...header })}.${part(claims)}`;
  const signature = sign(alg === 'RS256' ? 'sha256' : 'sha512', Buffer.from(input), key.privateKey);
  return `${input}.${signature.toString('base64url')}`;
}

/** The claims of a JWT of our own making, unverified. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
}
