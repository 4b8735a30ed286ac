import type { Queryable } from '../../../../platform/db/database.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { Change, Done } from '../carry-out.ts';
import { loadPerson } from '../loaded.ts';
import { setEnded, setPersonStatus } from '../queries-people.ts';
import { demand, refusal } from '../refusals.ts';
import type { Actor } from '../rules/authority.ts';
import { mayNotTouch, type StandingVerb, statusAfter } from '../rules/identities.ts';
import { endedChange } from './end-assignment.ts';

const told = {
  suspend: 'identity-suspended',
  resume: 'identity-resumed',
  close: 'identity-closed',
  reopen: 'identity-reopened',
} as const;

/**
 * Suspends, resumes, closes or reopens an identity. Suspended and closed ones log on no more and their tokens are revoked;
 * closing (leaving) ends every assignment too, and reopening gives none of them back.
 */
export async function changeStanding(
  tx: Queryable,
  { national }: { national: NationalRoles },
  { actor, now }: { actor: Actor; now: number },
  userId: string,
  verb: StandingVerb,
): Promise<Done> {
  const { person, identity, assignments } = await loadPerson(tx, userId, national);
  demand(mayNotTouch(actor, 'close-identity', identity, verb === 'close' ? 'all' : 'one'));
  const status = statusAfter(verb, person.status);
  if (typeof status !== 'string') throw refusal(status.rule, status.words);
  await setPersonStatus(tx, userId, status, now);
  const changes: Change[] = [
    {
      subjectId: userId,
      verb: told[verb],
      before: { status: person.status },
      after: { status },
      told: { userId, status },
    },
  ];
  if (verb === 'close') {
    const open = assignments.filter((one) => one.state === 'active' || one.state === 'requested');
    await setEnded(
      tx,
      userId,
      open.map((one) => one.roleProfileId),
      actor.userId,
      now,
    );
    changes.push(...open.map(endedChange));
  }
  return {
    status: 200,
    body: { userId, status },
    changes,
    ...(status === 'active' ? { reread: [userId] } : { revoke: [userId] }),
  };
}
