import { createHash, randomBytes } from 'node:crypto';
import type { AuditNote } from '../../platform/audit/entry.ts';
import type { Queryable } from '../../platform/db/database.ts';
import { sameJson } from '../../platform/fhir/same-json.ts';
import { dayOf } from '../../platform/nhs/dates.ts';
import { isNhsNumber } from '../../platform/nhs/nhs-number.ts';
import { pdsErrors, refuse } from './errors.ts';
import { addFormer } from './former.ts';
import { restoreHidden } from './hidden-parts.ts';
import { applyPatches, type PatchSource } from './patch/apply-patches.ts';
import type { Patient, StoredPatient } from './patient.ts';
import { selectBefore } from './queries.ts';
import { type ChangedBy, type PatientRecords, recordOf } from './records.ts';
import { ordinaryViewer, type Viewer, viewPatient } from './view.ts';

export type UpdateCommand = {
  readonly id: string;
  /** The `If-Match` header as sent. */
  readonly ifMatch: string | undefined;
  readonly isJsonPatch: boolean;
  readonly requestId: string | undefined;
  /** Parses the body, anything; called when the checks before it are passed. */
  readonly body: () => unknown;
  readonly source: PatchSource;
  readonly viewer: Viewer;
  readonly changedBy: ChangedBy;
  readonly now: number;
  /** The audit note of the update, should it happen. */
  readonly auditNote: AuditNote;
};

/** The record after the update, as the viewer sees it. */
export type UpdatedPatient = {
  readonly patient: Patient;
  readonly version: number;
  /** Nothing was written: an earlier request was repeated. */
  readonly isRepetition: boolean;
};

/** Eight upper-case hex digits, as PDS numbers the objects of a record. */
export function newObjectId(): string {
  return randomBytes(4).toString('hex').toUpperCase();
}

/** What makes two requests the same: who sent it, its id, what it asks. */
export function requestKeyOf(parts: readonly (string | undefined)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 32);
}

/**
 * Updates a record by JSON Patch, all or nothing (contract, section 6): the published checks in their order, then one
 * transaction. A repetition of a request that was carried out answers what it answered.
 */
export async function updatePatient(
  deps: { records: PatientRecords; db: Queryable; missingRequestId: () => Error },
  command: UpdateCommand,
): Promise<UpdatedPatient> {
  const { id, now } = command;
  if (!isNhsNumber(id)) throw refuse(pdsErrors.invalidResourceId);
  const expected = versionIn(command.ifMatch);
  if (!command.isJsonPatch) throw refuse(pdsErrors.unsupportedService);
  if (command.requestId === undefined) throw deps.missingRequestId();
  const before = await deps.records.find(id);
  if (!before) throw refuse(pdsErrors.notFound);
  if (before.state === 'superseded') {
    throw refuse(
      pdsErrors.forbiddenUpdate,
      'Forbidden update with error - Update Failed - NHS No. supplied has been superseded in a merge',
    );
  }
  if (before.state === 'invalidated') throw refuse(pdsErrors.invalidated);
  const patches = patchesIn(command.body());
  const requestKey = requestKeyOf([
    'update',
    command.changedBy.app,
    command.requestId,
    id,
    command.ifMatch,
    JSON.stringify(patches),
  ]);
  if (before.version !== expected) return repeated(deps, command, expected, requestKey);

  const visible = viewPatient(before, { ...ordinaryViewer, seesConsent: command.viewer.seesConsent });
  const patched = applyPatches({ patient: visible, patches, source: command.source, today: dayOf(now), newObjectId });
  const version = before.version + 1;
  const after: StoredPatient = {
    ...before,
    version,
    patient: withVersion(restoreHidden(before, visible, patched), version),
    former: addFormer(before, visible, patched),
  };
  const outcome = await deps.records.change({
    before,
    after,
    verb: 'update',
    requestId: command.requestId,
    requestKey,
    changedBy: command.changedBy,
    at: now,
    events: [
      {
        subject: id,
        kind: 'pds.patient-updated',
        happenedAt: now,
        body: { version, members: changedMembers(visible, patched) },
      },
    ],
    audit: [command.auditNote],
  });
  if (outcome === 'conflict') return repeated(deps, command, expected, requestKey);
  return { patient: viewPatient(after, command.viewer), version, isRepetition: false };
}

/** The version an `If-Match` of the form `W/"<digits>"` names (412 otherwise). */
export function versionIn(ifMatch: string | undefined): number {
  const match = /^W\/"([0-9]{1,9})"$/.exec(ifMatch ?? '');
  if (!match) {
    throw refuse(
      pdsErrors.preconditionFailed,
      'Invalid request with error - If-Match header must be supplied to update this resource',
    );
  }
  return Number(match[1]);
}

function patchesIn(body: unknown): unknown {
  const patches = typeof body === 'object' && body !== null ? (body as { patches?: unknown }).patches : undefined;
  if (patches === undefined || patches === null || (Array.isArray(patches) && patches.length === 0)) {
    throw refuse(pdsErrors.invalidUpdate, 'Invalid update with error - No patches found');
  }
  return patches;
}

/** Another version is there: either this very request made the next one, or somebody else did (409). */
async function repeated(
  deps: { records: PatientRecords; db: Queryable },
  command: UpdateCommand,
  expected: number,
  requestKey: string,
): Promise<UpdatedPatient> {
  const version = expected + 1;
  const made = await selectBefore(deps.db, command.id, version);
  const current = await deps.records.find(command.id);
  if (!current || made?.request_key !== requestKey) throw refuse(pdsErrors.versionMismatch);
  if (current.version === version)
    return { patient: viewPatient(current, command.viewer), version, isRepetition: true };
  const next = await selectBefore(deps.db, command.id, version + 1);
  if (!next?.before) throw refuse(pdsErrors.versionMismatch);
  const then = recordOf({
    ...current.row,
    version,
    record: next.before,
    former: next.before_former,
    state: next.before_state ?? 'a',
    security: next.before_security ?? 'U',
  });
  return { patient: viewPatient(then, command.viewer), version, isRepetition: true };
}

/** The record with this version, its confidentiality as it was. */
export function withVersion(patient: Patient, version: number): Patient {
  return { ...patient, meta: { ...patient.meta, versionId: String(version) } };
}

function changedMembers(before: Patient, after: Patient): string[] {
  const members = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...members].filter((member) => !sameJson(before[member as keyof Patient], after[member as keyof Patient]));
}
