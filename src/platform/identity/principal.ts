import type { NhsNumber } from '../nhs/nhs-number.ts';

/** How a caller comes: as staff, as a patient, or as an application with nobody before it. */
export type AccessMode =
  | 'healthcare-worker'
  | 'patient-access'
  | 'application-restricted'
  | 'privileged-application-restricted';

/** One role of a member of staff: a position in one organisation. */
export type Role = {
  readonly roleProfileId: string;
  readonly odsCode: string;
  readonly roleCode: string;
  readonly activities: readonly string[];
  /** Twelve-digit codes of the workgroups of the position. */
  readonly workgroups?: readonly string[] | undefined;
};

/** Who is calling, as far as the access token proves it. */
export type Principal = {
  readonly mode: AccessMode;
  readonly appId: string;
  /** ASID of the calling system; applications without one are refused where the contract asks for it. */
  readonly asid?: string | undefined;
  readonly odsCode?: string | undefined;
  readonly scopes: readonly string[];
  /** Application attributes, strings as registered. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly userId?: string | undefined;
  readonly roles?: readonly Role[] | undefined;
  /** Patient access: whose log-on, at which vector of trust and proofing level. */
  readonly nhsNumber?: NhsNumber | undefined;
  readonly vector?: string | undefined;
  readonly proofing?: string | undefined;
  /** A proxy who acts for the patient, by NHS number. */
  readonly actor?: NhsNumber | undefined;
  /** How the token was come by, and through which identity provider. */
  readonly grant?: 'client_credentials' | 'token_exchange' | 'authorization_code' | undefined;
  readonly provider?: AuthProvider | undefined;
  /** `level3` for applications, `aal1` to `aal3` for staff, `p0`, `p5` or `p9` for patients. */
  readonly level?: string | undefined;
  readonly clientName?: string | undefined;
  /** The identity provider's issuer and its session (`sid`), where a person logged on. */
  readonly issuer?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Claims of the ID token, as they were verified. */
  readonly idTokenClaims?: Readonly<Record<string, unknown>> | undefined;
  /** The combined log-on whose user information is kept. */
  readonly logOnId?: string | undefined;
  /** The user is of our own staff directory: roles are read anew whenever they change, and not kept in the token. */
  readonly hasLiveRoles?: boolean | undefined;
};

export type AuthProvider = 'apim' | 'nhs-cis2' | 'nhs-login' | 'apim-mock-nhs-cis2' | 'apim-mock-nhs-login';

export const privilegedPdsScope = 'urn:nhsd:apim:app:level3:privileged-personal-demographics-service';

/**
 * The access mode a token's scopes stand for (PDS contract, section 3): staff scopes of AAL2 or AAL3, a patient scope of
 * NHS login, the privileged application scope, otherwise application-restricted.
 */
export function modeOfScopes(scopes: readonly string[]): AccessMode {
  if (scopes.some((scope) => /^urn:nhsd:apim:user-nhs-(cis2|id):aal[23]:/.test(scope))) return 'healthcare-worker';
  if (scopes.some((scope) => /^urn:nhsd:apim:user-nhs-login:P[059]:/.test(scope))) return 'patient-access';
  if (scopes.includes(privilegedPdsScope)) return 'privileged-application-restricted';
  return 'application-restricted';
}
