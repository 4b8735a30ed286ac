import { randomUUID } from 'node:crypto';
import { releasedByScopes } from '../staff/staff-claims.ts';
import type { PatientAccount } from './patient-accounts.ts';

/** Scopes and the claims each releases (contract: nhs-login). */
export const patientScopes: Readonly<Record<string, readonly string[]>> = {
  openid: ['sub'],
  profile: ['nhs_number', 'birthdate', 'family_name', 'identity_proofing_level'],
  basic_demographics: ['identity_proofing_level', 'family_name', 'birthdate'],
  profile_extended: ['given_name'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified', 'phone_number_pds_matched'],
  landline: ['landline_number', 'landline_number_verified'],
  gp_registration_details: ['gp_registration_details'],
  gp_integration_credentials: ['gp_integration_credentials'],
  client_metadata: ['client_user_metadata'],
};

/** Scopes whose claims the ID token carries too. */
const inIdToken = ['profile', 'basic_demographics'];

/** The published members of a patient's ID token, and those its header repeats. */
export function patientIdToken(given: {
  readonly account: PatientAccount;
  /** The claims the protocol itself asks for, times in seconds by this Spine's clock. */
  readonly protocol: Readonly<Record<string, unknown>>;
  readonly scopes: ReadonlySet<string>;
  readonly vot: string;
  readonly authTime: number;
  readonly issuer: string;
}): { readonly header: Record<string, unknown>; readonly claims: Record<string, unknown> } {
  const { account, scopes, issuer } = given;
  // no log-out is offered, so there is no session to name
  const { sid: _sid, ...protocol } = given.protocol;
  const claims: Record<string, unknown> = {
    ...protocol,
    auth_time: given.authTime,
    jti: randomUUID(),
    vot: given.vot,
    vtm: `${issuer}/trustmark`,
    ...releasedByScopes(
      patientScopes,
      inIdToken.filter((scope) => scopes.has(scope)),
      account.claims,
    ),
    // the platform grants by it, so it is told whatever the scopes
    identity_proofing_level: account.proofing,
    token_use: 'id',
    id_status: account.proofing === 'P9' ? 'verified' : 'unverified',
    ...account.idTokenClaims,
  };
  const { sub, aud, iss, exp, iat, jti } = claims;
  return { header: { sub, aud, iss, exp, iat, jti }, claims };
}

/** The user information: what the scopes release, with issuer and audience as published. */
export function patientUserInfo(
  account: PatientAccount,
  scopes: Iterable<string>,
  ends: { readonly issuer: string; readonly clientId: string },
): Record<string, unknown> {
  const released = account.isUserInfoWhole ? account.claims : releasedByScopes(patientScopes, scopes, account.claims);
  return { sub: account.sub, iss: ends.issuer, aud: ends.clientId, ...released };
}
