import { Refusal } from '../../platform/http/refusal.ts';

/** One published error of the PDS: what `errors.json` of the contract tabulates, less its diagnostics. */
export type PdsErrorKind = {
  readonly status: number;
  readonly code: string;
  readonly display: string;
  readonly issueCode: string;
  readonly severity: 'error' | 'information';
};

const kind = (
  status: number,
  code: string,
  display: string,
  issueCode: string,
  severity: 'error' | 'information' = 'error',
): PdsErrorKind => ({ status, code, display, issueCode, severity });

/**
 * Every error the PDS answers, by a name of ours. Severities and statuses that surprise (403 and 404 as
 * `information`, matches with HTTP 200) are as published.
 */
export const pdsErrors = {
  missingValue: kind(400, 'MISSING_VALUE', 'Required value is missing', 'required'),
  invalidValue: kind(400, 'INVALID_VALUE', 'Provided value is invalid', 'value'),
  invalidResourceId: kind(400, 'INVALID_RESOURCE_ID', 'Resource Id is invalid', 'value'),
  unsupportedService: kind(400, 'UNSUPPORTED_SERVICE', 'Unsupported Service', 'processing'),
  unsupportedRequest: kind(400, 'UNSUPPORTED_REQUEST', 'The request is not one that is supported.', 'value'),
  additionalProperties: kind(400, 'ADDITIONAL_PROPERTIES', 'Additional properties should not be included', 'invariant'),
  invalidSearchData: kind(400, 'INVALID_SEARCH_DATA', 'Search data is invalid', 'value'),
  invalidUpdate: kind(400, 'INVALID_UPDATE', 'Update is invalid', 'structure'),
  invalidCreate: kind(400, 'INVALID_CREATE', 'Patient create data is invalid', 'value'),
  tooFewValues: kind(400, 'TOO_FEW_VALUES_SUBMITTED', 'Too few values submitted', 'value'),
  tooManyValues: kind(400, 'TOO_MANY_VALUES_SUBMITTED', 'Too many values submitted', 'value'),
  birthDeathStatusInconsistent: kind(
    400,
    'INSERT_BIRTH_DEATH_STATUS_INCONSISTENT',
    'INSERT_BIRTH_DEATH_STATUS_INCONSISTENT',
    'processing',
  ),
  validationError: kind(400, 'VALIDATION_ERROR', 'Validation error', 'value'),
  unsupportedCharacters: kind(400, 'UNSUPPORTED_CHARACTERS_IN_FIELD', 'Unsupported characters in field', 'value'),
  unsupportedValue: kind(400, 'UNSUPPORTED_VALUE', 'Unsupported value', 'value'),
  unauthorised: kind(401, 'ACCESS_DENIED', 'Access Denied - Unauthorised', 'forbidden'),
  invalidApiKey: kind(401, 'ACCESS_DENIED', 'Invalid Api Key', 'forbidden'),
  patientDenied: kind(403, 'ACCESS_DENIED', 'Patient cannot perform this action', 'forbidden'),
  forbiddenUpdate: kind(403, 'FORBIDDEN_UPDATE', 'Update is forbidden', 'forbidden', 'information'),
  notFound: kind(404, 'RESOURCE_NOT_FOUND', 'Resource not found', 'not-found', 'information'),
  invalidated: kind(
    404,
    'INVALIDATED_RESOURCE',
    'Resource that has been marked as invalid was requested - invalid resources cannot be retrieved',
    'processing',
  ),
  versionMismatch: kind(
    409,
    'RESOURCE_VERSION_MISMATCH',
    'Resource version supplied does not match actual version',
    'conflict',
  ),
  preconditionFailed: kind(412, 'PRECONDITION_FAILED', 'Required condition was not fulfilled', 'structure'),
  tooManyRequests: kind(429, 'TOO_MANY_REQUESTS', 'Too many requests', 'value'),
  unknownError: kind(500, 'UNKNOWN_ERROR', 'Unknown Error', 'unknown'),
  badGateway: kind(502, 'UNKNOWN_ERROR', 'Unknown Error', 'unknown'),
  serviceUnavailable: kind(503, 'SERVICE_UNAVAILABLE', 'Service unavailable', 'timeout'),
  tooManyMatches: kind(200, 'TOO_MANY_MATCHES', 'Too Many Matches', 'multiple-matches', 'information'),
  singleMatch: kind(200, 'SINGLE_MATCH', 'Single match found', 'value'),
  multipleMatches: kind(200, 'MULTIPLE_MATCHES', 'Multiple matches found', 'value'),
} as const satisfies Record<string, PdsErrorKind>;

/** 403 of an access mode; the display names the deed and the mode. */
export const modeDenied = (code: 'ACCESS_DENIED' | 'INVALID_METHOD' | 'INVALID_VALUE', display: string): PdsErrorKind =>
  kind(403, code, display, code === 'INVALID_VALUE' ? 'token' : 'forbidden');

/** A refusal of the service itself in the published form; throw it from anywhere below a PDS operation. */
export function refuse(error: PdsErrorKind, diagnostics?: string, headers?: Record<string, string>): Refusal {
  return new Refusal(error.status, error.code, outcomeOf(error, diagnostics), headers, 'application/fhir+json');
}

/** A refusal of what the contract calls the gateway: the same form, sent as `application/json`. */
export function refuseAtGateway(error: PdsErrorKind, diagnostics?: string, headers?: Record<string, string>): Refusal {
  return new Refusal(error.status, error.code, outcomeOf(error, diagnostics), headers);
}

/** The OperationOutcome of one published error, with exactly one issue; no `diagnostics` member when not given. */
export function outcomeOf(error: PdsErrorKind, diagnostics?: string): object {
  return {
    resourceType: 'OperationOutcome',
    issue: [
      {
        severity: error.severity,
        code: error.issueCode,
        details: {
          coding: [
            {
              system: 'https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode',
              version: '1',
              code: error.code,
              display: error.display,
            },
          ],
        },
        ...(diagnostics === undefined ? {} : { diagnostics }),
      },
    ],
  };
}
