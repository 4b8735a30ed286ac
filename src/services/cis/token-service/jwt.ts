/** A signed JWT in its compact form, taken apart but not believed. */
export type CompactJwt = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What the signature covers: header and claims as sent. */
  readonly signed: string;
  readonly signature: Buffer;
};

const compactForm = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Takes a compact JWT apart (RFC 7519, section 7.2, less the signature); undefined when it is none. */
export function decodeJwt(token: string): CompactJwt | undefined {
  if (!compactForm.test(token)) return undefined;
  const [header, claims, signature] = token.split('.') as [string, string, string];
  const [head, body] = [objectIn(header), objectIn(claims)];
  if (!head || !body) return undefined;
  return {
    header: head,
    claims: body,
    signed: token.slice(0, token.length - signature.length - 1),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(Buffer.from(part, 'base64url')));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** True for a claim or header that is not there: absent, null, or an empty string. */
export const isAbsent = (value: unknown): boolean => value === undefined || value === null || value === '';

/** True for the `typ` of a JWT, in any case. */
export const isJwtType = (typ: unknown): boolean => typeof typ === 'string' && typ.toLowerCase() === 'jwt';

/** True for an `exp` that is over at `now` (milliseconds); what is no number is not over. */
export const isOver = (exp: unknown, now: number): boolean => typeof exp === 'number' && exp * 1000 <= now;
