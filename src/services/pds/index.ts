import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Config } from '../../platform/config/config.ts';
import type { Database } from '../../platform/db/database.ts';
import type { Service } from '../../platform/http/operation.ts';
import type { RateLimit } from '../../platform/http/rate-limit.ts';
import type { Applications } from '../../platform/identity/applications.ts';
import type { Tokens } from '../../platform/identity/tokens.ts';
import { emptyPds, restoreDemo } from './queries-sandbox.ts';
import { PatientRecords } from './records.ts';
import { loadPds, type PdsLoad, pdsLoad } from './sandbox-load.ts';
import { backOfficeDialect, backOfficeOperations } from './wire/fhir/back-office.ts';
import { pdsDialect } from './wire/fhir/frame.ts';
import { pingOperation, type Release, sameSecret, statusOperation } from './wire/fhir/ping.ts';
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

/** The Personal Demographics Service: its operations, and what a sandbox may do to it. */
export function openPds(parts: PdsParts) {
  const { db, config } = parts;
  const records = new PatientRecords(db, parts.audit);
  const frame = { tokens: parts.tokens, rateLimit: parts.limit(5) };
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
    records,
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
