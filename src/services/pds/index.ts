import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Config } from '../../platform/config/config.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Service } from '../../platform/http/operation.ts';
import type { RateLimit } from '../../platform/http/rate-limit.ts';
import type { Applications } from '../../platform/identity/applications.ts';
import type { Tokens } from '../../platform/identity/tokens.ts';
import { type DemographicFacts, demographicFacts } from './demographic-facts.ts';
import { identityOf, type PatientIdentity } from './identity-of.ts';
import { forgetOldRequests } from './queries.ts';
import { forgetOldRegistrations } from './queries-registration.ts';
import { emptyPds, isUntouched, restoreDemo } from './queries-sandbox.ts';
import { PatientRecords } from './records.ts';
import { NhsNumberAllocator } from './registration/allocate-nhs-number.ts';
import { loadDemoRecords, loadPds, type PdsLoad, pdsLoad } from './sandbox-load.ts';
import { findDuplicates } from './trace/duplicates.ts';
import { nameKey } from './trace/keys.ts';
import { type Traced, type TracedPatient, type TraceRequest, traceOne } from './trace/trace-one.ts';
import { backOfficeDialect, backOfficeOperations } from './wire/fhir/back-office.ts';
import { retrieveCoverageOperation, updateCoverageOperation } from './wire/fhir/coverage.ts';
import { pdsDialect } from './wire/fhir/frame.ts';
import { pingOperation, type Release, sameSecret, statusOperation } from './wire/fhir/ping.ts';
import { createPatientOperation, processBirthOperation } from './wire/fhir/register-patient.ts';
import { relatedPersonsOperation } from './wire/fhir/related-persons.ts';
import { retrievePatientOperation } from './wire/fhir/retrieve-patient.ts';
import { searchPatientsOperation } from './wire/fhir/search-patients.ts';
import { updatePatientOperation } from './wire/fhir/update-patient.ts';

export type PdsParts = {
  readonly config: Config;
  readonly db: Database;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly tokens: Tokens;
  readonly applications: Applications;
  /** A limiter of so many requests a second by contract, as the configuration has it. */
  readonly limit: (contract: number) => RateLimit | undefined;
  readonly isHealthy: () => Promise<boolean>;
  readonly release: Release;
};

const dayMillis = 86_400_000;

/** The Personal Demographics Service: its operations, and what a sandbox may do to it. */
export function openPds(parts: PdsParts) {
  const { db, config } = parts;
  const records = new PatientRecords(db, parts.audit);
  const frame = { tokens: parts.tokens, rateLimit: parts.limit(5), createLimit: parts.limit(3) };
  const { from: first, to: last } = config.allocationRange;
  const allocator = new NhsNumberAllocator(db, { name: `${first}-${last}`, first, last });
  const registration = {
    db,
    records,
    allocate: () => allocator.allocate(),
    findDuplicates: (person: Parameters<typeof findDuplicates>[1]) =>
      findDuplicates({ db, loadPatients: (numbers: readonly string[]) => records.findAll(numbers) }, person),
  };
  const opens = async (apiKey: string) =>
    sameSecret(apiKey, config.statusApiKey) || (await parts.applications.find(apiKey)) !== undefined;
  const fhir: Service = {
    name: 'pds',
    title: 'Personal Demographics Service, FHIR R4',
    dialect: pdsDialect(frame),
    operations: [
      searchPatientsOperation(records, db, config.publicBase),
      retrievePatientOperation(records),
      updatePatientOperation(records, db),
      relatedPersonsOperation(records, db, config.publicBase),
      retrieveCoverageOperation(records, db, config.publicBase),
      updateCoverageOperation(records, db, config.publicBase),
      createPatientOperation(registration),
      processBirthOperation(registration),
      pingOperation(parts.release),
      statusOperation(parts.release, opens, parts.isHealthy),
    ],
  };
  const backOffice: Service = {
    name: 'pds-back-office',
    title: 'PDS back office (ours)',
    dialect: backOfficeDialect(frame),
    operations: backOfficeOperations(records, db),
  };
  return {
    services: [fhir, backOffice],
    /** What of patients decides who may look, on a day (yyyy-mm-dd); by the number asked for. */
    factsOf: (numbers: readonly string[], day: string) => demographicFacts(records, numbers, day),
    /** Who a patient is, on a day (yyyy-mm-dd); undefined where there is no such patient (any more). */
    identityOf: (nhsNumber: string, day: string) => identityOf(records, nhsNumber, day),
    /** One person traced by number and birth date, or else by name, birth date and gender; on a day (yyyy-mm-dd). */
    traceOne: (request: TraceRequest, day: string) =>
      traceOne(
        { db, find: (number) => records.find(number), loadPatients: (numbers) => records.findAll(numbers) },
        request,
        day,
      ),
    /** What is kept for a while only: request keys seven days, claims of registrations one. */
    chore: async (now: number) => {
      await db.query(forgetOldRequests(now - 7 * dayMillis));
      await db.query(forgetOldRegistrations(now - dayMillis));
    },
    sandbox: {
      key: 'pds',
      shape: pdsLoad,
      load: (section: unknown) => loadPds(db, section as PdsLoad),
      reset: (population: 'demo' | 'none') =>
        db.transaction(async (tx) => {
          await emptyPds(tx);
          if (population === 'demo') await restoreDemo(tx);
        }),
    },
  };
}

/** Whether PDS holds nobody and no demo nation was ever loaded. */
export function pdsIsUntouched(db: Database): Promise<boolean> {
  return isUntouched(db);
}

export {
  type DemographicFacts,
  loadDemoRecords,
  nameKey,
  type PatientIdentity,
  type Traced,
  type TracedPatient,
  type TraceRequest,
};
