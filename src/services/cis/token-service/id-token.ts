import { constants, type KeyObject, verify } from 'node:crypto';
import type { CompactJwt } from './jwt.ts';

const hashOf: Readonly<Record<string, string>> = { RS256: 'sha256', RS512: 'sha512' };

/**
 * Whether a provider signed the token with this key: RSASSA-PKCS1-v1_5 by RS256 or RS512 and nothing else, whatever else
 * the header says; unknown critical extensions void the signature (RFC 7515, section 4.1.11).
 */
export function isSignedByProvider({ header, signed, signature }: CompactJwt, key: KeyObject): boolean {
  const hash = typeof header.alg === 'string' && Object.hasOwn(hashOf, header.alg) ? hashOf[header.alg] : undefined;
  if (hash === undefined || 'crit' in header) return false;
  return verify(hash, Buffer.from(signed), { key, padding: constants.RSA_PKCS1_PADDING }, signature);
}

/** The audiences of a token, as a list. */
export function audiencesOf({ claims }: CompactJwt): readonly unknown[] {
  return Array.isArray(claims.aud) ? claims.aud : [claims.aud];
}
