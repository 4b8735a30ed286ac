import type { Queryable } from '../../../../platform/db/database.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { Done } from '../carry-out.ts';
import { assignmentIn, loadPerson } from '../loaded.ts';
import { setEnded } from '../queries-people.ts';
import { demand, refusal } from '../refusals.ts';
import { mayNotEnd, mayNotRefuse } from '../rules/assignments.ts';
import type { Actor } from '../rules/authority.ts';
import type { Move } from '../shapes.ts';
import { endedChange } from './end-assignment.ts';
import { requestFor } from './request-assignment.ts';

/** Moves a person: ends what they have in one organisation and requests a position in another, both or neither. */
export async function movePerson(
  tx: Queryable,
  { national }: { national: NationalRoles },
  by: { actor: Actor; now: number },
  userId: string,
  { from, ...wanted }: Move,
): Promise<Done> {
  const loaded = await loadPerson(tx, userId, national);
  const leaving = loaded.assignments.filter(
    (one) => one.odsCode === from && (one.state === 'active' || one.state === 'requested'),
  );
  if (!leaving.some((one) => one.state === 'active'))
    throw refusal('state', `The person holds no position in ${from}.`, 'from');
  for (const one of leaving) {
    const { assignment, position, chain } = await assignmentIn(tx, loaded, one.roleProfileId);
    demand(
      assignment.state === 'active'
        ? mayNotEnd(by.actor, assignment, position, { chain, national })
        : mayNotRefuse(by.actor, assignment, chain),
    );
  }
  const ids = leaving.map((one) => one.roleProfileId);
  await setEnded(tx, userId, ids, by.actor.userId, by.now);
  const stay = loaded.assignments.filter((one) => !ids.includes(one.roleProfileId));
  const { change, body } = await requestFor(tx, national, by, { ...loaded, assignments: stay }, wanted);
  return {
    status: 200,
    body: { userId, ended: ids, requested: body },
    changes: [...leaving.map(endedChange), change],
    reread: [userId],
  };
}
