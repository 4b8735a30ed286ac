import type { Principal, Role } from './principal.ts';

/** What the role step looks at. */
export type SessionRoleFacts = {
  /** `NHSD-Session-URID` as sent; undefined when absent. */
  readonly header: string | undefined;
  /** The ID token's `selected_roleid`: undefined when it has none, empty when it is there but says nothing. */
  readonly selectedRoleId: string | undefined;
  /** The token is from a combined staff log-on, so that its user information can be had. */
  readonly isCombinedStaffLogOn: boolean;
  /** `person_roleid` of each role in the user information; undefined for a role without. */
  readonly roleIds: readonly (string | undefined)[];
  /** The roles that hold now, where the user is of our own directory: a selected role must be among them still. */
  readonly liveRoleIds?: readonly string[] | undefined;
};

export type SessionRole =
  | { readonly is: 'settled'; readonly roleProfileId: string }
  | { readonly is: 'refused'; readonly status: 401 | 500; readonly diagnostics: string };

const refused = (diagnostics: string, status: 401 | 500 = 401): SessionRole => ({ is: 'refused', status, diagnostics });

/**
 * Which role the caller acts in, or why that cannot be told (rules, order and texts: user-role-step). Ours: a selected
 * role of a user of our own directory that was withdrawn since is refused as an invalid one.
 */
export function settleSessionRole(facts: SessionRoleFacts): SessionRole {
  return facts.header === undefined ? withoutHeader(facts) : withHeader(facts, facts.header);
}

function withoutHeader({ selectedRoleId, isCombinedStaffLogOn, roleIds, liveRoleIds }: SessionRoleFacts): SessionRole {
  if (selectedRoleId !== undefined) {
    if (selectedRoleId === '' || (liveRoleIds && !liveRoleIds.includes(selectedRoleId)))
      return refused('selected_roleid is misconfigured/invalid');
    return { is: 'settled', roleProfileId: selectedRoleId };
  }
  if (!isCombinedStaffLogOn) return refused('selected_roleid is missing in your token');
  if (roleIds.length > 1) return refused('multiple roles found in user info, please check NHSD-Session-URID');
  if (roleIds.length === 0) return noRoles;
  const [only] = roleIds;
  return only === undefined || only === '' ? roleWithoutId : { is: 'settled', roleProfileId: only };
}

function withHeader({ isCombinedStaffLogOn, roleIds }: SessionRoleFacts, header: string): SessionRole {
  // the published list has this last, but without user information none of the checks above it can be made
  if (!isCombinedStaffLogOn) return refused('unable to retrieve user info', 500);
  if (roleIds.length === 0) return noRoles;
  if (roleIds.some((id) => id === undefined || id === '')) return roleWithoutId;
  if (!roleIds.includes(header)) return refused('NHSD-Session-URID is invalid');
  return { is: 'settled', roleProfileId: header };
}

const noRoles = refused('no userroles available, please check NHSD-Session-URID is valid');
const roleWithoutId = refused('nhsid_nrbac_roles is misconfigured/invalid');

/** The facts as far as a token tells them; one without a grant, as a sandbox gives, counts as a combined log-on. */
export function sessionRoleFacts(principal: Principal, header: string | undefined): SessionRoleFacts {
  const selected = principal.idTokenClaims?.selected_roleid;
  const roles = principal.roles ?? [];
  return {
    header,
    selectedRoleId: selected === undefined ? undefined : typeof selected === 'string' ? selected : '',
    isCombinedStaffLogOn: principal.mode === 'healthcare-worker' && principal.grant !== 'token_exchange',
    roleIds: roles.map((role) => role.roleProfileId),
    liveRoleIds: principal.hasLiveRoles ? roles.map((role) => role.roleProfileId) : undefined,
  };
}

/** The settled role with what it may do, where the token's holder has it. */
export function roleOf(principal: Principal, roleProfileId: string): Role | undefined {
  return principal.roles?.find((role) => role.roleProfileId === roleProfileId);
}
