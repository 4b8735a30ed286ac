import type { Passkey } from '../authenticator.ts';
import type { LogOnAttempt } from '../way.ts';

/** What an authenticator says of a key besides the signature (authenticator data, Web Authentication level 3). */
export type PasskeyFlags = {
  /** BE: the key may be copied to other devices or to an account. */
  readonly isBackupEligible: boolean;
  /** BS: it is copied now. */
  readonly isBackedUp: boolean;
};

/**
 * The level a passkey reaches: 3 only where the key cannot leave its device, 2 where it is or may be copied
 * (contract: cis2-acr-amr, levels). Everything known of it counts: what it said once it cannot take back.
 */
export function levelOf(...known: readonly PasskeyFlags[]): 2 | 3 {
  return known.some((flags) => flags.isBackupEligible || flags.isBackedUp) ? 2 : 3;
}

export type Judgement =
  | { readonly is: 'accepted'; readonly level: 2 | 3; readonly isBackedUp: boolean }
  /** There may be a copy of the key: it must not be used any more. */
  | { readonly is: 'suspected'; readonly why: 'counter' | 'backup' };

/**
 * What a genuine assertion means for the passkey as it was known before. A counter that does not rise, unless the
 * authenticator keeps none, and a key that becomes one that may be copied, are signs of a copy.
 */
export function judge(
  known: Pick<Passkey, 'signCount' | 'isBackupEligible' | 'isBackedUp'>,
  seen: PasskeyFlags & { readonly signCount: number },
): Judgement {
  const keepsNone = known.signCount === 0 && seen.signCount === 0;
  if (!keepsNone && seen.signCount <= known.signCount) return { is: 'suspected', why: 'counter' };
  if (known.isBackupEligible !== seen.isBackupEligible) return { is: 'suspected', why: 'backup' };
  return { is: 'accepted', level: levelOf(known, seen), isBackedUp: known.isBackedUp || seen.isBackedUp };
}

/** Whether the application of this attempt takes a log-on at this level. A higher level than asked is taken. */
export function reaches(attempt: Pick<LogOnAttempt, 'levels'>, level: number): boolean {
  return level >= Math.min(...attempt.levels);
}

/** Whether the application of this attempt takes this kind of authenticator, by its published name. */
export function isAccepted(attempt: Pick<LogOnAttempt, 'only'>, amr: string): boolean {
  return attempt.only === undefined || attempt.only.includes(amr);
}
