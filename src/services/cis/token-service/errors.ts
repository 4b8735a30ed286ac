import { randomUUID } from 'node:crypto';
import { Refusal } from '../../../platform/http/refusal.ts';

/** One published error of the token service: status, `error`, `error_description`. */
export type OauthErrorKind = {
  readonly status: number;
  readonly error: string;
  readonly description: string;
};

const kind = (status: number, error: string, description: string): OauthErrorKind => ({ status, error, description });
const invalid = (description: string): OauthErrorKind => kind(400, 'invalid_request', description);
const helpdesk =
  'An unknown error occurred processing this request. Contact us for assistance diagnosing this issue: https://digital.nhs.uk/developer/help-and-support quoting Message ID';

/** What is refused before anything else is looked at, and what belongs to no flow. Numbers are the published steps. */
export const generalErrors = {
  /* 1 */ contentType: kind(415, 'invalid_request', 'Content-Type header must be application/x-www-form-urlencoded'),
  /* 97 */ subjectTokenType: invalid(
    "missing or invalid subject_token_type - must be 'urn:ietf:params:oauth:token-type:id_token'",
  ),
  /* 98 */ unsupportedGrant: kind(400, 'unsupported_grant_type', 'grant_type is invalid'),
  /* 99 */ noGrant: invalid('grant_type is missing'),
  /* 131 */ notFound: kind(404, 'invalid_request', 'Not Found'),
  /* 132 */ statusKey: kind(401, 'Access Denied', 'Invalid api key for _status monitoring endpoint'),
  /* 133 */ unforeseen: kind(500, 'unknown_error', helpdesk),
  // not published, ours
  tooLarge: kind(413, 'invalid_request', 'The request body is larger than this service accepts'),
  malformed: invalid('The request is not well-formed HTTP'),
  busy: kind(503, 'temporarily_unavailable', 'The service is too busy. Try again after the time given by Retry-After'),
} as const satisfies Record<string, OauthErrorKind>;

/** Steps 10 to 30: the client assertion. */
export const assertionErrors = {
  /* 10 */ type: invalid(
    "Missing or invalid client_assertion_type - must be 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'",
  ),
  /* 11 */ grant: invalid('grant_type is invalid'),
  /* 12 */ missing: invalid('Missing client_assertion'),
  /* 13 */ malformed: invalid('Malformed JWT in client_assertion'),
  /* 14 */ alg: invalid("Invalid 'alg' header in client_assertion JWT - unsupported JWT algorithm - must be 'RS512'"),
  /* 15 */ expired: invalid("Invalid 'exp' claim in client_assertion JWT - JWT has expired"),
  /* 16 */ noKid: invalid("Missing 'kid' header in client_assertion JWT"),
  /* 17 */ typ: invalid("Invalid 'typ' header in client_assertion JWT - must be 'JWT'"),
  /* 18 */ noExp: invalid("Missing 'exp' claim in client_assertion JWT"),
  /* 19 */ expType: invalid("Invalid 'exp' claim in client_assertion JWT - must be an integer"),
  /* 20 */ issSub: invalid("Missing or non-matching 'iss'/'sub' claims in client_assertion JWT"),
  /* 21 */ noJti: invalid("Missing 'jti' claim in client_assertion JWT"),
  /* 22 */ jtiType: invalid(
    "Invalid 'jti' claim in client_assertion JWT - must be a unique string value such as a GUID",
  ),
  /* 23 */ jtiSpent: invalid("Non-unique 'jti' claim in client_assertion JWT"),
  /* 24 */ expTooFar: invalid("Invalid 'exp' claim in client_assertion JWT - more than 5 minutes in future"),
  /* 25 */ unknownClient: kind(401, 'invalid_request', "Invalid 'iss'/'sub' claims in client_assertion JWT"),
  /* 26 */ noKeySet: kind(
    403,
    'public_key error',
    'You need to register a public key to use this authentication method - please contact support to configure',
  ),
  /* 27 */ keySetUnreachable: kind(
    403,
    'public_key error',
    "The JWKS endpoint, for your client_assertion can't be reached",
  ),
  /* 28 */ unknownKid: kind(
    401,
    'invalid_request',
    "Invalid 'kid' header in client_assertion JWT - no matching public key",
  ),
  /* 29 */ signature: kind(401, 'public_key error', 'JWT signature verification failed'),
  /* 30 */ audience: kind(401, 'invalid_request', "Missing or invalid 'aud' claim in client_assertion JWT"),
} as const satisfies Record<string, OauthErrorKind>;

