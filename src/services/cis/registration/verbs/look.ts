import type { Queryable } from '../../../../platform/db/database.ts';
import { dayOf } from '../../../../platform/nhs/dates.ts';
import { effectiveActivities, type NationalRoles } from '../../rbac/national-roles.ts';
import { personsById } from '../directory/queries.ts';
import { displayName } from '../directory/user-info.ts';
import { chainOf, seePerson } from '../loaded.ts';
import { openProposalsOf, positionsById, positionsOf, workgroupsOf } from '../queries-positions.ts';
import { assignmentsIn, historyRows, type ReportRow, requestsIn } from '../queries-record.ts';
import { demand, refusal } from '../refusals.ts';
import type { CardDesk } from '../registration-parts.ts';
import { type Actor, mayNot } from '../rules/authority.ts';
import { mayNotLook } from '../rules/identities.ts';
import { shownCard } from './cards.ts';

type Parts = {
  readonly national: NationalRoles;
  readonly cards: CardDesk | undefined;
  readonly authenticators: { list(db: Queryable, userId: string): Promise<readonly object[]> } | undefined;
};

/** An identity as the Registration Authority sees it: no date of birth, no number that proves anything. */
export async function viewIdentity(
  tx: Queryable,
  { national, cards, authenticators }: Parts,
  { actor, now }: { actor: Actor; now: number },
  userId: string,
): Promise<object> {
  const { person, identity, assignments, positions } = await seePerson(tx, userId, national);
  if (actor.userId !== userId) demand(mayNotLook(actor, 'view-identity', identity));
  return {
    userId,
    version: person.version,
    status: person.status,
    name: displayName(person),
    title: person.title,
    givenName: person.given_name,
    middleNames: person.middle_names,
    familyName: person.family_name,
    email: person.email,
    professionalIds: person.professional_ids,
    idAssuranceLevel: person.id_assurance_level,
    registeredBy: person.registered_by_ods,
    assignments: assignments.map((one) => {
      const position = positions.get(one.positionId);
      return { ...one, position: position?.content.name, roleCode: position?.content.roleCode };
    }),
    ...(cards ? { cards: (await cards.list(tx, userId, now)).map(shownCard) } : {}),
    ...(authenticators ? { authenticators: await authenticators.list(tx, userId) } : {}),
  };
}

const historyPage = 100;

/** What was done to a person or a position, by whom, when, before and after, why; the latest first. */
export async function viewHistory(
  tx: Queryable,
  { national }: Pick<Parts, 'national'>,
  actor: Actor,
  of: { userId: string } | { positionId: string },
  before: string | undefined,
): Promise<object> {
  let subjectId: string;
  if ('userId' in of) {
    const { identity } = await seePerson(tx, of.userId, national);
    demand(mayNotLook(actor, 'report', identity));
    subjectId = of.userId;
  } else {
    const [position] = await positionsById(tx, [of.positionId]);
    if (!position) throw refusal('unknown', 'There is no such position.', 'positionId');
    demand(mayNot(actor, 'report', await chainOf(tx, position.ods_code)));
    subjectId = of.positionId;
  }
  const rows = await historyRows(tx, subjectId, before, historyPage + 1);
  const page = rows.slice(0, historyPage);
  return {
    subjectId,
    entries: page.map((row) => ({
      id: row.history_id,
      at: row.happened_at.toISOString(),
      what: row.verb,
      by: { userId: row.actor_id, roleProfileId: row.actor_role_id, odsCode: row.actor_ods },
      before: row.before,
      after: row.after,
      reason: row.reason,
    })),
    ...(rows.length > historyPage ? { next: page.at(-1)?.history_id } : {}),
  };
}

const reportPage = 500;

/** Who has what in an organisation, now or at a time past, with the effective activities. */
export async function whoHasWhat(
  db: Queryable,
  { national }: Pick<Parts, 'national'>,
  { actor, now }: { actor: Actor; now: number },
  asked: { odsCode: string; on: string | undefined; after: string },
): Promise<object> {
  demand(mayNot(actor, 'report', await chainOf(db, asked.odsCode)));
  const today = dayOf(now);
  if (asked.on !== undefined && asked.on > today) throw refusal('value', 'on: is in the future', 'on');
  // a day past is seen as it ended
  const at = asked.on === undefined || asked.on === today ? now : Date.parse(`${asked.on}T23:59:59.999Z`);
  const rows = await assignmentsIn(db, asked.odsCode, {
    at,
    day: dayOf(at),
    after: asked.after,
    limit: reportPage + 1,
  });
  return report(db, asked.odsCode, new Date(at).toISOString(), rows, national);
}

/** What waits for a decision in an organisation: requested assignments and proposed positions. */
export async function openRequests(
  db: Queryable,
  { national }: Pick<Parts, 'national'>,
  { actor, now }: { actor: Actor; now: number },
  asked: { odsCode: string; after: string },
): Promise<object> {
  demand(mayNot(actor, 'view-positions', await chainOf(db, asked.odsCode)));
  const rows = await requestsIn(db, asked.odsCode, asked.after, reportPage + 1);
  const proposals = (await openProposalsOf(db, asked.odsCode)).map((row) => ({
    proposalId: row.proposal_id,
    positionId: row.position_id,
    baseVersion: row.base_version,
    content: row.content,
    reason: row.reason,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at.toISOString(),
  }));
  return { ...(await report(db, asked.odsCode, new Date(now).toISOString(), rows, national)), proposals };
}

async function report(
  db: Queryable,
  odsCode: string,
  at: string,
  rows: readonly ReportRow[],
  national: NationalRoles,
): Promise<object> {
  const page = rows.slice(0, reportPage);
  const persons = await personsById(db, [...new Set(page.map((row) => row.user_id))]);
  const byId = new Map(persons.map((row) => [row.user_id, row]));
  return {
    odsCode,
    at,
    assignments: page.map((row) => {
      const person = byId.get(row.user_id);
      return {
        userId: row.user_id,
        name: person && displayName(person),
        status: person?.status,
        roleProfileId: row.role_profile_id,
        positionId: row.position_id,
        position: row.content.name,
        jobRole: national.jobRoles.get(row.content.roleCode)?.fullCode ?? row.content.roleCode,
        activities: effectiveActivities(national, row.content.roleCode, row.content.activities),
        areas: row.content.areas,
        workgroups: row.content.workgroups,
        validFrom: row.valid_from_on,
        validTo: row.valid_to_on,
        requestedBy: row.requested_by,
        requestedAt: row.requested_at.toISOString(),
        grantedBy: row.decided_by,
        grantedAt: row.decided_at?.toISOString(),
      };
    }),
    ...(rows.length > reportPage ? { next: page.at(-1)?.role_profile_id } : {}),
  };
}

/** The positions of an organisation, and its workgroups. */
export async function viewPositions(db: Queryable, actor: Actor, odsCode: string): Promise<object> {
  demand(mayNot(actor, 'view-positions', await chainOf(db, odsCode)));
  const positions = await positionsOf(db, odsCode);
  return {
    odsCode,
    positions: positions.map((row) => ({
      positionId: row.position_id,
      version: row.version,
      state: row.state,
      ...row.content,
    })),
    workgroups: (await workgroupsOf(db, odsCode)).map((row) => ({ code: row.workgroup_code, name: row.name })),
  };
}
