import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { PositionContent } from '../position-content.ts';
import {
  type Actor,
  type Chain,
  type Fault,
  fault,
  isManagerOf,
  isRestricted,
  managerOnly,
  mayNot,
} from './authority.ts';

export type Position = {
  readonly positionId: string;
  readonly version: number;
  readonly state: 'approved' | 'withdrawn';
  readonly odsCode: string;
  readonly content: PositionContent;
};

/** What a position shall contain; content undefined: it shall be withdrawn. */
export type Proposal = {
  readonly proposalId: string;
  readonly positionId: string;
  /** The version it was made for; 0 for a new position. */
  readonly baseVersion: number;
  readonly odsCode: string;
  readonly content: PositionContent | undefined;
  readonly state: 'proposed' | 'approved' | 'refused';
  readonly proposedBy: string;
};

/** What rules about positions look at besides. */
export type PositionSurroundings = {
  readonly chain: Chain;
  /** The position as it is; undefined when it is new. */
  readonly position: Position | undefined;
  /** Users who hold the position or have it requested for them. */
  readonly holders: readonly string[];
  readonly national: NationalRoles;
};

/** What is wrong with a position's content by the national role data; the field is named. */
export function contentFault(content: PositionContent, national: NationalRoles, workgroups: ReadonlySet<string>) {
  if (!national.jobRoles.has(content.roleCode))
    return fault('value', `There is no job role ${content.roleCode}.`, 'roleCode');
  for (const [n, code] of content.activities.entries())
    if (!national.activities.has(code)) return fault('value', `There is no activity ${code}.`, `activities[${n}]`);
  for (const [n, code] of content.areas.entries())
    if (!national.areas.has(code)) return fault('value', `There is no area of work ${code}.`, `areas[${n}]`);
  for (const [n, code] of content.workgroups.entries())
    if (!workgroups.has(code))
      return fault('value', `There is no workgroup ${code} of this organisation.`, `workgroups[${n}]`);
  if (content.validFrom !== undefined && content.validTo !== undefined && content.validTo < content.validFrom)
    return fault('value', 'The last day is before the first.', 'validTo');
  return undefined;
}

/** Why the actor may not propose this content (undefined: withdrawal) for a position; undefined when they may. */
export function mayNotPropose(
  actor: Actor,
  content: PositionContent | undefined,
  { chain, position, holders, national }: PositionSurroundings,
): Fault | undefined {
  return (
    mayNot(actor, 'propose-position', chain) ??
    ownPosition(actor, holders) ??
    (position?.state === 'withdrawn' ? fault('state', 'The position is withdrawn.') : undefined) ??
    restrictedFault(actor, chain, [content, position?.content], national)
  );
}

/** Why the actor may not approve or refuse a proposal; undefined when they may. */
export function mayNotDecide(
  actor: Actor,
  proposal: Proposal,
  verdict: 'approve' | 'refuse',
  { chain, position, holders, national }: PositionSurroundings,
): Fault | undefined {
  if (proposal.state !== 'proposed') return fault('state', `The proposal is ${proposal.state} already.`);
  const unable =
    mayNot(actor, 'decide-position', chain) ??
    ownPosition(actor, holders) ??
    restrictedFault(actor, chain, [proposal.content, position?.content], national);
  if (unable || verdict === 'refuse') return unable;
  if (proposal.proposedBy === actor.userId)
    return fault('four-eyes', 'Another manager than the one who proposed it approves a position.');
  if ((position?.version ?? 0) !== proposal.baseVersion || position?.state === 'withdrawn')
    return fault('version', 'The position was changed since the proposal was made.');
  return undefined;
}

/** The position once the proposal is approved. */
export function approvedPosition(proposal: Proposal, position: Position | undefined): Position {
  const version = proposal.baseVersion + 1;
  const { positionId, odsCode, content } = proposal;
  if (content) return { positionId, odsCode, content, version, state: 'approved' };
  return { ...(position as Position), version, state: 'withdrawn' };
}

function ownPosition(actor: Actor, holders: readonly string[]): Fault | undefined {
  return holders.includes(actor.userId)
    ? fault('own-access', 'Nobody changes their own access: you hold this position.')
    : undefined;
}

function restrictedFault(
  actor: Actor,
  chain: Chain,
  contents: readonly (PositionContent | undefined)[],
  national: NationalRoles,
): Fault | undefined {
  const isAny = contents.some((content) => content !== undefined && isRestricted(content, national));
  return isAny && !isManagerOf(actor, chain) ? managerOnly : undefined;
}
