import type { Queryable } from '../../../../platform/db/database.ts';
import { uuidv7 } from '../../../../platform/events/uuidv7.ts';
import { nameKey } from '../person-keys.ts';
import {
  emptyStaff,
  insertActiveAssignments,
  insertApproved,
  insertMemberships,
  insertOrganisations,
  insertPersonKeys,
  insertPersons,
  insertSandboxLevels,
  insertWorkgroups,
  keepDemoStaff,
  keptDemoStaff,
} from './queries.ts';
import type { LoadedPerson, StaffLoad } from './staff-load.ts';

/** Who is written down as having given what came with a load. */
const loader = 'openspine';

/** Puts a whole staff into an empty directory, and keeps a copy from which a sandbox is reset. */
export async function loadDemoStaffIn(tx: Queryable, staff: StaffLoad, now: number): Promise<void> {
  await keepDemoStaff(tx, staff);
  await insertStaff(tx, staff, now);
}

/** Empties the directory and, for `demo`, fills it with the demo nation's staff. Sandbox only. */
export async function resetStaff(tx: Queryable, population: 'demo' | 'none', now: number): Promise<void> {
  await emptyStaff(tx);
  const staff = population === 'demo' ? await keptDemoStaff(tx) : undefined;
  if (staff) await insertStaff(tx, staff, now);
}

async function insertStaff(tx: Queryable, staff: StaffLoad, now: number): Promise<void> {
  await insertOrganisations(tx, staff.organisations, now);
  await insertWorkgroups(tx, staff.workgroups, now);
  await insertApproved(
    tx,
    staff.positions.map((position) => ({ ...position, proposalId: uuidv7(now) })),
    { actor: loader, reason: 'loaded', now },
  );
  await insertPersons(tx, staff.people.map(personInsert), now);
  await insertPersonKeys(
    tx,
    staff.people.map((person) => ({ matchKey: nameKey(person), userId: person.userId })),
  );
  const odsOf = new Map(staff.positions.map((position) => [position.positionId, position.odsCode]));
  const assignments = staff.people.flatMap(({ userId, assignments: all }) =>
    all.map((one) => ({ userId, ...one, odsCode: odsOf.get(one.positionId) as string })),
  );
  await insertMemberships(tx, assignments, now);
  await insertActiveAssignments(tx, assignments, { actor: loader, now });
  await insertSandboxLevels(
    tx,
    staff.people.flatMap(({ userId, sandboxLevel }) =>
      sandboxLevel === undefined ? [] : [{ userId, level: sandboxLevel }],
    ),
  );
}

/** An identity as it is inserted. */
function personInsert(person: LoadedPerson) {
  return {
    userId: person.userId,
    status: 'active',
    registeredBy: person.registeredBy,
    title: person.title ?? null,
    givenName: person.givenName,
    middleNames: person.middleNames ?? null,
    familyName: person.familyName,
    email: person.email ?? null,
    professionalIds: person.professionalIds ?? {},
    idAssuranceLevel: 3,
    evidence: { loaded: true },
    bornOn: person.bornOn,
    postcode: person.postcode ?? null,
    nhsNumber: person.nhsNumber ?? null,
    nationalInsuranceSealed: null,
  };
}
