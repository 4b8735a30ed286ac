import type { NationalRoles } from '../../rbac/national-roles.ts';
import {
  type Actor,
  type Chain,
  type Fault,
  fault,
  isManagerOf,
  isOnlySponsor,
  isRestricted,
  managerOnly,
  mayNot,
} from './authority.ts';
import type { Position } from './positions.ts';

export type PersonStatus = 'active' | 'suspended' | 'closed';

export type Assignment = {
  readonly userId: string;
  readonly roleProfileId: string;
  readonly positionId: string;
  readonly odsCode: string;
  readonly state: 'requested' | 'active' | 'refused' | 'ended';
  readonly requestedBy: string;
  readonly validFrom?: string | undefined;
  readonly validTo?: string | undefined;
};

type Subject = { readonly userId: string; readonly status: PersonStatus };
type Surroundings = { readonly chain: Chain; readonly national: NationalRoles; readonly today: string };

const ownAccess = fault('own-access', 'Nobody changes their own access.');

function usable(person: Subject, position: Position, today: string): Fault | undefined {
  if (person.status !== 'active') return fault('state', `The identity is ${person.status}.`);
  if (position.state !== 'approved') return fault('state', 'The position is withdrawn.');
  if ((position.content.validTo ?? today) < today) return fault('validity', 'The position has come to its last day.');
  return undefined;
}

/** Why the actor may not request the position for the person; undefined when they may. */
export function mayNotRequest(
  actor: Actor,
  person: Subject,
  position: Position,
  theirs: readonly Assignment[],
  { chain, today }: Surroundings,
): Fault | undefined {
  if (actor.userId === person.userId) return ownAccess;
  const unable = mayNot(actor, 'request-assignment', chain) ?? usable(person, position, today);
  if (unable) return unable;
  if (isOnlySponsor(actor, 'request-assignment', chain) && !position.content.isAssignableBySponsor)
    return fault('assignable', 'A sponsor requests only positions marked assignable by sponsor.');
  const same = theirs.find(
    (one) => one.positionId === position.positionId && (one.state === 'requested' || one.state === 'active'),
  );
  if (same) return fault('state', `The person has this position ${same.state} already (${same.roleProfileId}).`);
  return undefined;
}

/** Why the actor may not grant a requested assignment; undefined when they may. */
export function mayNotGrant(
  actor: Actor,
  person: Subject,
  assignment: Assignment,
  position: Position,
  { chain, national, today }: Surroundings,
): Fault | undefined {
  if (actor.userId === person.userId) return ownAccess;
  const unable = mayNot(actor, 'grant-assignment', chain);
  if (unable) return unable;
  if (assignment.state !== 'requested') return fault('state', `The assignment is ${assignment.state} already.`);
  if (actor.userId === assignment.requestedBy)
    return fault('four-eyes', 'Another than the one who requested it grants an assignment.');
  if (isRestricted(position.content, national) && !isManagerOf(actor, chain)) return managerOnly;
  const notUsable = usable(person, position, today);
  if (notUsable) return notUsable;
  return (assignment.validTo ?? today) < today
    ? fault('validity', 'The assignment has come to its last day.')
    : undefined;
}

/** Why the actor may not refuse (or, having requested it, withdraw) a request; undefined when they may. */
export function mayNotRefuse(actor: Actor, assignment: Assignment, chain: Chain): Fault | undefined {
  if (actor.userId === assignment.userId) return ownAccess;
  const isOwnRequest = actor.userId === assignment.requestedBy;
  const unable = mayNot(actor, isOwnRequest ? 'request-assignment' : 'grant-assignment', chain);
  if (unable) return unable;
  return assignment.state === 'requested'
    ? undefined
    : fault('state', `The assignment is ${assignment.state} already.`);
}

/** Why the actor may not end an assignment; undefined when they may. */
export function mayNotEnd(
  actor: Actor,
  assignment: Assignment,
  position: Position,
  { chain, national }: Pick<Surroundings, 'chain' | 'national'>,
): Fault | undefined {
  if (actor.userId === assignment.userId) return ownAccess;
  const unable = mayNot(actor, 'end-assignment', chain);
  if (unable) return unable;
  if (assignment.state !== 'active') return fault('state', `The assignment is ${assignment.state}, not active.`);
  return isRestricted(position.content, national) && !isManagerOf(actor, chain) ? managerOnly : undefined;
}
