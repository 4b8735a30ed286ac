import type { Queryable } from '../../../../platform/db/database.ts';
import { type Call, header, type Operation } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import { dayOf } from '../../../../platform/nhs/dates.ts';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';
import { type Coverage, coverageBundle, parseCoverage, parseCoverageQuery } from '../../coverage/coverage-rules.ts';
import { modeDenied, pdsErrors, refuse, refuseAtGateway } from '../../errors.ts';
import { selectCoverage } from '../../queries.ts';
import type { PatientRecords } from '../../records.ts';
import { retainedRecord } from '../../retrieve-patient.ts';
import { updateCoverage } from '../../update-coverage.ts';
import { versionIn } from '../../update-patient.ts';
import { bodyOf } from './body.ts';
import { changedByOf } from './changed-by.ts';
import { coverageBody, coverageQuery, requestHeaders, writeHeaders } from './described.ts';
import { admitPatient, admitSystem, admitToService, base, missingRequestId, modeName } from './frame.ts';
import { withinSyncWait } from './sync-wait.ts';

/** Only a patient may see or replace a card (contract, section 3). */
function admitPatientMode(call: Call): void {
  const mode = call.principal!.mode;
  if (mode === 'patient-access') return;
  throw refuseAtGateway(
    modeDenied('ACCESS_DENIED', `Cannot ${call.method} resource with ${modeName[mode]} access token`),
    'Your app has insufficient permissions to use this operation. Please contact support.',
  );
}

async function heldCoverage(db: Queryable, nhsNumber: string): Promise<Coverage | undefined> {
  const kept = await selectCoverage(db, nhsNumber);
  return kept === undefined || kept === '' ? undefined : (JSON.parse(kept) as Coverage);
}

/** `GET /Coverage?subscriber:identifier={nhsNumber}` (contract, section 9). */
export function retrieveCoverageOperation(records: PatientRecords, db: Queryable, publicBase: string): Operation {
  return {
    name: 'pds.retrieve-coverage',
    method: 'GET',
    path: `${base}/Coverage`,
    summary: "A patient's European health insurance card",
    input: { query: coverageQuery, headers: requestHeaders },
    access: ['patient-access'],
    audit: 'read',
    answers: {
      200: { summary: 'A searchset Bundle with at most one Coverage; `ETag` holds the patient’s version' },
      400: { summary: 'INVALID_SEARCH_DATA or INVALID_RESOURCE_ID' },
      403: { summary: 'ACCESS_DENIED: not a patient, or somebody else' },
    },
    async handle(call) {
      admitPatientMode(call);
      const nhsNumber = parseCoverageQuery(call.rawQuery);
      call.subject = nhsNumber;
      admitPatient(call.principal!, nhsNumber);
      admitToService(call);
      const stored = await retainedRecord(records, nhsNumber);
      return {
        status: 200,
        contentType: 'application/fhir+json',
        headers: { etag: `W/"${stored.version}"` },
        body: coverageBundle(
          stored.nhsNumber,
          stored.version,
          await heldCoverage(db, stored.nhsNumber),
          call.now,
          `${publicBase}${base}`,
        ),
        subjects: [stored.nhsNumber],
      };
    },
  };
}

/** `POST /Coverage`: replaces the card. */
export function updateCoverageOperation(records: PatientRecords, db: Queryable, publicBase: string): Operation {
  const operation: Operation = {
    name: 'pds.update-coverage',
    method: 'POST',
    path: `${base}/Coverage`,
    summary: "Replace a patient's European health insurance card",
    input: { headers: writeHeaders, body: coverageBody },
    access: ['patient-access'],
    audit: 'write',
    answers: {
      201: { summary: 'The Bundle with the card; version and `ETag` one on' },
      400: { summary: 'MISSING_VALUE, INVALID_VALUE or TOO_MANY_VALUES_SUBMITTED' },
      403: { summary: 'ACCESS_DENIED or FORBIDDEN_UPDATE' },
      409: { summary: 'RESOURCE_VERSION_MISMATCH' },
      412: { summary: 'PRECONDITION_FAILED: no `If-Match`' },
    },
    async handle(call) {
      admitPatientMode(call);
      const sent = subscriberIn(call);
      call.subject = isNhsNumber(sent) ? sent : '';
      admitPatient(call.principal!, sent ?? call.principal!.nhsNumber);
      const requestId = header(call, 'x-request-id');
      if (requestId === undefined) throw missingRequestId();
      admitSystem(call);
      const expected = versionIn(header(call, 'if-match'));
      if (!/^application\/(json|fhir\+json|json-patch\+json)\s*(;|$)/i.test(header(call, 'content-type') ?? '')) {
        throw refuse(pdsErrors.unsupportedService);
      }
      const coverage = parseCoverage(bodyOf(call), dayOf(call.now));
      const nhsNumber = coverage.subscriber.identifier.value;
      const { version, isRepetition } = await withinSyncWait(
        call,
        updateCoverage(
          { records, db },
          {
            nhsNumber,
            expected,
            coverage,
            requestId,
            changedBy: changedByOf(call),
            now: call.now,
            auditNote: noteOf(call, operation, nhsNumber, 'allowed', 201),
          },
        ),
      );
      return {
        status: 201,
        contentType: 'application/fhir+json',
        headers: { etag: `W/"${version}"` },
        body: coverageBundle(nhsNumber, version, coverage, call.now, `${publicBase}${base}`),
        subjects: [nhsNumber],
        isAudited: !isRepetition,
      };
    },
  };
  return operation;
}

/** The subscriber's number in a body that may be anything; a body without one is the service's to refuse. */
function subscriberIn(call: Call): string | undefined {
  let body: unknown;
  try {
    body = bodyOf(call);
  } catch {
    return undefined;
  }
  const value = (body as { subscriber?: { identifier?: { value?: unknown } } } | null | undefined)?.subscriber
    ?.identifier?.value;
  return typeof value === 'string' ? value : undefined;
}