/** Steps 40 to 49: the subject token of a token exchange. */
export const subjectErrors = {
  /* 40 */ missing: invalid('Missing subject_token'),
  /* 41 */ malformed: invalid('Malformed JWT in subject_token'),
  /* 42 */ noKid: invalid("Missing 'kid' header in subject_token JWT"),
  /* 43 */ typ: invalid("Invalid 'typ' header in subject_token JWT - must be 'JWT'"),
  /* 44 */ noAlg: invalid("Missing 'alg' header in subject_token JWT"),
  /* 45 */ noExp: invalid("Missing 'exp' claim in subject_token JWT"),
  /* 46 */ expType: invalid("Invalid 'exp' claim in subject_token JWT - must be an integer"),
  /* 47 */ expired: invalid("Invalid 'exp' claim in subject_token JWT - JWT has expired"),
  /* 48 */ noIss: invalid("Missing 'iss' claim in subject_token JWT"),
  /* 49 */ noAud: kind(401, 'invalid_request', "Missing 'aud' claim in subject_token JWT"),
} as const satisfies Record<string, OauthErrorKind>;

/** Steps 65 to 68: whether the subject token is its provider's. */
export const providerErrors = {
  /* 65 */ issuer: invalid("Missing or non-matching 'iss' claim in subject_token JWT"),
  /* 66 */ unknownKid: kind(
    401,
    'invalid_request',
    "Invalid 'kid' header in subject_token JWT - no matching public key",
  ),
  /* 67 */ signature: kind(401, 'public_key error', 'JWT signature verification failed'),
  /* 68 */ unreachable: kind(500, 'unknown_error', helpdesk),
} as const satisfies Record<string, OauthErrorKind>;

/** Steps 55 to 62: the token of a proxy inside a subject token. */
export const actorErrors = {
  /* 55 */ noKid: invalid("Missing 'kid' header in act.sub JWT"),
  /* 56 */ typ: invalid("Invalid 'typ' header in act.sub JWT - must be 'JWT'"),
  /* 57 */ noAlg: invalid("Missing 'alg' header in act.sub JWT"),
  /* 58 */ noExp: invalid("Missing 'exp' claim in act.sub JWT"),
  /* 59 */ expType: invalid("Invalid 'exp' claim in act.sub JWT - must be an integer"),
  /* 60 */ noIss: invalid("Missing 'iss' claim in act.sub JWT"),
  /* 61 */ noAud: invalid("Missing 'aud' claim in act.sub JWT"),
  /* 62 */ noNhsNumber: invalid("Missing 'nhs_number' claim in act.sub JWT"),
} as const satisfies Record<string, OauthErrorKind>;

const denied = (description: string): OauthErrorKind => kind(401, 'access_denied', description);

/** Steps 75 and 100: what the application may have. */
export const accessErrors = {
  /* 75 */ noScope: kind(
    401,
    'unauthorized_client',
    'you have tried to request authorization but your application is not configured to use this authorization grant type',
  ),
  // not published, ours
  identityClosed: denied('The identity behind this request may not log on'),
  nobody: denied('The identity provider does not say who logged on'),
  /* 100 */ notApproved: denied('The developer app associated with the API key is not approved or revoked'),
  /* 100 */ notSubscribed: denied(
    'API Key supplied does not have access to this resource. Please check the API Key you are using belongs to an app which has sufficient access to access this resource.',
  ),
  /* 100 */ organisationInactive: denied(
    'The company associated with the developer app that has the API key you are using has an inactive status',
  ),
  /* 100 */ developerInactive: denied(
    'The developer who created the developer app that has the API key you are using has an inactive status',
  ),
} as const satisfies Record<string, OauthErrorKind>;

