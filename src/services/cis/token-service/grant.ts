import type { Application, ApplicationStatus } from '../../../platform/identity/applications.ts';
import { modeOfScopes, type Principal } from '../../../platform/identity/principal.ts';
import { identityProduct } from '../../../platform/identity/products.ts';
import { accessErrors as errors, type OauthErrorKind, refuse } from './errors.ts';

const refusalOfStatus: Readonly<Record<ApplicationStatus, OauthErrorKind | undefined>> = {
  approved: undefined,
  pending: errors.notApproved,
  revoked: errors.notApproved,
  'organisation-inactive': errors.organisationInactive,
  'developer-inactive': errors.developerInactive,
};

/** Step 100: whether the application may use the token service at all. Throws refusals. */
export function admitApplication(client: Application): void {
  // a status nobody knows is not an approval
  const refusal = client.status in refusalOfStatus ? refusalOfStatus[client.status] : errors.notApproved;
  if (refusal) throw refuse(refusal);
  if (!client.products.some((product) => product.name === identityProduct.name)) throw refuse(errors.notSubscribed);
}

const applicationScope = 'urn:nhsd:apim:app:level3:';

/** Steps 75 and 100: for whom a token of the client-credentials grant stands. Throws refusals. */
export function principalOfApplication(client: Application): Principal {
  const all = client.products.flatMap((product) => product.scopes);
  const scopes = [...new Set(all.filter((scope) => scope.includes(applicationScope)))];
  if (scopes.length === 0) throw refuse(errors.noScope);
  admitApplication(client);
  return {
    mode: modeOfScopes(scopes),
    appId: client.appId,
    asid: client.asid,
    odsCode: client.odsCode,
    scopes,
    attributes: client.attributes,
  };
}

/** Access tokens last ten minutes. */
const lifeMillis = 600_000;

/** How long a token shall last, in milliseconds: the form field `_access_token_expiry_ms` may shorten it, never lengthen. */
export function lifeOf(wanted: string | undefined): number {
  const millis = wanted !== undefined && /^[0-9]{1,15}$/.test(wanted) ? Number(wanted) : lifeMillis;
  return millis >= 1 ? Math.min(millis, lifeMillis) : lifeMillis;
}

/** `expires_in` of a life in milliseconds: the whole seconds surely left, as published a string ("599"). */
export const expiresIn = (millis: number): string => String(Math.floor((millis - 1) / 1000));
