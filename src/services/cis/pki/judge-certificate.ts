import type { CardStanding } from './card-states.ts';
import { isHold } from './card-states.ts';

/** Why a certificate logs nobody on; each has its words on the page and its code in the audit. */
export type CardFault =
  | 'no-certificate'
  | 'foreign'
  | 'wrong-usage'
  | 'not-yet-valid'
  | 'expired'
  | 'unknown'
  | 'revoked'
  | 'locked'
  | 'holder-inactive';

/** What was found out about a certificate that a browser presented. Its key was proved by the TLS handshake. */
export type CertificateFacts = {
  /** Signed by our issuing authority and issued under its name. */
  readonly isOurs: boolean;
  readonly isForClients: boolean;
  readonly isAuthority: boolean;
  readonly notBefore: number;
  readonly notAfter: number;
  /** The certificate we issued under its serial number; undefined: none, or another than the one presented. */
  readonly kept: { readonly usage: string; readonly revokedReason: string | null } | undefined;
  readonly standing: CardStanding | undefined;
  readonly isHolderActive: boolean;
};

/**
 * Why this certificate logs nobody on at `now`, or undefined where it does. What is wrong with the certificate comes
 * before what is wrong with the card, and that before the holder: nobody learns of a card by a certificate that is not its.
 */
export function faultOf(facts: CertificateFacts | undefined, now: number): CardFault | undefined {
  if (!facts) return 'no-certificate';
  if (!facts.isOurs || facts.isAuthority) return 'foreign';
  if (!facts.isForClients) return 'wrong-usage';
  if (now < facts.notBefore) return 'not-yet-valid';
  if (now >= facts.notAfter) return 'expired';
  const { kept, standing } = facts;
  if (!kept || standing === undefined) return 'unknown';
  if (kept.usage !== 'authentication') return 'wrong-usage';
  if (kept.revokedReason !== null) return isHold(kept.revokedReason) ? 'locked' : 'revoked';
  if (standing === 'cancelled' || standing === 'printed') return 'revoked';
  if (standing === 'expired') return 'expired';
  if (standing !== 'active') return 'locked';
  return facts.isHolderActive ? undefined : 'holder-inactive';
}

/** What the person is told, and what to do about it. */
export const faultWords: Readonly<Record<CardFault, string>> = {
  'no-certificate':
    'Your browser presented no card. Put your smartcard into the reader, or import its file, and choose it when asked.',
  foreign: 'The certificate was not issued by this card authority. Choose the one on your smartcard.',
  'wrong-usage': 'This certificate is for signing, not for logging on. Choose your authentication certificate.',
  'not-yet-valid': 'The certificate on your smartcard is not valid yet. Ask your Registration Authority.',
  expired: 'The certificate on your smartcard has expired. Ask your Registration Authority to renew it.',
  unknown: 'This certificate is on no card that is known here. Ask your Registration Authority.',
  revoked: 'Your smartcard has been cancelled or its certificate replaced. Ask your Registration Authority.',
  locked: 'Your smartcard is locked. Ask your Registration Authority or local smartcard administrator to unlock it.',
  'holder-inactive': 'Your identity is suspended or closed. Ask your Registration Authority.',
};
