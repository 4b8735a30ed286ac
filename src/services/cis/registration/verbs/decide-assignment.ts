import type { Queryable } from '../../../../platform/db/database.ts';
import { dayOf } from '../../../../platform/nhs/dates.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { Done } from '../carry-out.ts';
import { assignmentIn, loadPerson } from '../loaded.ts';
import { insertMemberships, takeIds } from '../loading/queries.ts';
import { personOrgId, setDecided } from '../queries-people.ts';
import { demand, refusal } from '../refusals.ts';
import { mayNotGrant, mayNotRefuse } from '../rules/assignments.ts';
import type { Actor } from '../rules/authority.ts';

/**
 * Grants a requested position, which holds at once in every live session, or refuses it. The first position in an
 * organisation gives the person their id there (person_orgid).
 */
export async function decideAssignment(
  tx: Queryable,
  { national }: { national: NationalRoles },
  { actor, now }: { actor: Actor; now: number },
  of: { userId: string; roleProfileId: string },
  verdict: 'grant' | 'refuse',
): Promise<Done> {
  const loaded = await loadPerson(tx, of.userId, national);
  const { assignment, position, chain } = await assignmentIn(tx, loaded, of.roleProfileId);
  const person = { userId: of.userId, status: loaded.person.status };
  demand(
    verdict === 'grant'
      ? mayNotGrant(actor, person, assignment, position, { chain, national, today: dayOf(now) })
      : mayNotRefuse(actor, assignment, chain),
  );
  const state = verdict === 'grant' ? 'active' : 'refused';
  if ((await setDecided(tx, of, state, actor.userId, now)) === 0)
    throw refusal('state', 'The assignment was decided on in the same moment.');
  const { odsCode } = assignment;
  if (verdict === 'grant' && (await personOrgId(tx, of.userId, odsCode)) === undefined) {
    const [id] = (await takeIds(tx, 'person-org')) as [string];
    await insertMemberships(tx, [{ userId: of.userId, odsCode, personOrgId: id }], now);
  }
  const personOrgid = verdict === 'grant' ? await personOrgId(tx, of.userId, odsCode) : undefined;
  return {
    status: 200,
    body: { ...of, personOrgId: personOrgid, positionId: position.positionId, odsCode, state },
    changes: [
      {
        subjectId: of.userId,
        verb: verdict === 'grant' ? 'assignment-granted' : 'assignment-refused',
        before: assignment,
        after: { ...assignment, state, positionVersion: position.version },
        told: { ...of, odsCode, positionId: position.positionId },
      },
    ],
    reread: [of.userId],
  };
}
