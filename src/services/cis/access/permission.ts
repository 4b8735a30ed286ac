import type { emergencyReasons, Permission } from '../../../platform/identity/access.ts';
import type { Viewer } from './relationship.ts';

/** What was recorded of a patient's permission to view. */
export type KeptPermission = {
  readonly nhsNumber: string;
  readonly id: string;
  readonly value: Permission['value'];
  readonly odsCode: string;
  /** For one member of staff only; undefined: for the whole organisation. */
  readonly userId: string | undefined;
  readonly recordedBy: string;
  readonly reason: (typeof emergencyReasons)[number] | undefined;
  readonly note: string;
  /** Milliseconds since 1970, as all times here. */
  readonly recordedAt: number;
  readonly expiresAt: number | undefined;
};

/** Permission given and emergency are for one person and one view; standing and refused are the organisation's. */
export const isPersonal = (value: Permission['value']): boolean => value === 'asked-and-given' || value === 'emergency';

/** How long "this view" lasts: one hour. Ours; nothing is published. */
export const viewMillis = 3_600_000;

/**
 * What stands for a viewer: the newest record of their organisation that is theirs or everybody's and has not run out.
 * So a refusal holds until something newer is recorded, and an emergency of one person opens the record to nobody else.
 */
export function standingFor(
  kept: readonly KeptPermission[],
  { userId, odsCode }: Viewer,
  now: number,
): Permission | undefined {
  let newest: KeptPermission | undefined;
  for (const one of kept) {
    if (odsCode === '' || one.odsCode !== odsCode) continue;
    if (one.userId !== undefined && one.userId !== userId) continue;
    if (one.recordedAt > now || (one.expiresAt !== undefined && one.expiresAt <= now)) continue;
    if (!newest || isNewer(one, newest)) newest = one;
  }
  return newest && { value: newest.value, ...(newest.reason ? { reason: newest.reason } : {}) };
}

// of two in the same millisecond the refusal counts
const isNewer = (one: KeptPermission, other: KeptPermission): boolean =>
  one.recordedAt === other.recordedAt ? one.value === 'refused' : one.recordedAt > other.recordedAt;
