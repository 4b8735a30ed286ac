import type { NationalRoles } from '../../rbac/national-roles.ts';
import { effectiveActivities } from '../../rbac/national-roles.ts';
import type { PositionContent } from '../position-content.ts';
import {
  type Assignment,
  mayNotEnd,
  mayNotGrant,
  mayNotRefuse,
  mayNotRequest,
  type PersonStatus,
} from './assignments.ts';
import { type Actor, type Chain, isRestricted, standingOf } from './authority.ts';
import { type Identity, mayNotTouch, type StandingVerb, statusAfter } from './identities.ts';
import { approvedPosition, mayNotDecide, mayNotPropose, type Position, type Proposal } from './positions.ts';

/** A Registration Authority in memory: the rules, with a state around them that the database has otherwise. */
export type Model = {
  readonly persons: Map<string, PersonStatus>;
  readonly positions: Map<string, Position>;
  readonly proposals: Proposal[];
  readonly assignments: Assignment[];
  /** Who did what with which authority, written down without asking the rules. */
  readonly log: Deed[];
};
export type Deed = {
  readonly verb: 'approve' | 'grant';
  readonly by: string;
  /** Organisation and job role of each role the doer held. */
  readonly held: readonly (readonly [odsCode: string, roleCode: string])[];
  readonly positionId: string;
  readonly version: number;
  readonly roleProfileId?: string;
  readonly content?: PositionContent | undefined;
};

export const today = '2026-01-15';

export const chains: Readonly<Record<string, Chain>> = { RXX: ['RXX'], A81001: ['A81001', 'RXX'], RZZ: ['RZZ'] };

const activity = (isRestricted: boolean) => ({ name: 'some activity', isRestricted });
export const national: NationalRoles = {
  jobRoles: new Map(),
  areas: new Map(),
  activities: new Map([
    ['B0820', activity(false)],
    ['B0825', activity(false)],
    ['B0420', activity(false)],
    ['B0083', activity(true)],
    ['B1300', activity(true)],
    ['B0062', activity(true)],
    ['B0267', activity(true)],
  ]),
  baselines: new Map([
    ['R5080', ['B0267']],
    ['R5090', ['B0267']],
    ['R8009', ['B0825']],
    ['R0260', ['B0825', 'B0420']],
  ]),
  inclusions: new Map([['B0825', ['B0820']]]),
};

export const content = (roleCode: string, activities: readonly string[], isAssignableBySponsor: boolean) => ({
  name: 'Some position',
  roleCode,
  activities,
  areas: [],
  workgroups: [],
  isAssignableBySponsor,
});

const first: readonly (readonly [userId: string, odsCode: string, roleCode: string, activities: readonly string[]])[] =
  [
    ['manager-1', 'RXX', 'R5080', []],
    ['manager-2', 'RXX', 'R5080', []],
    ['agent-1', 'RXX', 'R5090', []],
    ['agent-2', 'RXX', 'R5090', ['B0062']],
    ['sponsor', 'A81001', 'R8009', ['B1300']],
    ['elsewhere-1', 'RZZ', 'R5080', []],
    ['elsewhere-2', 'RZZ', 'R5080', []],
    ['gp', 'A81001', 'R0260', []],
  ];
export const users = [...first.map(([userId]) => userId), 'nobody-1', 'nobody-2'];

/** The state a Registration Authority begins with. */
export function beginning(): Model {
  const positions = new Map<string, Position>();
  const assignments: Assignment[] = [];
  first.forEach(([userId, odsCode, roleCode, activities], n) => {
    const positionId = `first ${n}`;
    const state = 'approved';
    positions.set(positionId, { positionId, version: 1, state, odsCode, content: content(roleCode, activities, true) });
    assignments.push({ userId, roleProfileId: `first ${n}`, positionId, odsCode, state: 'active', requestedBy: '' });
  });
  return { persons: new Map(users.map((user) => [user, 'active'])), positions, proposals: [], assignments, log: [] };
}

/** The roles a user has, as the staff directory gives them. */
export function rolesOf(model: Model, userId: string) {
  if (model.persons.get(userId) !== 'active') return [];
  return model.assignments.flatMap((one) => {
    const position = model.positions.get(one.positionId);
    if (one.userId !== userId || one.state !== 'active' || position?.state !== 'approved') return [];
    const activities = effectiveActivities(national, position.content.roleCode, position.content.activities);
    return [{ ...one, position, activities }];
  });
}

export type Move =
  | { verb: 'propose'; role: number; odsCode: string; content: PositionContent | undefined; position: number }
  | { verb: 'approve' | 'refuse-proposal'; role: number; proposal: number }
  | { verb: 'request'; role: number; userId: string; position: number }
  | { verb: 'grant' | 'refuse' | 'end'; role: number; assignment: number }
  | Standing;
type Standing = { verb: StandingVerb; role: number; userId: string };

const pick = <Item>(items: readonly Item[], n: number): Item | undefined => items[n % Math.max(1, items.length)];

/** Does what is asked if the rules allow it; whether they did. */
export function act(model: Model, userId: string, move: Move): boolean {
  const roles = rolesOf(model, userId);
  const role = pick(roles, move.role);
  if (!role) return false;
  const standing = standingOf({ roleCode: `S0:G0:${role.position.content.roleCode}`, activities: role.activities });
  const actor: Actor = { userId, roleProfileId: role.roleProfileId, odsCode: role.odsCode, standing };
  const held = roles.map((one) => [one.odsCode, one.position.content.roleCode] as const);
  if (move.verb === 'propose') return propose(model, actor, move);
  if ('proposal' in move) return decide(model, actor, held, move);
  if (move.verb === 'request') return request(model, actor, move);
  if ('assignment' in move) return assign(model, actor, held, move);
  return stand(model, actor, move);
}

