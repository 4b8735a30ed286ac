import { randomBytes } from 'node:crypto';

/** A password for a mailbox: 144 random bits, letters and digits and `-`, `_`. Shown once, kept sealed. */
export function newPassword(): string {
  return randomBytes(18).toString('base64url');
}
