import type { Role } from '../../../../platform/identity/principal.ts';
import { effectiveActivities, type NationalRoles } from '../../rbac/national-roles.ts';
import type { HeldRow, PersonRow } from './queries.ts';

/** One assignment with everything it stands for now. */
export type HeldRole = HeldRow & {
  readonly roleCode: string;
  readonly roleName: string;
  /** Effective activities, sorted. */
  readonly activities: readonly string[];
};

/** What an assignment stands for by the national role data as they are. */
export function heldRole(held: HeldRow, national: NationalRoles): HeldRole {
  const { roleCode, activities } = held.content;
  const role = national.jobRoles.get(roleCode);
  return {
    ...held,
    roleCode: role?.fullCode ?? `S0000:G0000:${roleCode}`,
    roleName: role?.fullName ?? `"Not published":"Not published":"${roleCode}"`,
    activities: effectiveActivities(national, roleCode, activities),
  };
}

/** The assignment as access decisions see it. */
export function principalRole(held: HeldRole): Role {
  return {
    roleProfileId: held.role_profile_id,
    odsCode: held.ods_code,
    roleCode: held.roleCode,
    activities: held.activities,
    ...(held.content.workgroups.length > 0 ? { workgroups: held.content.workgroups } : {}),
  };
}

/** `Dr Aroha Farrier`. */
export function displayName(person: Pick<PersonRow, 'title' | 'given_name' | 'family_name'>): string {
  return [person.title, person.given_name, person.family_name].filter(Boolean).join(' ');
}

const initials = ({ given_name, middle_names }: PersonRow): string =>
  [given_name, ...(middle_names ?? '').split(/\s+/)]
    .filter((name) => name !== '')
    .map((name) => [...name][0])
    .join(' ');

/** Every claim of the user information (published shape: claims-examples, careIdentityUserinfo). */
export function userInfoOf(
  person: PersonRow,
  roles: readonly HeldRole[],
  national: NationalRoles,
  workgroups: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const organisations = [...new Map(roles.map((role) => [role.ods_code, role])).values()];
  const membership = ({ person_orgid, ods_code, org_name }: HeldRole) => ({
    person_orgid,
    org_code: ods_code,
    org_name,
  });
  const given = (name: string, value: string | null) => (value === null || value === '' ? {} : { [name]: value });
  return {
    sub: person.user_id,
    nhsid_useruid: person.user_id,
    uid: person.user_id,
    name: `${person.family_name} ${person.given_name}`,
    given_name: person.given_name,
    family_name: person.family_name,
    ...given('middle_names', person.middle_names),
    initials: initials(person),
    ...given('title', person.title),
    display_name: displayName(person),
    ...given('email', person.email),
    idassurancelevel: String(person.id_assurance_level),
    ...person.professional_ids,
    nhsid_user_orgs: organisations.map(({ ods_code, org_name }) => ({ org_code: ods_code, org_name })),
    nhsid_org_memberships: organisations.map(membership),
    nhsid_org_roles: organisations.map(membership),
    nhsid_nrbac_roles: roles.map((role) => nationalRole(role, national, workgroups)),
  };
}

function nationalRole(role: HeldRole, national: NationalRoles, workgroups: ReadonlyMap<string, string>): object {
  const { areas, workgroups: codes } = role.content;
  return {
    person_orgid: role.person_orgid,
    person_roleid: role.role_profile_id,
    org_code: role.ods_code,
    role_code: role.roleCode,
    role_name: role.roleName,
    ...(role.activities.length === 0
      ? {}
      : {
          activities: role.activities.map((code) => national.activities.get(code)?.name ?? code),
          activity_codes: role.activities,
        }),
    ...(areas.length === 0 ? {} : { aow: areas.map((code) => national.areas.get(code) ?? code), aow_codes: areas }),
    ...(codes.length === 0
      ? {}
      : { workgroups: codes.map((code) => workgroups.get(code) ?? code), workgroups_codes: codes }),
  };
}
