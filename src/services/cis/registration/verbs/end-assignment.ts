import type { Queryable } from '../../../../platform/db/database.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { Change, Done } from '../carry-out.ts';
import { assignmentIn, loadPerson } from '../loaded.ts';
import { setEnded } from '../queries-people.ts';
import { demand } from '../refusals.ts';
import { type Assignment, mayNotEnd } from '../rules/assignments.ts';
import type { Actor } from '../rules/authority.ts';

/** Ends an assignment: the role is gone from every live session within a second, and never comes back. */
export async function endAssignment(
  tx: Queryable,
  { national }: { national: NationalRoles },
  { actor, now }: { actor: Actor; now: number },
  of: { userId: string; roleProfileId: string },
): Promise<Done> {
  const loaded = await loadPerson(tx, of.userId, national);
  const { assignment, position, chain } = await assignmentIn(tx, loaded, of.roleProfileId);
  demand(mayNotEnd(actor, assignment, position, { chain, national }));
  await setEnded(tx, of.userId, [of.roleProfileId], actor.userId, now);
  return {
    status: 200,
    body: { ...of, state: 'ended' },
    changes: [endedChange(assignment)],
    reread: [of.userId],
  };
}

/** What is written down of an assignment's end. */
export function endedChange(assignment: Assignment): Change {
  const { userId, roleProfileId, odsCode } = assignment;
  const state = assignment.state === 'active' ? 'ended' : 'refused';
  return {
    subjectId: userId,
    verb: `assignment-${state}`,
    before: assignment,
    after: { ...assignment, state },
    told: { userId, roleProfileId, odsCode },
  };
}
