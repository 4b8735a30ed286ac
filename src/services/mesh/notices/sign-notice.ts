import { createHmac } from 'node:crypto';

/** A notice as it is sent: which mailbox, and how many messages wait; nothing of what they are. */
export type Notice = { readonly mailbox: string; readonly waiting: number };

export const signatureHeader = 'openspine-signature';

/**
 * The value of the signature header: when (seconds since 1970) and the HMAC-SHA256 over `<when>.<body>` under the secret of
 * the address, so that a receiver can refuse what is forged, and what is old.
 */
export function signNotice(body: string, secret: string, now: number): string {
  const at = Math.floor(now / 1000);
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`;
}