const chainOf = (odsCode: string): Chain => chains[odsCode] as Chain;
const holders = (model: Model, positionId: string) =>
  model.assignments
    .filter((one) => one.positionId === positionId && (one.state === 'active' || one.state === 'requested'))
    .map((one) => one.userId);

function propose(model: Model, actor: Actor, move: Move & { verb: 'propose' }): boolean {
  const all = [...model.positions.values()];
  const position = move.position % 3 === 0 ? undefined : pick(all, move.position);
  if (!position && !move.content) return false;
  const odsCode = position?.odsCode ?? move.odsCode;
  const around = {
    chain: chainOf(odsCode),
    position,
    holders: position ? holders(model, position.positionId) : [],
    national,
  };
  if (mayNotPropose(actor, move.content, around)) return false;
  const n = model.proposals.length;
  model.proposals.push({
    proposalId: `proposal ${n}`,
    positionId: position?.positionId ?? `position ${n}`,
    baseVersion: position?.version ?? 0,
    odsCode,
    content: move.content,
    state: 'proposed',
    proposedBy: actor.userId,
  });
  return true;
}

function decide(
  model: Model,
  actor: Actor,
  held: Deed['held'],
  move: Move & { verb: 'approve' | 'refuse-proposal' },
): boolean {
  const index = move.proposal % Math.max(1, model.proposals.length);
  const proposal = model.proposals[index];
  if (!proposal) return false;
  const position = model.positions.get(proposal.positionId);
  const around = {
    chain: chainOf(proposal.odsCode),
    position,
    holders: holders(model, proposal.positionId),
    national,
  };
  const verdict = move.verb === 'approve' ? 'approve' : 'refuse';
  if (mayNotDecide(actor, proposal, verdict, around)) return false;
  model.proposals[index] = { ...proposal, state: verdict === 'approve' ? 'approved' : 'refused' };
  if (verdict === 'refuse') return true;
  const next = approvedPosition(proposal, position);
  model.positions.set(next.positionId, next);
  const { positionId, version } = next;
  model.log.push({ verb: 'approve', by: actor.userId, held, positionId, version, content: proposal.content });
  return true;
}

function request(model: Model, actor: Actor, move: Move & { verb: 'request' }): boolean {
  const position = pick([...model.positions.values()], move.position);
  const status = model.persons.get(move.userId);
  if (!position || status === undefined) return false;
  const theirs = model.assignments.filter((one) => one.userId === move.userId);
  const around = { chain: chainOf(position.odsCode), national, today };
  if (mayNotRequest(actor, { userId: move.userId, status }, position, theirs, around)) return false;
  model.assignments.push({
    userId: move.userId,
    roleProfileId: `role ${model.assignments.length}`,
    positionId: position.positionId,
    odsCode: position.odsCode,
    state: 'requested',
    requestedBy: actor.userId,
  });
  return true;
}

function assign(
  model: Model,
  actor: Actor,
  held: Deed['held'],
  move: Move & { verb: 'grant' | 'refuse' | 'end' },
): boolean {
  const index = move.assignment % Math.max(1, model.assignments.length);
  const assignment = model.assignments[index];
  const position = assignment && model.positions.get(assignment.positionId);
  if (!assignment || !position) return false;
  const around = { chain: chainOf(assignment.odsCode), national, today };
  const person = { userId: assignment.userId, status: model.persons.get(assignment.userId) as PersonStatus };
  const unable = {
    grant: () => mayNotGrant(actor, person, assignment, position, around),
    refuse: () => mayNotRefuse(actor, assignment, around.chain),
    end: () => mayNotEnd(actor, assignment, position, around),
  }[move.verb]();
  if (unable) return false;
  const state = ({ grant: 'active', refuse: 'refused', end: 'ended' } as const)[move.verb];
  model.assignments[index] = { ...assignment, state };
  const { positionId, roleProfileId } = assignment;
  if (move.verb === 'grant')
    model.log.push({ verb: 'grant', by: actor.userId, held, positionId, version: position.version, roleProfileId });
  return true;
}

function stand(model: Model, actor: Actor, move: Standing): boolean {
  const { userId, verb } = move;
  const of = (state: string) => model.assignments.filter((one) => one.userId === userId && one.state === state);
  const active = of('active');
  const chainsOf = (all: readonly Assignment[]) => [...new Set(all.map((one) => one.odsCode))].map(chainOf);
  const status = model.persons.get(userId);
  if (status === undefined) return false;
  const identity: Identity = {
    userId,
    status,
    chains: chainsOf(active),
    requested: chainsOf(of('requested')),
    home: chainOf(active[0]?.odsCode ?? 'RXX'),
    isRestricted: active.some((one) =>
      isRestricted((model.positions.get(one.positionId) as Position).content, national),
    ),
  };
  if (mayNotTouch(actor, 'close-identity', identity, verb === 'close' ? 'all' : 'one')) return false;
  const next = statusAfter(verb, status);
  if (typeof next !== 'string') return false;
  model.persons.set(userId, next);
  if (verb === 'close')
    model.assignments.forEach((one, n) => {
      if (one.userId === userId && (one.state === 'active' || one.state === 'requested'))
        model.assignments[n] = { ...one, state: one.state === 'active' ? 'ended' : 'refused' };
    });
  return true;
}
