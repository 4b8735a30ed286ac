import type { AuditNote } from '../../platform/audit/entry.ts';
import type { Queryable } from '../../platform/db/database.ts';
import type { NhsNumber } from '../../platform/nhs/nhs-number.ts';
import type { Coverage } from './coverage/coverage-rules.ts';
import { pdsErrors, refuse } from './errors.ts';
import { selectBefore, selectCoverage, upsertCoverage } from './queries.ts';
import type { ChangedBy, PatientRecords } from './records.ts';
import { requestKeyOf, withVersion } from './update-patient.ts';

export type CoverageCommand = {
  readonly nhsNumber: NhsNumber;
  /** The version `If-Match` names. */
  readonly expected: number;
  readonly coverage: Coverage;
  readonly requestId: string;
  readonly changedBy: ChangedBy;
  readonly now: number;
  readonly auditNote: AuditNote;
};

/**
 * Replaces a patient's European health insurance card; the record's version moves on (contract, section 9). The version
 * after. A repetition of a request that was carried out changes nothing: its version is the one it made.
 */
export async function updateCoverage(
  deps: { records: PatientRecords; db: Queryable },
  command: CoverageCommand,
): Promise<{ version: number; isRepetition: boolean }> {
  const { nhsNumber, expected, now } = command;
  const before = await deps.records.find(nhsNumber);
  if (!before) throw refuse(pdsErrors.notFound);
  if (before.state === 'superseded') {
    throw refuse(
      pdsErrors.forbiddenUpdate,
      'Forbidden update with error - Update Failed - NHS No. supplied has been superseded in a merge',
    );
  }
  if (before.state === 'invalidated') throw refuse(pdsErrors.invalidated);
  const text = JSON.stringify(command.coverage);
  const requestKey = requestKeyOf([
    'coverage',
    command.changedBy.app,
    command.requestId,
    nhsNumber,
    String(expected),
    text,
  ]);
  const version = expected + 1;
  const wasMine = async () => (await selectBefore(deps.db, nhsNumber, version))?.request_key === requestKey;
  if (before.version !== expected) {
    if (await wasMine()) return { version, isRepetition: true };
    throw refuse(pdsErrors.versionMismatch);
  }
  const outcome = await deps.records.change({
    before,
    after: { ...before, version, patient: withVersion(before.patient, version) },
    verb: 'update-coverage',
    requestId: command.requestId,
    requestKey,
    changedBy: command.changedBy,
    at: now,
    events: [{ subject: nhsNumber, kind: 'pds.coverage-updated', happenedAt: now, body: { version } }],
    audit: [command.auditNote],
    beforeCoverage: await selectCoverage(deps.db, nhsNumber),
    alongside: [upsertCoverage(nhsNumber, text)],
  });
  if (outcome === 'conflict' && !(await wasMine())) throw refuse(pdsErrors.versionMismatch);
  return { version, isRepetition: outcome === 'conflict' };
}
