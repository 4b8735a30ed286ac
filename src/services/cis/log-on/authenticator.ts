/** A passkey of a member of staff, as it is kept. */
export type Passkey = {
  readonly kind: 'passkey';
  readonly userId: string;
  readonly authenticatorId: string;
  readonly name: string;
  /** What the authenticator calls the key (base64url). */
  readonly credentialId: string;
  /** COSE key. */
  readonly publicKey: Buffer;
  readonly transports: readonly string[];
  /** AAGUID of the authenticator's model, as it says itself. */
  readonly model: string;
  readonly signCount: number;
  readonly isBackupEligible: boolean;
  readonly isBackedUp: boolean;
  readonly addedAt: number;
  readonly lastUsedAt: number | undefined;
  /** When it was found that there may be a copy of it; it logs nobody on since. */
  readonly suspectedAt: number | undefined;
};

/** An authenticator app that makes six digits every 30 seconds. */
export type AuthenticatorApp = {
  readonly kind: 'app';
  readonly userId: string;
  readonly authenticatorId: string;
  readonly name: string;
  readonly sealedSeed: string;
  /** The last time step whose code was used; no code of it or before is taken again. */
  readonly lastStep: number;
  readonly addedAt: number;
  readonly lastUsedAt: number | undefined;
};

export type Authenticator = Passkey | AuthenticatorApp;

/** What may be told of an authenticator: to its user and to the Registration Authority. */
export type AuthenticatorSummary = {
  readonly authenticatorId: string;
  readonly kind: Authenticator['kind'];
  readonly name: string;
  /** Authentication assurance level a log-on with it reaches. */
  readonly level: 2 | 3;
  readonly addedAt: number;
  readonly lastUsedAt: number | undefined;
  readonly isSuspected: boolean;
};

/** Most authenticators one user may have; more are of no use and cost every log-on. Ours. */
export const mostAuthenticators = 20;

/** A name a person gave to an authenticator, made fit to be shown and kept; `fallback` where nothing is left of it. */
export function nameOf(given: string | undefined, fallback: string): string {
  const name = (given ?? '')
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  return [...name].slice(0, 50).join('') || fallback;
}
