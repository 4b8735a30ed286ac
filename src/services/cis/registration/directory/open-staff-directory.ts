import type { Clock } from '../../../../platform/clock/clock.ts';
import { Batch } from '../../../../platform/db/batch.ts';
import type { Database } from '../../../../platform/db/database.ts';
import { dayOf } from '../../../../platform/nhs/dates.ts';
import { type NationalRoles, nationalRolesReader } from '../../rbac/national-roles.ts';
import type { StaffAccount, StaffDirectory } from '../../staff-directory.ts';
import { isValidOn } from '../position-content.ts';
import { type HeldRow, heldBy, type PersonRow, personsById, workgroupNames } from './queries.ts';
import { displayName, heldRole, principalRole, userInfoOf } from './user-info.ts';

export type OpenStaffDirectory = StaffDirectory & {
  readonly nationalRoles: () => Promise<NationalRoles>;
};

const isUserId = (text: string): boolean => /^[0-9A-Za-z][0-9A-Za-z._@-]{0,99}$/.test(text);

type Found = {
  readonly person: PersonRow | undefined;
  readonly held: readonly HeldRow[];
};

/**
 * The staff directory on our own tables: nothing is remembered, so what the Registration Authority did last is what is
 * seen; many look-ups of one moment are one.
 */
export function openStaffDirectory(db: Database, clock: Clock): OpenStaffDirectory {
  const nationalRoles = nationalRolesReader(db);
  const lookUp = new Batch<string, Found>({ maxItems: 200, maxInFlight: 2 }, (userIds) => findAll(db, userIds));

  const rolesNow = async (held: readonly HeldRow[]) => {
    const national = await nationalRoles();
    const today = dayOf(clock.now());
    const isHeld = (row: HeldRow) =>
      isValidOn(row.content, today) &&
      isValidOn({ validFrom: row.valid_from_on ?? undefined, validTo: row.valid_to_on ?? undefined }, today);
    return { national, roles: held.filter(isHeld).map((row) => heldRole(row, national)) };
  };

  const find = async (userId: string): Promise<StaffAccount | undefined> => {
    if (!isUserId(userId)) return undefined;
    const { person, held } = await lookUp.add(userId);
    if (!person) return undefined;
    const { national, roles } = await rolesNow(held);
    const codes = roles.flatMap((role) => role.content.workgroups);
    const names = codes.length === 0 ? [] : await workgroupNames(db, codes);
    const workgroups = new Map(names.map((row) => [row.workgroup_code, row.name]));
    return {
      userId,
      status: person.status,
      displayName: displayName(person),
      idAssuranceLevel: person.id_assurance_level,
      userInfo: userInfoOf(person, roles, national, workgroups),
      idTokenClaims: {},
      roles: roles.map(principalRole),
      sandboxLevel: levelOf(person.sandbox_level),
    };
  };

  return {
    find,
    findByUsername: find,
    nationalRoles,
  };
}

async function findAll(db: Database, userIds: readonly string[]): Promise<Found[]> {
  const ids = [...new Set(userIds)];
  const [persons, held] = await Promise.all([personsById(db, ids), heldBy(db, ids)]);
  const person = new Map(persons.map((row) => [row.user_id, row]));
  const rows = Map.groupBy(held, (row) => row.user_id);
  return userIds.map((id) => ({ person: person.get(id), held: rows.get(id) ?? [] }));
}

const levelOf = (level: number | null): 1 | 2 | 3 | undefined =>
  level === 1 || level === 2 || level === 3 ? level : undefined;
