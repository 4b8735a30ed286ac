import type { Answer, Call, Dialect } from '../../../../platform/http/operation.ts';
import { header } from '../../../../platform/http/operation.ts';
import type { RateLimit } from '../../../../platform/http/rate-limit.ts';
import type { Principal } from '../../../../platform/identity/principal.ts';
import type { Tokens } from '../../../../platform/identity/tokens.ts';
import { outcomeOf, pdsErrors, refuse, refuseAtGateway } from '../../errors.ts';

export const base = '/personal-demographics/FHIR/R4';

/** The modes' names as the published messages write them. */
export const modeName = {
  'healthcare-worker': 'user-restricted',
  'patient-access': 'patient-access',
  'application-restricted': 'application-restricted',
  'privileged-application-restricted': 'privileged-application-restricted',
} as const;

export type FrameParts = {
  readonly tokens: Tokens;
  /** Requests of one application; undefined when not limited. */
  readonly rateLimit: RateLimit | undefined;
  /** Requests to create a record, of all applications together. */
  readonly createLimit: RateLimit | undefined;
};

/** The operation that has a limit of its own. */
export const createOperation = 'pds.create-patient';

const requestIdForm = /^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/;
const supportedPath = /^\/(Patient|Patient\/[^/]*|Patient\/[^/]*\/RelatedPerson|Coverage)$/;

/**
 * What every call of the PDS FHIR API passes before its operation, in the published order of checks (contract, section
 * 2): token, rate, path, form of X-Request-ID, role, ASID. Mode rules are each operation's own; the checks of the
 * service behind the gateway follow in `admitToService`.
 */
export function pdsDialect(parts: FrameParts, at: string = base, supported = supportedPath): Dialect {
  const { tokens, rateLimit, createLimit } = parts;
  return {
    base: at,
    async admit(call, operation) {
      if (operation?.access === 'open') return;
      if (isPreflight(call)) return;
      const principal = await authenticate(tokens, call);
      call.principal = principal;
      if (rateLimit && !rateLimit.take(principal.appId, call.now))
        throw refuseAtGateway(
          pdsErrors.tooManyRequests,
          'The rate limit of your application was exceeded. Please try again later.',
        );
      if (operation?.name === createOperation && createLimit && !createLimit.take('', call.now))
        throw refuseAtGateway(
          pdsErrors.tooManyRequests,
          'There have been too many Create Patient requests. Please try again later.',
        );
      const path = call.path.slice(at.length);
      if (!supported.test(path)) throw refuseAtGateway(pdsErrors.unsupportedRequest, `Unsupported path - '${path}'`);
      const requestId = header(call, 'x-request-id');
      if (requestId !== undefined && !requestIdForm.test(requestId)) {
        throw refuseAtGateway(pdsErrors.invalidValue, `Invalid value - '${requestId}' in header 'X-Request-ID'`);
      }
      if (principal.mode === 'healthcare-worker')
        call.roleProfileId = settleRole(principal, header(call, 'nhsd-session-urid'));
      if (!principal.asid) {
        throw refuseAtGateway(pdsErrors.missingValue, 'No ASID is associated with your app. Please contact support.');
      }
    },
    unknown(call): Answer {
      if (isPreflight(call)) return { status: 200 };
      if (call.method === 'OPTIONS') return this.failure('malformed', call);
      admitToService(call);
      throw refuse(pdsErrors.unsupportedService);
    },
    failure(kind, call) {
      const fhir = 'application/json';
      if (kind === 'busy') {
        return {
          status: 503,
          contentType: fhir,
          headers: { 'retry-after': '5' },
          body: outcomeOf(pdsErrors.serviceUnavailable, waitedTooLong),
        };
      }
      if (kind === 'too-large')
        return {
          status: 413,
          contentType: fhir,
          body: outcomeOf(pdsErrors.invalidValue, 'The request body is larger than this service accepts'),
        };
      if (kind === 'malformed' && call?.method === 'OPTIONS')
        return { status: 502, contentType: fhir, body: outcomeOf(pdsErrors.badGateway) };
      if (kind === 'malformed') {
        return {
          status: 400,
          contentType: fhir,
          body: outcomeOf(pdsErrors.unsupportedRequest, 'The request is not well-formed HTTP'),
        };
      }
      return { status: 500, contentType: fhir, body: outcomeOf(pdsErrors.unknownError) };
    },
    headers: commonHeaders,
  };
}

export const waitedTooLong =
  "The downstream domain processing has not completed within the configured timeout period. Using the same 'X-Request-ID' header, retry your request after the time specified by the 'Retry-After' response header.";