/** Steps 80 to 96 and 130: the combined log-on. */
export const logOnErrors = {
  /* 80 */ noClientId: kind(401, 'invalid_request', 'client_id is missing'),
  /* 81 */ clientId: kind(401, 'invalid_request', 'client_id is invalid'),
  /* 82, 84 */ client: kind(401, 'invalid_client', 'client_id or client_secret is invalid'),
  /* 83 */ noSecret: kind(401, 'invalid_request', 'client_secret is missing'),
  /* 85 */ noRedirectUri: invalid('redirect_uri is missing'),
  /* 86 */ redirectUri: invalid('redirect_uri is invalid'),
  /* 87 */ noCode: invalid('authorization_code is missing'),
  /* 88 */ code: kind(400, 'invalid_grant', 'authorization_code is invalid'),
  /* 89 */ noRefreshToken: invalid('refresh_token is missing'),
  /* 90 */ refreshToken: kind(401, 'invalid_grant', 'refresh_token is invalid'),
  /* 95 */ noState: invalid('state is missing'),
  /* 95 */ noResponseType: invalid('response_type is missing'),
  /* 95 */ responseType: kind(400, 'unsupported_response_type', 'response_type is invalid'),
  /* 91 */ refreshPeriod: kind(401, 'invalid_grant', 'refresh token refresh period has expired'),
  /* 96 */ state: invalid('Invalid state parameter.'),
  /* 96 */ externalAud: invalid("Invalid 'aud' claim in external ID token JWT"),
  /* 96 */ externalIss: invalid('Invalid iss claim in external ID token JWT'),
  /* 96 */ externalKid: kind(
    401,
    'invalid_request',
    "Invalid 'kid' header in external ID token JWT - no matching public key",
  ),
  /* 96 */ externalMalformed: invalid('Malformed JWT in External ID token'),
  // not published, ours
  badState: invalid('state is invalid'),
  externalExpired: invalid("Invalid 'exp' claim in external ID token JWT - JWT has expired"),
  externalNonce: invalid("Invalid 'nonce' claim in external ID token JWT"),
  /* 130 */ notCombined: invalid(
    'The Userinfo endpoint is only supported for Combined Auth integrations. Currently this is only for NHS CIS2 authentications - for more guidance see https://digital.nhs.uk/developer/guides-and-documentation/security-and-authorisation/user-restricted-restful-apis-nhs-cis2-combined-authentication-and-authorisation',
  ),
} as const satisfies Record<string, OauthErrorKind>;

/** Steps 110 to 119: the identity provider says that a session has ended. */
export const logoutErrors = {
  /* 111 */ malformed: invalid('Malformed JWT in logout_token'),
  /* 112 */ aud: invalid('Missing/invalid aud claim in JWT'),
  /* 113 */ iss: invalid('Missing/invalid iss claim in JWT'),
  /* 114 */ sid: invalid('Missing sid claim in JWT'),
  /* 115 */ events: invalid('Missing/invalid events claim in JWT'),
  /* 116 */ nonce: invalid('Prohibited nonce claim in JWT'),
  /* 117 */ unverified: kind(400, 'bad_request', 'Unable to verify JWT'),
  /* 118 */ unknownSid: kind(501, 'not_implemented', 'SID not found'),
  /* 119 */ failed: kind(501, 'not_implemented', 'Logout Failed'),
} as const satisfies Record<string, OauthErrorKind>;

/** The body of a published error; `message_id` is fresh in every answer. */
export function errorBody(kind: OauthErrorKind): object {
  return { error: kind.error, error_description: kind.description, message_id: randomUUID() };
}

/** A refusal in the published form; throw it from anywhere below an operation of the token service. */
export function refuse(kind: OauthErrorKind): Refusal {
  return new Refusal(kind.status, `${kind.error}: ${kind.description}`.slice(0, 160), errorBody(kind));
}

/** The refusals of a resource for a bad access token, in the gateway's own form. */
export const faults = {
  missing: { faultstring: 'Invalid access token', errorcode: 'oauth.v2.InvalidAccessToken' },
  unknown: { faultstring: 'Invalid Access Token', errorcode: 'keymanagement.service.invalid_access_token' },
  expired: { faultstring: 'Access Token expired', errorcode: 'keymanagement.service.access_token_expired' },
} as const;

export function refuseToken(fault: { readonly faultstring: string; readonly errorcode: string }): Refusal {
  const { faultstring, errorcode } = fault;
  return new Refusal(401, errorcode, { fault: { faultstring, detail: { errorcode } } });
}
