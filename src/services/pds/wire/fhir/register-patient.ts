import { type Call, header, type Operation, queryPairs } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import { dayOf } from '../../../../platform/nhs/dates.ts';
import { modeDenied, pdsErrors, refuse, refuseAtGateway } from '../../errors.ts';
import { parseBirth } from '../../registration/birth-rules.ts';
import { parseCreate } from '../../registration/create-rules.ts';
import type { RegistrationCommand, RegistrationDeps } from '../../registration/register.ts';
import { registerBirth } from '../../registration/register-birth.ts';
import { registerPatient } from '../../registration/register-patient.ts';
import { viewerOf, viewPatient } from '../../view.ts';
import { bodyOf } from './body.ts';
import { changedByOf } from './changed-by.ts';
import { birthBody, birthQuery, patientBody, requestHeaders } from './described.ts';
import { actsAsStaff, admitToService, base, createOperation, modeName } from './frame.ts';
import { withinSyncWait } from './sync-wait.ts';

const answers = {
  200: { summary: 'SINGLE_MATCH or MULTIPLE_MATCHES: the person has a record already' },
  201: { summary: 'The new Patient, version 1' },
  400: { summary: 'MISSING_VALUE, ADDITIONAL_PROPERTIES, INVALID_VALUE, TOO_MANY_VALUES_SUBMITTED or INVALID_CREATE' },
  403: { summary: 'INVALID_METHOD: the mode may not create' },
  429: { summary: 'TOO_MANY_REQUESTS' },
};

/** Only staff register; the limit of creations is the frame's. */
function admit(call: Call): void {
  const principal = call.principal!;
  if (!actsAsStaff(principal)) {
    throw refuseAtGateway(
      modeDenied('INVALID_METHOD', `Cannot create resource with ${modeName[principal.mode]} access token`),
      'Your app has insufficient permissions to use this method. Please contact support.',
    );
  }
  admitToService(call);
  if (!/^application\/(fhir\+)?json\s*(;|$)/i.test(header(call, 'content-type') ?? ''))
    throw refuse(pdsErrors.unsupportedService);
}

const commandOf = (call: Call, operation: Operation): RegistrationCommand => ({
  requestId: header(call, 'x-request-id') as string,
  changedBy: changedByOf(call),
  now: call.now,
  auditNote: (nhsNumber) => noteOf(call, operation, nhsNumber, 'allowed', 201),
});

/** `POST /Patient` (contract, section 7). */
export function createPatientOperation(deps: RegistrationDeps): Operation {
  const operation: Operation = {
    name: createOperation,
    method: 'POST',
    path: `${base}/Patient`,
    summary: 'Create a record, allocating an NHS number',
    input: { headers: requestHeaders, body: patientBody },
    access: ['healthcare-worker'],
    audit: 'write',
    answers,
    async handle(call) {
      admit(call);
      const person = parseCreate(bodyOf(call), dayOf(call.now));
      const { stored, isRepetition } = await withinSyncWait(
        call,
        registerPatient(deps, { ...commandOf(call, operation), person }),
      );
      return {
        status: 201,
        contentType: 'application/fhir+json',
        headers: { etag: `W/"${stored.version}"` },
        body: viewPatient(stored, viewerOf(call.principal!)),
        subjects: [stored.nhsNumber],
        isAudited: !isRepetition,
      };
    },
  };
  return operation;
}

/** `POST /Patient/$process-birth-details` (contract, section 7). */
export function processBirthOperation(deps: RegistrationDeps): Operation {
  const operation: Operation = {
    name: 'pds.process-birth-details',
    method: 'POST',
    path: `${base}/Patient/$process-birth-details`,
    summary: 'Birth notification: a record for the newborn',
    input: { query: birthQuery, headers: requestHeaders, body: birthBody },
    access: ['healthcare-worker'],
    audit: 'write',
    answers: { ...answers, 201: { summary: 'The newborn’s Patient; header `notification-id`' } },
    async handle(call) {
      admit(call);
      const ignoresPotentialMatches = queryPairs(call.rawQuery).some(
        ([name, value]) => name === 'ignore_potential_matches' && value === 'true',
      );
      const body = bodyOf(call);
      const birth = parseBirth(body, dayOf(call.now));
      const { stored, isRepetition, notificationId } = await withinSyncWait(
        call,
        registerBirth(deps, {
          ...commandOf(call, operation),
          birth,
          body,
          ignoresPotentialMatches,
        }),
      );
      return {
        status: 201,
        contentType: 'application/fhir+json',
        headers: { etag: `W/"${stored.version}"`, 'notification-id': notificationId },
        body: viewPatient(stored, viewerOf(call.principal!)),
        subjects: [stored.nhsNumber],
        isAudited: !isRepetition,
      };
    },
  };
  return operation;
}
