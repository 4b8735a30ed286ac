import type { Relationship, RelationshipKind } from '../../../platform/identity/access.ts';

/** A relationship as it is kept; a registration is PDS's and never kept here. */
export type KeptRelationship = {
  readonly nhsNumber: string;
  readonly id: string;
  readonly kind: Exclude<RelationshipKind, 'registration'>;
  readonly odsCode: string;
  /** The workgroup (twelve-digit code) whose members it is with; undefined: it is not a workgroup's. */
  readonly workgroup: string | undefined;
  /** The member of staff it is with; without one, and without a workgroup, it is everybody's of the organisation. */
  readonly userId: string | undefined;
  readonly establishedBy: string;
  readonly reason: string;
  /** Milliseconds since 1970, as all times here. */
  readonly startsAt: number;
  readonly expiresAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly endReason: string | undefined;
};

/** Names of the states are ours. */
export type RelationshipState = 'active' | 'ended' | 'expired';

/** A relationship that was ended stays ended; one whose time is over is expired; one that begins later is not active yet. */
export function stateAt(one: KeptRelationship, now: number): RelationshipState | 'future' {
  if (one.endedAt !== undefined) return 'ended';
  if (one.expiresAt !== undefined && one.expiresAt <= now) return 'expired';
  return one.startsAt <= now ? 'active' : 'future';
}

/** For whom a relationship is asked: a member of staff in the organisation of the role they act in. */
export type Viewer = {
  readonly userId: string;
  readonly odsCode: string;
  /** Twelve-digit codes of the workgroups of the role. */
  readonly workgroups?: readonly string[] | undefined;
};

/**
 * The relationships that hold for a viewer: kept ones of their organisation that are active and not another person's or
 * workgroup's, and the registration when the patient's practice is their organisation. Rights hold in the organisation of the role only.
 */
export function holdingFor(
  kept: readonly KeptRelationship[],
  practice: string | undefined,
  { userId, odsCode, workgroups = [] }: Viewer,
  now: number,
): Relationship[] {
  if (odsCode === '') return [];
  const held = kept
    .filter((one) => one.odsCode === odsCode && (one.userId === undefined || one.userId === userId))
    .filter((one) => one.workgroup === undefined || workgroups.includes(one.workgroup))
    .filter((one) => stateAt(one, now) === 'active')
    .map(({ kind, id }) => ({ kind, id }));
  return practice === odsCode ? [{ kind: 'registration' }, ...held] : held;
}

const day = 86_400_000;

/** How long a relationship lasts that was entered without an end; undefined: until it is ended. Ours. */
export const lifetimeOf: Record<KeptRelationship['kind'], number | undefined> = {
  referral: 365 * day,
  episode: undefined,
  'colleague-entered': 30 * day,
  'self-claimed': 7 * day,
};
