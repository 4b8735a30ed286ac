import type { Queryable } from '../../../../platform/db/database.ts';
import type { Bundle } from '../../../../platform/fhir/types.ts';
import { type Call, type Operation, queryPairs } from '../../../../platform/http/operation.ts';
import { fhirInstant } from '../../../../platform/nhs/dates.ts';
import { modeDenied, outcomeOf, pdsErrors, refuseAtGateway } from '../../errors.ts';
import type { PatientRecords } from '../../records.ts';
import { searchPatients } from '../../trace/search.ts';
import { parseSearch } from '../../trace/search-parameters.ts';
import { viewInSearch } from '../../view.ts';
import { requestHeaders, searchQuery } from './described.ts';
import { actsAsStaff, admitPatient, admitToService, base, modeName } from './frame.ts';

/** The extension that explains a score, given to clients that ask with `X-Explain-Score: true`; ours. */
const explanationUrl = 'https://openspine.example/StructureDefinition/match-explanation';

/** `GET /Patient?…` (contract, section 5). */
export function searchPatientsOperation(records: PatientRecords, db: Queryable, publicBase: string): Operation {
  const loadPatients = (numbers: readonly string[]) => records.findAll(numbers);
  return {
    name: 'pds.search-patients',
    method: 'GET',
    path: `${base}/Patient`,
    summary: 'Trace patients by demographics',
    input: { query: searchQuery, headers: requestHeaders },
    access: ['healthcare-worker', 'application-restricted', 'privileged-application-restricted'],
    audit: 'search',
    weight: 15,
    answers: {
      200: { summary: 'A searchset Bundle with scores, or an OperationOutcome TOO_MANY_MATCHES' },
      400: {
        summary: 'UNSUPPORTED_SERVICE, ADDITIONAL_PROPERTIES, INVALID_VALUE, MISSING_VALUE or INVALID_SEARCH_DATA',
      },
      403: { summary: 'The mode may not search, or not for several' },
    },
    async handle(call) {
      const principal = call.principal!;
      if (principal.mode === 'patient-access') admitPatient(principal, undefined);
      const onlyOne = !actsAsStaff(principal);
      const query = queryPairs(call.rawQuery);
      if (onlyOne) admitToOneResult(query, modeName[principal.mode]);
      admitToService(call);
      const criteria = parseSearch(query, { onlyOne });
      const found = await searchPatients({ db, loadPatients }, criteria);
      if (found === 'too-many') {
        return { status: 200, contentType: 'application/fhir+json', body: outcomeOf(pdsErrors.tooManyMatches) };
      }
      const withReasons = wantsReasons(call);
      const bundle: Bundle = {
        resourceType: 'Bundle',
        type: 'searchset',
        timestamp: fhirInstant(call.now),
        total: found.matches.length,
        ...(found.matches.length === 0
          ? {}
          : {
              entry: found.matches.map(({ stored, score, because }) => ({
                fullUrl: `${publicBase}${base}/Patient/${stored.nhsNumber}`,
                search: {
                  score,
                  ...(withReasons
                    ? { extension: [{ url: explanationUrl, valueString: JSON.stringify(because) }] }
                    : {}),
                },
                resource: viewInSearch(stored),
              })),
            }),
      };
      return {
        status: 200,
        contentType: 'application/fhir+json',
        body: bundle,
        subjects: found.matches.map(({ stored }) => stored.nhsNumber),
      };
    },
  };
}

const wantsReasons = (call: Call): boolean => call.headers['x-explain-score'] === 'true';

/** An application without a user gets one unique match or none; asking for more is refused before anything else. */
function admitToOneResult(query: ReadonlyArray<readonly [string, string]>, mode: string): void {
  const asked = query.filter(([name]) => name === '_max-results').map(([, value]) => value);
  if (asked.some((value) => value !== '1')) {
    throw refuseAtGateway(
      modeDenied('INVALID_VALUE', `Cannot retrieve more than one result with ${mode} access token`),
      'Your app has insufficient permissions to perform this search. Please contact support.',
    );
  }
}
