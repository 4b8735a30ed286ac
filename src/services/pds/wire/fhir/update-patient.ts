import type { Queryable } from '../../../../platform/db/database.ts';
import { type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';
import { modeDenied, refuseAtGateway } from '../../errors.ts';
import type { PatientRecords } from '../../records.ts';
import { updatePatient } from '../../update-patient.ts';
import { viewerOf } from '../../view.ts';
import { bodyOf } from './body.ts';
import { changedByOf } from './changed-by.ts';
import { patchBody, writeHeaders } from './described.ts';
import { actsAsStaff, admitPatient, admitSystem, base, missingRequestId, modeName } from './frame.ts';
import { withinSyncWait } from './sync-wait.ts';

/** `PATCH /Patient/{nhsNumber}` (contract, section 6). */
export function updatePatientOperation(records: PatientRecords, db: Queryable): Operation {
  const operation: Operation = {
    name: 'pds.update-patient',
    method: 'PATCH',
    path: `${base}/Patient/:id`,
    summary: 'Update a patient by JSON Patch',
    input: { headers: writeHeaders, body: patchBody },
    access: ['healthcare-worker', 'patient-access'],
    audit: 'write',
    weight: 5,
    answers: {
      200: { summary: 'The whole updated Patient; `ETag` holds its new version' },
      400: { summary: 'INVALID_RESOURCE_ID, UNSUPPORTED_SERVICE, MISSING_VALUE, INVALID_VALUE or INVALID_UPDATE' },
      403: { summary: 'FORBIDDEN_UPDATE, or the mode may not update' },
      404: { summary: 'RESOURCE_NOT_FOUND or INVALIDATED_RESOURCE' },
      409: { summary: 'RESOURCE_VERSION_MISMATCH: somebody else changed the record' },
      412: { summary: 'PRECONDITION_FAILED: no `If-Match`' },
    },
    async handle(call) {
      const principal = call.principal!;
      const id = call.params.id as string;
      call.subject = isNhsNumber(id) ? id : '';
      admitToUpdate(call, id);
      admitSystem(call);
      const updated = await withinSyncWait(
        call,
        updatePatient(
          { records, db, missingRequestId },
          {
            id,
            ifMatch: header(call, 'if-match'),
            isJsonPatch: /^application\/json-patch\+json\s*(;|$)/i.test(header(call, 'content-type') ?? ''),
            requestId: header(call, 'x-request-id'),
            body: () => bodyOf(call),
            source: { kind: principal.mode === 'patient-access' ? 'patient' : 'user', ...sourceRights(call) },
            viewer: viewerOf(principal),
            changedBy: changedByOf(call),
            now: call.now,
            auditNote: noteOf(call, operation, id, 'allowed', 200),
          },
        ),
      );
      return {
        status: 200,
        contentType: 'application/fhir+json',
        headers: { etag: `W/"${updated.version}"` },
        body: updated.patient,
        subjects: [id],
        isAudited: !updated.isRepetition,
      };
    },
  };
  return operation;
}

function admitToUpdate(call: Call, id: string): void {
  const principal = call.principal!;
  if (principal.mode === 'patient-access') admitPatient(principal, id);
  else if (!actsAsStaff(principal)) {
    throw refuseAtGateway(
      modeDenied('INVALID_METHOD', `Cannot update resource with ${modeName[principal.mode]} access token`),
      'Your app has insufficient permissions to use this method. Please contact support.',
    );
  }
}

/** What only some sources may do; attributes of the application (names ours). */
function sourceRights(call: Call): { isBackOffice?: boolean; isPrimaryCare?: boolean; mayNotifyFormally?: boolean } {
  const has = (name: string) => call.principal?.attributes[name] === 'true';
  return {
    ...(has('pds-back-office') ? { isBackOffice: true } : {}),
    ...(has('pds-primary-care') ? { isPrimaryCare: true } : {}),
    ...(has('pds-formal-death-notification') ? { mayNotifyFormally: true } : {}),
  };
}
