import type { Operation } from '../../../../platform/http/operation.ts';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';
import { pdsErrors, refuse } from '../../errors.ts';
import type { PatientRecords } from '../../records.ts';
import { retrievePatient } from '../../retrieve-patient.ts';
import { viewerOf } from '../../view.ts';
import { requestHeaders } from './described.ts';
import { admitPatient, admitToService, base } from './frame.ts';

/** `GET /Patient/{nhsNumber}` (contract, section 4). */
export function retrievePatientOperation(records: PatientRecords): Operation {
  return {
    name: 'pds.retrieve-patient',
    method: 'GET',
    path: `${base}/Patient/:id`,
    summary: 'Retrieve a patient by NHS number',
    input: { headers: requestHeaders },
    access: ['healthcare-worker', 'patient-access', 'application-restricted', 'privileged-application-restricted'],
    audit: 'read',
    weight: 80,
    answers: {
      200: { summary: 'The Patient; `ETag` holds its version' },
      400: { summary: 'INVALID_RESOURCE_ID: not a valid NHS number' },
      401: { summary: 'ACCESS_DENIED: no valid access token' },
      403: { summary: 'ACCESS_DENIED: a patient asked for somebody else' },
      404: { summary: 'RESOURCE_NOT_FOUND or INVALIDATED_RESOURCE' },
    },
    async handle(call) {
      const principal = call.principal!;
      const id = call.params.id as string;
      call.subject = isNhsNumber(id) ? id : '';
      if (principal.mode === 'patient-access') admitPatient(principal, id);
      admitToService(call);
      if (id === '') throw refuse(pdsErrors.unsupportedService);
      const seen = await retrievePatient(records, id, viewerOf(principal));
      return {
        status: 200,
        contentType: 'application/fhir+json',
        headers: { etag: `W/"${seen.version}"` },
        body: seen.json,
        subjects: [seen.nhsNumber],
      };
    },
  };
}
