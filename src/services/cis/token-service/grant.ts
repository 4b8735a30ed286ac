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
  const refusal = Object.hasOwn(refusalOfStatus, client.status) ? refusalOfStatus[client.status] : errors.notApproved;
  if (refusal) throw refuse(refusal);
  if (!client.products.some((product) => product.name === identityProduct.name)) throw refuse(errors.notSubscribed);
}

const applicationScope = 'urn:nhsd:apim:app:level3:';

/**
 * The scopes of the products subscribed to that contain `part`, each once. Who subscribes to nothing at all has no access
 * whatever it asks for, and is told that. Throws that refusal.
 */
export function scopesOf(client: Application, part: string): string[] {
  if (client.products.length === 0) throw refuse(errors.notSubscribed);
  const all = client.products.flatMap((product) => product.scopes);
  return [...new Set(all.filter((scope) => scope.includes(part)))];
}

/** Steps 75 and 100: for whom a token of the client-credentials grant stands. Throws refusals. */
export function principalOfApplication(client: Application): Principal {
  const scopes = scopesOf(client, applicationScope);
  if (scopes.length === 0) throw refuse(errors.noScope);
  admitApplication(client);
  return {
    mode: modeOfScopes(scopes),
    appId: client.appId,
    asid: client.asid,
    odsCode: client.odsCode,
    scopes,
    attributes: client.attributes,
    grant: 'client_credentials',
    provider: 'apim',
    level: 'level3',
    clientName: client.name,
  };
}

/** An application that has proved itself, before it is settled what it may have: for the audit, and good for nothing. */
export function principalOfClient({ appId, odsCode }: Application): Principal {
  return { mode: 'application-restricted', appId, odsCode, scopes: [], attributes: {} };
}

/** Access tokens last ten minutes, in milliseconds. */
export const accessMillis = 600_000;
/** Refresh tokens of one log-on together last twelve hours for staff, one hour for patients. */
export const refreshMillis = { cis2: 12 * 3_600_000, 'nhs-login': 3_600_000 } as const;

/** At which kind of identity provider a person logged on. */
export const kindOf = ({ provider }: Principal): keyof typeof refreshMillis =>
  provider?.endsWith('nhs-login') ? 'nhs-login' : 'cis2';

/** How long something shall last, in milliseconds: a form field may shorten what it lasts by itself, never lengthen it. */
export function shortened(most: number, wanted: string | undefined): number {
  const millis = wanted !== undefined && /^[0-9]{1,15}$/.test(wanted) ? Number(wanted) : most;
  return millis >= 1 ? Math.min(millis, most) : most;
}

/** `expires_in` of a life in milliseconds: the whole seconds surely left, as published a string ("599"). */
export const expiresIn = (millis: number): string => String(Math.max(0, Math.floor((millis - 1) / 1000)));
