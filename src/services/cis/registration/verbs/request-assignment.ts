import type { Queryable } from '../../../../platform/db/database.ts';
import { dayOf } from '../../../../platform/nhs/dates.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { Change, Done } from '../carry-out.ts';
import { chainOf, type Loaded, loadPerson, positionOf } from '../loaded.ts';
import { takeIds } from '../loading/queries.ts';
import { insertRequested } from '../queries-people.ts';
import { lockPosition } from '../queries-positions.ts';
import { demand, refusal } from '../refusals.ts';
import { mayNotRequest } from '../rules/assignments.ts';
import type { Actor } from '../rules/authority.ts';
import type { RequestAssignment } from '../shapes.ts';

/** Requests a position for a person; somebody else must grant it before it holds. */
export async function requestAssignment(
  tx: Queryable,
  { national }: { national: NationalRoles },
  by: { actor: Actor; now: number },
  userId: string,
  wanted: RequestAssignment,
): Promise<Done> {
  const loaded = await loadPerson(tx, userId, national);
  const { change, body } = await requestFor(tx, national, by, loaded, wanted);
  return { status: 201, body, changes: [change] };
}

/** The request as it is written; also the second half of a move. */
export async function requestFor(
  tx: Queryable,
  national: NationalRoles,
  { actor, now }: { actor: Actor; now: number },
  { person, assignments }: Loaded,
  { positionId, validFrom, validTo }: Omit<RequestAssignment, 'reason'>,
): Promise<{ change: Change; body: object }> {
  const today = dayOf(now);
  // held, so that a change of the position that is decided at this moment reaches this holder too
  const row = await lockPosition(tx, positionId);
  if (!row) throw refusal('unknown', `There is no position ${positionId}.`, 'positionId');
  if (validTo !== undefined && (validTo < today || validTo < (validFrom ?? validTo)))
    throw refusal('value', 'validTo: the last day is past, or before the first', 'validTo');
  const position = positionOf(row);
  const chain = await chainOf(tx, position.odsCode);
  const userId = person.user_id;
  demand(mayNotRequest(actor, { userId, status: person.status }, position, assignments, { chain, national, today }));
  const [roleProfileId] = (await takeIds(tx, 'role')) as [string];
  await insertRequested(
    tx,
    {
      user_id: userId,
      role_profile_id: roleProfileId,
      position_id: positionId,
      ods_code: position.odsCode,
      valid_from_on: validFrom ?? null,
      valid_to_on: validTo ?? null,
    },
    actor.userId,
    now,
  );
  const body = { userId, roleProfileId, positionId, odsCode: position.odsCode, state: 'requested', validFrom, validTo };
  return {
    body,
    change: {
      subjectId: userId,
      verb: 'assignment-requested',
      before: null,
      after: { ...body, positionVersion: position.version },
      told: { userId, roleProfileId, odsCode: position.odsCode },
    },
  };
}
