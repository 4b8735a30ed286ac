import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Queryable } from '../../../platform/db/database.ts';
import type { Extension } from '../../../platform/fhir/types.ts';
import { dayOf, isDate } from '../../../platform/nhs/dates.ts';
import { isNhsNumber, type NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { pdsErrors, refuse } from '../errors.ts';
import { addFormer } from '../former.ts';
import { extensionUrls, type Former, type Patient, type Security, type StoredPatient } from '../patient.ts';
import { selectHistory } from '../queries.ts';
import { decodeRecord } from '../record/record-codec.ts';
import type { Change, ChangedBy, LoadedPatient, PatientRecords } from '../records.ts';
import { withVersion } from '../update-patient.ts';
import { withoutMerged } from './merged-values.ts';

/** What every back-office verb is told: by whom, when, under which request. */
export type BackOfficeCommand = {
  readonly id: string;
  readonly requestId: string;
  readonly changedBy: ChangedBy;
  readonly now: number;
  readonly auditNote: (nhsNumber: string) => AuditNote;
};

const invalid = (what: string, field: string) =>
  refuse(pdsErrors.invalidValue, `Invalid value - '${what}' in field '${field}'`);

async function held(records: PatientRecords, id: unknown, field?: string): Promise<LoadedPatient> {
  if (!isNhsNumber(id))
    throw field === undefined
      ? refuse(pdsErrors.invalidResourceId)
      : invalid(String(id).slice(0, 40).toWellFormed(), field);
  const stored = await records.find(id);
  if (!stored) throw refuse(pdsErrors.notFound);
  return stored;
}

function changed(
  command: BackOfficeCommand,
  verb: string,
  kind: string,
  before: LoadedPatient,
  next: Partial<StoredPatient>,
  body: object,
): Change {
  const version = before.version + 1;
  const after = { ...before, ...next, version } as StoredPatient;
  return {
    before,
    after: { ...after, patient: withVersion(withSecurity(after.patient, after.security), version) },
    verb,
    requestId: command.requestId,
    requestKey: undefined,
    changedBy: command.changedBy,
    at: command.now,
    events: [{ subject: before.nhsNumber, kind, happenedAt: command.now, body: { version, ...body } }],
    audit: [command.auditNote(before.nhsNumber)],
  };
}

const securityDisplay = { U: 'unrestricted', R: 'restricted', V: 'very restricted' } as const;

function withSecurity(patient: Patient, security: Security): Patient {
  const coding = {
    system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
    code: security,
    display: securityDisplay[security],
  };
  return { ...patient, meta: { ...patient.meta, security: [coding] } };
}

async function carryOut(records: PatientRecords, change: Change): Promise<StoredPatient> {
  if ((await records.change(change)) === 'conflict') throw refuse(pdsErrors.versionMismatch);
  return change.after;
}

/**
 * Merges a record into another that is retained: the merged number answers the retained record from now on, and the
 * merged record's names and contacts are kept as former values of it. Both records move a version, together or not at all.
 */
export async function mergePatients(
  records: PatientRecords,
  command: BackOfficeCommand,
  into: unknown,
): Promise<StoredPatient> {
  const merged = await held(records, command.id);
  const retained = await held(records, into, 'into');
  if (merged.nhsNumber === retained.nhsNumber) throw invalid(retained.nhsNumber, 'into');
  if (merged.state !== 'active')
    throw refuse(pdsErrors.forbiddenUpdate, 'Forbidden update with error - only an active record can be merged');
  if (retained.state !== 'active')
    throw refuse(
      pdsErrors.forbiddenUpdate,
      'Forbidden update with error - a record can be merged only into an active one',
    );
  const former = mergedFormer(retained, merged);
  const gone = changed(
    command,
    'merge',
    'pds.patient-superseded',
    merged,
    { state: 'superseded', survivor: retained.nhsNumber },
    { into: retained.nhsNumber },
  );
  // what was hidden stays hidden: the retained record takes the stricter confidentiality of the two
  const security = stricter(retained.security, merged.security);
  const kept = changed(
    command,
    'merge',
    'pds.patient-retained',
    retained,
    { former, security },
    { from: merged.nhsNumber },
  );
  if ((await records.changeTogether([gone, kept])) === 'conflict') throw refuse(pdsErrors.versionMismatch);
  return kept.after;
}

const strictness = { U: 0, R: 1, V: 2 } as const;

function stricter(a: Security, b: Security): Security {
  return strictness[a] >= strictness[b] ? a : b;
}

function mergedFormer(retained: StoredPatient, merged: StoredPatient): Former | undefined {
  const nobody = { ...merged.patient, name: [], address: [], telecom: [] };
  const { gender: _, ...rest } =
    addFormer(
      { ...retained, former: retained.former },
      { ...merged.patient, gender: nobody.gender } as Patient,
      nobody,
    ) ?? {};
  return { ...rest, ...(retained.former?.gender ? { gender: retained.former.gender } : {}) };
}

/** Takes a merge back: the merged record is active again, and its values leave the retained one's former values. */
export async function unmergePatient(records: PatientRecords, command: BackOfficeCommand): Promise<StoredPatient> {
  const merged = await held(records, command.id);
  if (merged.state !== 'superseded' || merged.survivor === undefined) {
    throw refuse(pdsErrors.forbiddenUpdate, 'Forbidden update with error - the record is not merged into another');
  }
  const retained = await held(records, merged.survivor, 'into');
  const back = changed(
    command,
    'unmerge',
    'pds.patient-unmerged',
    merged,
    { state: 'active', survivor: undefined },
    { from: retained.nhsNumber },
  );
  const kept = changed(
    command,
    'unmerge',
    'pds.patient-retained',
    retained,
    { former: withoutMerged(retained.former, merged.patient) },
    { without: merged.nhsNumber },
  );
  if ((await records.changeTogether([back, kept])) === 'conflict') throw refuse(pdsErrors.versionMismatch);
  return back.after;
}

/** A verb on a number that was merged away would change a record nobody sees: it must name the retained one. */
async function notMerged(records: PatientRecords, id: string): Promise<LoadedPatient> {
  const stored = await held(records, id);
  if (stored.state !== 'superseded') return stored;
  throw refuse(
    pdsErrors.forbiddenUpdate,
    'Forbidden update with error - Update Failed - NHS No. supplied has been superseded in a merge',
  );
}

/** Marks a record invalid: it answers INVALIDATED_RESOURCE from now on and is found by no search. */
export async function invalidatePatient(records: PatientRecords, command: BackOfficeCommand): Promise<StoredPatient> {
  const before = await held(records, command.id);
  if (before.state !== 'active')
    throw refuse(pdsErrors.forbiddenUpdate, 'Forbidden update with error - only an active record can be invalidated');
  return carryOut(
    records,
    changed(command, 'invalidate', 'pds.patient-invalidated', before, { state: 'invalidated' }, {}),
  );
}

/** Makes an invalidated record valid again. */
export async function reinstatePatient(records: PatientRecords, command: BackOfficeCommand): Promise<StoredPatient> {
  const before = await held(records, command.id);
  if (before.state !== 'invalidated')
    throw refuse(pdsErrors.forbiddenUpdate, 'Forbidden update with error - the record is not invalidated');
  return carryOut(records, changed(command, 'reinstate', 'pds.patient-reinstated', before, { state: 'active' }, {}));
}

/** Sets or lifts the restriction of a record: U, R or V. */
export async function restrictPatient(
  records: PatientRecords,
  command: BackOfficeCommand,
  security: unknown,
): Promise<StoredPatient> {
  const before = await notMerged(records, command.id);
  if (security !== 'U' && security !== 'R' && security !== 'V')
    throw invalid(String(security).slice(0, 40).toWellFormed(), 'security');
  const kind = security === 'U' ? 'pds.restriction-lifted' : 'pds.restriction-set';
  return carryOut(records, changed(command, 'restrict', kind, before, { security }, { security }));
}

/** Records a formal death notification, or takes a wrongly recorded death back (`date` null). */
export async function recordDeath(
  records: PatientRecords,
  command: BackOfficeCommand,
  date: unknown,
): Promise<StoredPatient> {
  const before = await notMerged(records, command.id);
  const { deceasedDateTime: _, extension, ...living } = before.patient;
  const others = (extension ?? []).filter((one) => one.url !== extensionUrls.DeathNotificationStatus);
  if (date === null) {
    if (before.patient.deceasedDateTime === undefined)
      throw refuse(pdsErrors.forbiddenUpdate, 'Forbidden update with error - no death is recorded');
    const patient = { ...living, ...(others.length > 0 ? { extension: others } : {}) } as Patient;
    return carryOut(records, changed(command, 'remove-death', 'pds.death-removed', before, { patient }, {}));
  }
  if (
    !isDate(date) ||
    date > dayOf(command.now) ||
    (before.patient.birthDate !== undefined && date < before.patient.birthDate)
  ) {
    throw invalid(String(date).slice(0, 40).toWellFormed(), 'date');
  }
  const patient = {
    ...before.patient,
    deceasedDateTime: `${date}T00:00:00+00:00`,
    extension: [...others, formalNotification(command.now)],
  } as Patient;
  return carryOut(records, changed(command, 'record-death', 'pds.death-recorded', before, { patient }, { date }));
}

function formalNotification(now: number): Extension {
  return {
    url: extensionUrls.DeathNotificationStatus,
    extension: [
      {
        url: 'deathNotificationStatus',
        valueCodeableConcept: {
          coding: [
            {
              system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus',
              version: '1.0.0',
              code: '2',
              display: 'Formal - death notice received from Registrar of Deaths',
            },
          ],
        },
      },
      { url: 'systemEffectiveDate', valueDateTime: `${dayOf(now)}T00:00:00+00:00` },
    ],
  };
}

/** One version of a record: who made it, when, by which verb, and what it then was. */
export type Version = {
  readonly version: number;
  readonly madeAt: string | undefined;
  readonly verb: string | undefined;
  readonly requestId: string | undefined;
  readonly madeBy: object | undefined;
  readonly state: string;
  readonly patient: Patient;
};

/** Every version of a record that is kept, newest first: the record now, and before each change. */
export async function historyOf(records: PatientRecords, db: Queryable, id: string): Promise<Version[]> {
  const now = await held(records, id);
  const changes = await selectHistory(db, now.nhsNumber);
  const names = { a: 'active', s: 'superseded', i: 'invalidated' } as const;
  const versions: Version[] = [];
  let [patient, state]: [Patient, string] = [now.patient, now.state];
  for (const change of changes) {
    versions.push({
      version: change.version,
      madeAt: change.changed_at.toISOString(),
      verb: change.verb,
      requestId: change.request_id,
      madeBy: change.changed_by,
      state,
      patient,
    });
    if (change.before === null) return versions;
    patient = decodeRecord(
      change.before,
      id as NhsNumber,
      change.version - 1,
      (change.before_security ?? 'U') as Security,
    );
    state = names[(change.before_state ?? 'a') as 'a' | 's' | 'i'];
  }
  versions.push({
    version: Number(patient.meta?.versionId),
    madeAt: undefined,
    verb: undefined,
    requestId: undefined,
    madeBy: undefined,
    state,
    patient,
  });
  return versions;
}