/** Request and correlation id go back exactly as they came, also on errors; absent when not sent. */
function commonHeaders(call: Call): Record<string, string> {
  const headers: Record<string, string> = {};
  const requestId = header(call, 'x-request-id');
  if (requestId !== undefined) headers['X-Request-ID'] = requestId;
  const correlationId = header(call, 'x-correlation-id');
  if (correlationId !== undefined) headers['X-Correlation-ID'] = correlationId;
  if (isPreflight(call))
    Object.assign(headers, preflightHeaders, { 'access-control-allow-origin': header(call, 'origin') ?? '*' });
  return headers;
}

const preflightHeaders = {
  'access-control-allow-headers':
    'origin, x-requested-with, accept, content-type, if-match, nhsd-session-urid, authorization, x-correlation-id, x-request-id, nhsd-end-user-organisation-ods',
  'access-control-allow-methods': 'GET, PUT, POST, PATCH, DELETE',
  'access-control-max-age': '3628800',
};

const isPreflight = (call: Call): boolean =>
  call.method === 'OPTIONS' &&
  header(call, 'origin') !== undefined &&
  header(call, 'access-control-request-method') !== undefined;

async function authenticate(tokens: Tokens, call: Call): Promise<Principal> {
  const value = header(call, 'authorization');
  const denied = (why: string) => refuseAtGateway(pdsErrors.unauthorised, why);
  if (value === undefined) throw denied('Missing Authorization header');
  if (value.trim() === '') throw denied('Empty Authorization header');
  const [word, token, ...more] = value.trim().split(/ +/) as [string, string?, ...string[]];
  if (word !== 'Bearer') throw denied(`Invalid token type '${word}', must be 'Bearer'`);
  if (token === undefined) throw denied('Missing access token');
  const resolution = more.length > 0 ? { is: 'unknown' as const } : await tokens.resolve(token);
  if (resolution.is !== 'valid') throw denied('Invalid Access Token');
  return resolution.principal;
}

/**
 * The role a member of staff acts in: the one the header names, which must be theirs, or their only one. A user whose
 * token says nothing of roles (sandbox) may name any.
 */
function settleRole(principal: Principal, urid: string | undefined): string | undefined {
  const roles = principal.roles;
  const refusal = () =>
    refuseAtGateway(
      pdsErrors.invalidValue,
      `Invalid value - '${urid ?? ''}' in header 'NHSD-Session-URID'. Refer to the guidance for this header in our API Specification https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir`,
    );
  if (urid !== undefined) {
    if (!/^[0-9]+$/.test(urid)) throw refusal();
    if (roles !== undefined && !roles.some((role) => role.roleProfileId === urid)) throw refusal();
    return urid;
  }
  // several: one must be named; none (any more): nothing is left to act in
  if (roles !== undefined && roles.length !== 1) throw refusal();
  return roles?.[0]?.roleProfileId;
}

/** The service's own first checks: a request id is there, and the calling system is registered for the interaction. */
export function admitToService(call: Call): void {
  if (header(call, 'x-request-id') === undefined) throw missingRequestId();
  admitSystem(call);
}

/** Refuses a calling system (ASID) that is registered for no interaction. */
export function admitSystem(call: Call): void {
  if (call.principal?.attributes.interactions === 'none') throw refuse(pdsErrors.unauthorised);
}

export const missingRequestId = () =>
  refuse(
    pdsErrors.missingValue,
    'Invalid request with error - X-Request-ID header must be supplied to access this resource',
  );

/** True when an application-restricted application was given the right to act as staff do. */
export function actsAsStaff(principal: Principal): boolean {
  if (principal.mode === 'healthcare-worker') return true;
  return principal.mode === 'application-restricted' && mayUpdate(principal);
}

function mayUpdate(principal: Principal): boolean {
  if (principal.attributes['app-restricted-update'] === 'true') return true;
  const flow = principal.attributes['apim-app-flow-vars'];
  if (flow === undefined) return false;
  try {
    const parsed = JSON.parse(flow) as { pds?: { 'app-restricted'?: { update?: unknown } } };
    return parsed.pds?.['app-restricted']?.update === true;
  } catch {
    return false;
  }
}

const weakPatient = () =>
  refuseAtGateway(
    pdsErrors.patientDenied,
    'Your access token has insufficient permissions. See documentation regarding Patient access restrictions https://digital.nhs.uk/developer/api-catalogue/personal-demographics-service-fhir',
  );

/** Refuses patients without the proofing the service asks for, and everything not their own. `own` is the number asked for. */
export function admitPatient(principal: Principal, own: string | undefined): void {
  const isProven = principal.proofing === 'P9' && ['P9.Cp.Cd', 'P9.Cp.Ck', 'P9.Cm'].includes(principal.vector ?? '');
  if (!isProven || own === undefined || principal.nhsNumber !== own) throw weakPatient();
}
