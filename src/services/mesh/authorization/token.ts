import { createHmac, timingSafeEqual } from 'node:crypto';

/** The parts of an `Authorization: NHSMESH …` header. */
export type MeshToken = {
  readonly mailboxId: string;
  readonly nonce: string;
  readonly nonceCount: string;
  /** yyyyMMddHHmm, UTC. */
  readonly timestamp: string;
  readonly hash: string;
};

const scheme = /^NHSMESH(?: +(.*))?$/;

/**
 * Reads the header: a token; or, of a single part, what stands there for a mailbox; or nothing that can be read. Node gives
 * headers as Latin-1, tokens are UTF-8.
 */
export function readToken(header: string | undefined): MeshToken | { readonly onlyMailbox: string } | undefined {
  const rest = scheme.exec(header ?? '');
  if (!rest) return undefined;
  const parts = Buffer.from(rest[1] ?? '', 'latin1')
    .toString('utf8')
    .split(':');
  if (parts.length === 1) return { onlyMailbox: parts[0] as string };
  const [mailboxId, nonce, nonceCount, timestamp, hash, more] = parts;
  if (hash === undefined || more !== undefined || !/^\d+$/.test(nonceCount as string)) return undefined;
  return {
    mailboxId: mailboxId as string,
    nonce: nonce as string,
    nonceCount: nonceCount as string,
    timestamp: timestamp as string,
    hash,
  };
}

/** The hash a token must carry: HMAC-SHA256 under the shared key, hexadecimal. */
export function tokenHash(token: Omit<MeshToken, 'hash'>, password: string, sharedKey: string): string {
  return createHmac('sha256', sharedKey)
    .update(`${token.mailboxId}:${token.nonce}:${token.nonceCount}:${password}:${token.timestamp}`)
    .digest('hex');
}

/** Whether the token was made with this password and key; digits in either case. */
export function isHashRight(token: MeshToken, password: string, sharedKey: string): boolean {
  const given = Buffer.from(token.hash.toLowerCase());
  const right = Buffer.from(tokenHash(token, password, sharedKey));
  return given.length === right.length && timingSafeEqual(given, right);
}

/**
 * The instant a timestamp (yyyyMMddHHmm, UTC) stands for, in milliseconds; undefined where it is none. A day too many is the
 * first of the next month: a published valid token has one.
 */
export function instantOf(timestamp: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(timestamp);
  if (!match) return undefined;
  const [year, month, day, hour, minute] = match.slice(1).map(Number) as [number, number, number, number, number];
  return Date.UTC(year, month - 1, day, hour, minute);
}
