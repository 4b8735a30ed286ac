import type { Queryable } from '../../../../platform/db/database.ts';
import type { Bundle } from '../../../../platform/fhir/types.ts';
import type { Operation } from '../../../../platform/http/operation.ts';
import { fhirInstant } from '../../../../platform/nhs/dates.ts';
import { isNhsNumber } from '../../../../platform/nhs/nhs-number.ts';
import { selectRelatedPersons } from '../../queries.ts';
import type { PatientRecords } from '../../records.ts';
import { retainedRecord } from '../../retrieve-patient.ts';
import { requestHeaders } from './described.ts';
import { admitPatient, admitToService, base } from './frame.ts';

type RelatedPerson = {
  id: string;
  patient?: { identifier?: { value?: string } };
  address?: unknown;
  telecom?: unknown;
};

/** `GET /Patient/{nhsNumber}/RelatedPerson` (contract, section 8). */
export function relatedPersonsOperation(records: PatientRecords, db: Queryable, publicBase: string): Operation {
  return {
    name: 'pds.retrieve-related-persons',
    method: 'GET',
    path: `${base}/Patient/:id/RelatedPerson`,
    summary: "A patient's related people",
    input: { headers: requestHeaders },
    access: ['healthcare-worker', 'patient-access', 'application-restricted', 'privileged-application-restricted'],
    audit: 'read',
    answers: {
      200: { summary: 'A searchset Bundle of RelatedPerson; none for a restricted patient' },
      400: { summary: 'INVALID_RESOURCE_ID' },
      404: { summary: 'RESOURCE_NOT_FOUND or INVALIDATED_RESOURCE' },
    },
    async handle(call) {
      const id = call.params.id as string;
      call.subject = isNhsNumber(id) ? id : '';
      if (call.principal!.mode === 'patient-access') admitPatient(call.principal!, id);
      admitToService(call);
      const stored = await retainedRecord(records, id);
      const related = stored.security === 'U' ? await selectRelatedPersons(db, stored.nhsNumber) : undefined;
      const people =
        related === undefined
          ? []
          : await hideRestricted(records, JSON.parse(related) as RelatedPerson[], stored.nhsNumber);
      const bundle: Bundle = {
        resourceType: 'Bundle',
        type: 'searchset',
        timestamp: fhirInstant(call.now),
        total: people.length,
        ...(people.length === 0
          ? {}
          : {
              entry: people.map((resource) => ({
                fullUrl: `${publicBase}${base}/Patient/${stored.nhsNumber}/RelatedPerson/${resource.id}`,
                resource,
              })),
            }),
      };
      return { status: 200, contentType: 'application/fhir+json', body: bundle, subjects: [stored.nhsNumber] };
    },
  };
}

/** A related person who is a restricted patient themselves shows no address and no telecom. */
async function hideRestricted(records: PatientRecords, people: RelatedPerson[], of: string): Promise<RelatedPerson[]> {
  const numbers = people
    .map((person) => person.patient?.identifier?.value)
    .filter((number) => number !== undefined && number !== of && isNhsNumber(number));
  const restricted = new Set(
    (await records.findAll(numbers as string[]))
      .filter((one) => one.security !== 'U')
      .map((one) => one.nhsNumber as string),
  );
  return people.map((person) => {
    if (!restricted.has(person.patient?.identifier?.value ?? '')) return person;
    const { address: _address, telecom: _telecom, ...rest } = person;
    return rest;
  });
}
