import type { Role } from '../../../../platform/identity/principal.ts';

/** What is to be done about the role of a log-on (contract: cis2-scopes-claims, roleSelection). */
export type RoleStep = { readonly is: 'go on'; readonly roleId: string | undefined } | { readonly is: 'ask' };

/**
 * Whether somebody is asked for a role: not without any, nor with a single one, nor when one was chosen in this session
 * and still holds, unless they must log on anew or the application lets them change it.
 */
export function roleStep(given: {
  readonly scopes: ReadonlySet<string>;
  readonly roles: readonly Role[];
  /** Chosen in this very log-on. */
  readonly picked: string | undefined;
  /** Chosen earlier in the session. */
  readonly chosen: string | undefined;
  readonly isLogOnForced: boolean;
}): RoleStep {
  const { scopes, roles, picked, chosen } = given;
  const holds = (roleId: string | undefined) => roles.some((role) => role.roleProfileId === roleId);
  if (!scopes.has('selectedrole') && !scopes.has('changedrole')) return { is: 'go on', roleId: chosen };
  if (roles.length === 0) return { is: 'go on', roleId: undefined };
  if (roles.length === 1) return { is: 'go on', roleId: roles[0]?.roleProfileId };
  if (picked !== undefined && holds(picked)) return { is: 'go on', roleId: picked };
  if (chosen !== undefined && holds(chosen) && !given.isLogOnForced && !scopes.has('changedrole'))
    return { is: 'go on', roleId: chosen };
  return { is: 'ask' };
}

/** From this many roles on the picker has a search. */
export const searchedFrom = 6;
