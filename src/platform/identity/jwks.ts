import { createHash, createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';

/** One public RSA key of a client, as JSON Web Key (RFC 7517). */
export type Jwk = {
  readonly kty: 'RSA';
  readonly kid: string;
  readonly n: string;
  readonly e: string;
  readonly use: 'sig';
  readonly alg: 'RS512';
};
export type Jwks = { readonly keys: readonly Jwk[] };

/** RSA keys below this many bits verify nothing (RFC 7518, section 3.3). */
const leastBits = 2048;
/** Above this many a signature check costs more than a caller may cost us. */
const mostBits = 8192;

/**
 * The key set to keep for a registration: made of a PEM key, or of a given set of RSA keys; undefined when neither was
 * given. Only the public members are kept. Throws an Error whose message says what is wrong.
 */
export function publicJwks(given: {
  readonly publicKeyPem?: string | undefined;
  readonly jwks?: unknown;
  readonly kid?: string | undefined;
}): Jwks | undefined {
  if (given.publicKeyPem !== undefined) return { keys: [jwkOf(keyOfPem(given.publicKeyPem), given.kid)] };
  if (given.jwks === undefined) return undefined;
  const keys = (given.jwks as { keys?: unknown }).keys;
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('A key set has a list "keys" with at least one key.');
  return { keys: keys.map(keptKey) };
}

function keptKey(jwk: unknown): Jwk {
  const { kid, kty, d } = (jwk ?? {}) as Record<string, unknown>;
  if (d !== undefined)
    throw new Error('A key set for registration holds public keys only; this one has a private key in it.');
  if (typeof kid !== 'string' || kid === '') throw new Error('Each key of a key set needs a "kid".');
  if (kty !== 'RSA') throw new Error(`Key "${kid}" is no RSA key.`);
  return jwkOf(keyOfJwk(jwk as webcrypto.JsonWebKey), kid);
}

function keyOfPem(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    throw new Error('The public key is not PEM.');
  }
}

function keyOfJwk(jwk: webcrypto.JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new Error('The key set has a key that cannot be read.');
  }
}

function jwkOf(key: KeyObject, kid: string | undefined): Jwk {
  if (!isUsable(key)) throw new Error(`The public key must be RSA, of ${leastBits} to ${mostBits} bits.`);
  const { n, e } = key.export({ format: 'jwk' }) as { n: string; e: string };
  return { kty: 'RSA', kid: kid ?? thumbprint(n, e), n, e, use: 'sig', alg: 'RS512' };
}

function isUsable(key: KeyObject): boolean {
  if (key.asymmetricKeyType !== 'rsa') return false;
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  return modulusLength >= leastBits && modulusLength <= mostBits && publicExponent >= 3n && publicExponent < 2n ** 64n;
}

/** The RFC 7638 thumbprint of an RSA key, SHA-256. */
export function thumbprint(n: string, e: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url');
}

/** The keys of a set that can verify an RSA signature, by `kid`; of two with one name the first. */
export type KeySet = ReadonlyMap<string, KeyObject>;

const mostKeys = 100;

/**
 * What of a key set, as a client publishes it, can verify one of the algorithms: RSA keys meant for signatures, with a
 * `kid` and of a sound size. Everything else in it is passed over; undefined when it is no key set at all.
 */
export function keySetOf(jwks: unknown, algorithms: readonly string[] = ['RS512']): KeySet | undefined {
  const keys = typeof jwks === 'object' && jwks !== null ? (jwks as { keys?: unknown }).keys : undefined;
  if (!Array.isArray(keys)) return undefined;
  const set = new Map<string, KeyObject>();
  for (const jwk of keys.slice(0, mostKeys)) {
    const { kid, kty, use, alg, n, e } = (jwk ?? {}) as Record<string, unknown>;
    if (typeof kid !== 'string' || kty !== 'RSA') continue;
    if ((use !== undefined && use !== 'sig') || (alg !== undefined && !algorithms.includes(alg as string))) continue;
    try {
      const key = createPublicKey({ key: { kty, n, e } as webcrypto.JsonWebKey, format: 'jwk' });
      if (isUsable(key) && !set.has(kid)) set.set(kid, key);
    } catch {
      // a key that cannot be read verifies nothing
    }
  }
  return set;
}
