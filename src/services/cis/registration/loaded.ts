import type { Queryable } from '../../../platform/db/database.ts';
import type { NationalRoles } from '../rbac/national-roles.ts';
import { type PersonRow, personsById } from './directory/queries.ts';
import { type AssignmentRow, assignmentsOf, lockPerson } from './queries-people.ts';
import { organisationsAbove, type PositionRow, type ProposalRow, positionsById } from './queries-positions.ts';
import { refusal } from './refusals.ts';
import type { Assignment } from './rules/assignments.ts';
import { type Chain, isRestricted } from './rules/authority.ts';
import type { Identity } from './rules/identities.ts';
import type { Position, Proposal } from './rules/positions.ts';

/**
 * For each organisation: itself and those whose Registration Authority serves it too. Until SDS answers for organisations
 * this is the one place that knows.
 */
export async function chainsOf(db: Queryable, odsCodes: readonly string[]): Promise<Map<string, Chain>> {
  const rows = odsCodes.length === 0 ? [] : await organisationsAbove(db, [...new Set(odsCodes)]);
  const known = new Map(
    rows.map((row) => [row.ods_code, [row.first, row.second, row.third].filter((code) => code !== null)]),
  );
  return new Map(odsCodes.map((code) => [code, [code, ...(known.get(code) ?? [])]]));
}

export async function chainOf(db: Queryable, odsCode: string): Promise<Chain> {
  return (await chainsOf(db, [odsCode])).get(odsCode) as Chain;
}

export const positionOf = (row: PositionRow): Position => ({
  positionId: row.position_id,
  version: row.version,
  state: row.state,
  odsCode: row.ods_code,
  content: row.content,
});

export const proposalOf = (row: ProposalRow): Proposal => ({
  proposalId: row.proposal_id,
  positionId: row.position_id,
  baseVersion: row.base_version,
  odsCode: row.ods_code,
  content: row.content ?? undefined,
  state: row.state,
  proposedBy: row.proposed_by,
});

export const assignmentOf = (row: AssignmentRow): Assignment => ({
  userId: row.user_id,
  roleProfileId: row.role_profile_id,
  positionId: row.position_id,
  odsCode: row.ods_code,
  state: row.state,
  requestedBy: row.requested_by,
  validFrom: row.valid_from_on ?? undefined,
  validTo: row.valid_to_on ?? undefined,
});

/** A person with all that rules about them look at. */
export type Loaded = {
  readonly person: PersonRow;
  readonly assignments: readonly Assignment[];
  readonly positions: ReadonlyMap<string, Position>;
  readonly identity: Identity;
};

/** Loads a person, locked for the transaction. Throws 404 `unknown`. */
export async function loadPerson(tx: Queryable, userId: string, national: NationalRoles): Promise<Loaded> {
  return loaded(tx, userId, national, isUserId(userId) ? await lockPerson(tx, userId) : undefined);
}

/** Loads a person to look at. Throws 404 `unknown`. */
export async function seePerson(db: Queryable, userId: string, national: NationalRoles): Promise<Loaded> {
  const [person] = isUserId(userId) ? await personsById(db, [userId]) : [];
  return loaded(db, userId, national, person);
}

const isUserId = (text: string): boolean => /^[0-9]{1,20}$/.test(text);

async function loaded(
  tx: Queryable,
  userId: string,
  national: NationalRoles,
  person: PersonRow | undefined,
): Promise<Loaded> {
  if (!person) throw refusal('unknown', `There is no identity ${userId.slice(0, 40).toWellFormed()}.`, 'userId');
  const assignments = (await assignmentsOf(tx, userId)).map(assignmentOf);
  const rows =
    assignments.length === 0
      ? []
      : await positionsById(
          tx,
          assignments.map((one) => one.positionId),
        );
  const positions = new Map(rows.map((row) => [row.position_id, positionOf(row)]));
  const active = assignments.filter((one) => one.state === 'active');
  const requested = assignments.filter((one) => one.state === 'requested');
  const chains = await chainsOf(tx, [...[...active, ...requested].map((one) => one.odsCode), person.registered_by_ods]);
  const chain = (odsCode: string) => chains.get(odsCode) as Chain;
  const ofAll = (some: readonly Assignment[]) => [...new Set(some.map((one) => one.odsCode))].map(chain);
  const identity: Identity = {
    userId,
    status: person.status,
    chains: ofAll(active),
    requested: ofAll(requested),
    home: chain(active[0]?.odsCode ?? person.registered_by_ods),
    isRestricted: active.some((one) => {
      const position = positions.get(one.positionId);
      return position !== undefined && isRestricted(position.content, national);
    }),
  };
  return { person, assignments, positions, identity };
}

/** The person's assignment with this id, its position and organisation. Throws 404 `unknown`. */
export async function assignmentIn(tx: Queryable, loaded: Loaded, roleProfileId: string) {
  const assignment = loaded.assignments.find((one) => one.roleProfileId === roleProfileId);
  const position = assignment && loaded.positions.get(assignment.positionId);
  if (!assignment || !position)
    throw refusal('unknown', `There is no assignment ${roleProfileId.slice(0, 40).toWellFormed()}.`, 'roleProfileId');
  return { assignment, position, chain: await chainOf(tx, assignment.odsCode) };
}
