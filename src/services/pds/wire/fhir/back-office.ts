import type { Queryable } from '../../../../platform/db/database.ts';
import { type Answer, type Call, type Dialect, header, type Operation } from '../../../../platform/http/operation.ts';
import { noteOf } from '../../../../platform/http/server.ts';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';
import {
  type BackOfficeCommand,
  historyOf,
  invalidatePatient,
  mergePatients,
  recordDeath,
  reinstatePatient,
  restrictPatient,
  unmergePatient,
} from '../../back-office/verbs.ts';
import { modeDenied, pdsErrors, refuse, refuseAtGateway } from '../../errors.ts';
import type { StoredPatient } from '../../patient.ts';
import type { PatientRecords } from '../../records.ts';
import { bodyOf } from './body.ts';
import { changedByOf } from './changed-by.ts';
import { type FrameParts, missingRequestId, modeName, pdsDialect } from './frame.ts';

/** The base of the back office's own operations; ours, nothing is published. */
export const backOfficeBase = '/personal-demographics/back-office';

/** As the PDS dialect, at the back office's base. */
export function backOfficeDialect(parts: FrameParts): Dialect {
  const dialect = pdsDialect(parts, backOfficeBase, /^\/Patient\/[^/]+\/(\$[a-z-]+|_history)$/);
  return dialect;
}

type Body = Record<string, unknown>;
type Verb = (command: BackOfficeCommand, body: Body) => Promise<StoredPatient>;

/** The verbs of the national back office, for staff through an application registered for it (`pds-back-office`). */
export function backOfficeOperations(records: PatientRecords, db: Queryable): Operation[] {
  const verb = (name: string, summary: string, run: Verb): Operation => {
    const operation: Operation = {
      name: `pds.${name}`,
      method: 'POST',
      path: `${backOfficeBase}/Patient/:id/$${name}`,
      summary,
      access: ['healthcare-worker'],
      audit: 'write',
      answers: {
        200: { summary: 'The record as it is now' },
        400: { summary: 'INVALID_RESOURCE_ID or INVALID_VALUE' },
        403: { summary: 'Not a back-office application, or FORBIDDEN_UPDATE' },
        404: { summary: 'RESOURCE_NOT_FOUND' },
        409: { summary: 'RESOURCE_VERSION_MISMATCH: somebody changed the record in the same moment' },
      },
      async handle(call) {
        const requestId = admit(call);
        const id = call.params.id as string;
        const body = bodyOf(call);
        const after = await run(
          {
            id,
            requestId,
            changedBy: changedByOf(call),
            now: call.now,
            auditNote: (nhsNumber) => noteOf(call, operation, nhsNumber, 'allowed', 200),
          },
          typeof body === 'object' && body !== null ? (body as Body) : {},
        );
        return answer(after);
      },
    };
    return operation;
  };
  return [
    verb('merge', 'Merge the record into another (`into`)', (command, body) =>
      mergePatients(records, command, body.into),
    ),
    verb('unmerge', 'Take a merge back', (command) => unmergePatient(records, command)),
    verb('invalidate', 'Mark the record invalid', (command) => invalidatePatient(records, command)),
    verb('reinstate', 'Make an invalidated record valid again', (command) => reinstatePatient(records, command)),
    verb('restrict', 'Set or lift the restriction (`security`: U, R or V)', (command, body) =>
      restrictPatient(records, command, body.security),
    ),
    verb('record-death', 'Record a formal death notification (`date`), or take one back (null)', (command, body) =>
      recordDeath(records, command, body.date),
    ),
    historyOperation(records, db),
  ];
}

function historyOperation(records: PatientRecords, db: Queryable): Operation {
  return {
    name: 'pds.retrieve-history',
    method: 'GET',
    path: `${backOfficeBase}/Patient/:id/_history`,
    summary: 'Every version of a record: who made it, when, by which verb',
    access: ['healthcare-worker'],
    audit: 'read',
    answers: { 200: { summary: 'A history Bundle, newest first' }, 404: { summary: 'RESOURCE_NOT_FOUND' } },
    async handle(call) {
      admit(call);
      const id = call.params.id as string;
      const versions = await historyOf(records, db, id);
      const entry = versions.map(({ patient, ...made }) => ({
        resource: patient,
        response: {
          status: '200',
          etag: `W/"${made.version}"`,
          ...(made.madeAt === undefined ? {} : { lastModified: made.madeAt }),
        },
        extension: [
          { url: 'https://openspine.example/StructureDefinition/made-by', valueString: JSON.stringify(made) },
        ],
      }));
      return {
        status: 200,
        contentType: 'application/fhir+json',
        body: { resourceType: 'Bundle', type: 'history', total: entry.length, entry },
        subjects: [id],
      };
    },
  };
}

/** Staff, through an application that has the attribute; the request id. */
function admit(call: Call): string {
  const principal = call.principal!;
  const id = call.params.id;
  call.subject = isNhsNumber(id) ? id : '';
  if (principal.mode !== 'healthcare-worker' || principal.attributes['pds-back-office'] !== 'true') {
    throw refuseAtGateway(
      modeDenied('INVALID_METHOD', `Cannot update resource with ${modeName[principal.mode]} access token`),
      'Your app has insufficient permissions to use this method. Please contact support.',
    );
  }
  const requestId = header(call, 'x-request-id');
  if (requestId === undefined) throw missingRequestId();
  if (id === undefined || id === '') throw refuse(pdsErrors.invalidResourceId);
  return requestId;
}

function answer(after: StoredPatient): Answer {
  return {
    status: 200,
    contentType: 'application/fhir+json',
    headers: { etag: `W/"${after.version}"` },
    body: after.patient,
    isAudited: true,
  };
}
