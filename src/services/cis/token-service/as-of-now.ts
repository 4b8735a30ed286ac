import type { Application } from '../../../platform/identity/applications.ts';
import type { Principal } from '../../../platform/identity/principal.ts';
import type { Standing } from '../standing.ts';
import { accessErrors, refuse } from './errors.ts';
import { admitApplication, kindOf, scopesOf } from './grant.ts';

/**
 * The principal with what its application is subscribed to now; undefined for people who may not act any more. Throws the
 * refusals of steps 75 and 100.
 */
export async function asOfNow(
  standing: Standing,
  client: Application,
  principal: Principal,
): Promise<Principal | undefined> {
  const level = kindOf(principal) === 'nhs-login' ? principal.level?.toUpperCase() : principal.level;
  const scopes = scopesOf(client, `:${level}:`);
  if (scopes.length === 0) throw refuse(accessErrors.noScope);
  admitApplication(client);
  if (!(await standing.mayAct(principal))) return undefined;
  return { ...principal, scopes, attributes: client.attributes, asid: client.asid, odsCode: client.odsCode };
}
