/** What is kept of a card's life; names are ours, as the published ones are not public. */
export type CardState = 'printed' | 'issued-locked' | 'active' | 'locked' | 'cancelled';

/** What a card is at a moment: its state, or expired. */
export type CardStanding = CardState | 'expired';

/** What can be done to a card. */
export type CardVerb = 'issue' | 'issue-locked' | 'unlock' | 'lock' | 'renew' | 'cancel';

/** Days before expiry from which on certificates may be renewed (Registration Authority guidance). */
export const renewalWindowDays = 90;
/** Certificates are renewed at least every three years (Registration Authority guidance). */
export const certificateYears = 3;
export const day = 86_400_000;

/** Which verb may follow on which standing, and to what it leads. Nothing follows on a cancelled card. */
const followers: Readonly<Record<CardStanding, Partial<Record<CardVerb, CardState>>>> = {
  printed: { issue: 'active', 'issue-locked': 'issued-locked', cancel: 'cancelled' },
  'issued-locked': { unlock: 'active', cancel: 'cancelled' },
  active: { lock: 'locked', renew: 'active', cancel: 'cancelled' },
  locked: { unlock: 'active', cancel: 'cancelled' },
  expired: { renew: 'active', cancel: 'cancelled' },
  cancelled: {},
};

/** The state that the verb leads to; undefined where it may not follow. */
export function afterVerb(standing: CardStanding, verb: CardVerb): CardState | undefined {
  return followers[standing][verb];
}

/** What a card is at `now`, whose current authentication certificate ends at `notAfter` (milliseconds both). */
export function standingOf(state: CardState, notAfter: number | undefined, now: number): CardStanding {
  if (state === 'cancelled' || state === 'printed') return state;
  return notAfter === undefined || notAfter <= now ? 'expired' : state;
}

/** Whether certificates may be renewed yet: within the window before they end, and after. */
export function isRenewable(notAfter: number, now: number): boolean {
  return now >= notAfter - renewalWindowDays * day;
}

/** Reasons of RFC 5280 (5.3.1) that a card authority has use for. */
export type RevocationReason =
  | 'unspecified'
  | 'keyCompromise'
  | 'affiliationChanged'
  | 'superseded'
  | 'cessationOfOperation'
  | 'certificateHold'
  | 'privilegeWithdrawn';

/** Their numbers on the wire. */
export const reasonCodes: Readonly<Record<RevocationReason, number>> = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
};

/** Whether a revocation can be taken back: only a hold can. */
export const isHold = (reason: string | null): boolean => reason === 'certificateHold';

/** Those a card can be cancelled for. */
export const revocationReasons = (Object.keys(reasonCodes) as RevocationReason[]).filter((reason) => !isHold(reason));
