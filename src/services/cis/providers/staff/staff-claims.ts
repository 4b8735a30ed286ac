import { createHash, randomUUID } from 'node:crypto';
import type { StaffAccount } from '../../staff-directory.ts';
import type { Level } from './assurance.ts';

/** Scopes and the claims each releases at the user-information endpoint (contract: cis2-scopes-claims). */
export const staffScopes: Readonly<Record<string, readonly string[]>> = {
  openid: ['sub'],
  profile: ['name', 'family_name', 'given_name', 'uid'],
  email: ['email'],
  nhsperson: ['nhsid_useruid', 'title', 'idassurancelevel', 'initials', 'middle_names', 'display_name'],
  associatedorgs: ['nhsid_user_orgs'],
  nationalrbacaccess: ['nhsid_nrbac_roles'],
  professionalmemberships: ['gmc_id', 'nmc_id', 'gphc_id', 'gdc_id', 'gdp_id', 'gmp_id', 'rcn_id', 'consultant_id'],
  organisationalmemberships: ['nhsid_org_memberships', 'nhsid_org_roles'],
  selectedrole: [],
  changedrole: [],
};

/** What of somebody's user information the scopes release. */
export function releasedByScopes(
  scopes: Readonly<Record<string, readonly string[]>>,
  asked: Iterable<string>,
  userInfo: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const released: Record<string, unknown> = {};
  for (const scope of asked) {
    if (!Object.hasOwn(scopes, scope)) continue;
    for (const claim of scopes[scope] ?? []) if (userInfo[claim] !== undefined) released[claim] = userInfo[claim];
  }
  return released;
}

/** The left half of the hash of a value, as ID tokens carry it (OpenID Connect Core, section 3.3.2.11). */
export function halfHash(value: string, digest: 'sha256' | 'sha512'): string {
  const hash = createHash(digest).update(value).digest();
  return hash.subarray(0, hash.length / 2).toString('base64url');
}

export type StaffLogOn = {
  readonly account: StaffAccount;
  readonly clientId: string;
  readonly level: Level;
  readonly scopes: ReadonlySet<string>;
  readonly selectedRoleId: string | undefined;
  readonly accessToken: string;
  readonly code: string;
  readonly stateHash: string | undefined;
  readonly acr: string | undefined;
  readonly amr: readonly string[];
  /** Seconds since 1970. */
  readonly authTime: number;
};

/** The published members of a staff ID token beside those of the protocol itself. */
export function staffIdTokenClaims(logOn: StaffLogOn): Record<string, unknown> {
  const { account, level, scopes, selectedRoleId, stateHash } = logOn;
  const holds = account.roles.some((role) => role.roleProfileId === selectedRoleId);
  return {
    azp: logOn.clientId,
    auth_time: logOn.authTime,
    acr: logOn.acr,
    amr: logOn.amr,
    at_hash: halfHash(logOn.accessToken, 'sha256'),
    c_hash: halfHash(logOn.code, 'sha256'),
    ...(stateHash === undefined ? {} : { s_hash: stateHash }),
    id_assurance_level: account.idAssuranceLevel,
    authentication_assurance_level: level,
    auditTrackingId: randomUUID(),
    tokenName: 'id_token',
    tokenType: 'JWTToken',
    realm: '/NHSIdentity/Healthcare',
    ...(scopes.has('selectedrole') && holds ? { selected_roleid: selectedRoleId } : {}),
    ...account.idTokenClaims,
  };
}
