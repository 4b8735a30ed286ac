import { isNhsNumber } from '../../platform/nhs/nhs-number.ts';
import { pdsErrors, refuse } from './errors.ts';
import type { Security } from './patient.ts';
import type { PatientRow } from './queries.ts';
import { renderRecord } from './record/render-record.ts';
import { type LoadedPatient, type PatientRecords, recordOf } from './records.ts';
import { type Viewer, viewPatient } from './view.ts';

/** A record as one viewer sees it, ready to be sent. */
export type SeenPatient = { readonly nhsNumber: string; readonly version: number; readonly json: string };

/**
 * The patient with this number, as the viewer sees them. A superseded number answers the retained record. Throws the
 * published refusals for a number that is not valid, not held, or invalidated (contract, section 4).
 */
export async function retrievePatient(records: PatientRecords, id: string, viewer: Viewer): Promise<SeenPatient> {
  const row = await heldRow(records, id);
  if (isPlain(row, viewer)) {
    return {
      nhsNumber: row.nhs_number,
      version: row.version,
      json: renderRecord(row.record, row.nhs_number as never, row.version, row.security as Security),
    };
  }
  const stored = recordOf(row);
  return { nhsNumber: stored.nhsNumber, version: stored.version, json: JSON.stringify(viewPatient(stored, viewer)) };
}

/** The record that answers for a number, superseded ones followed to what they were merged into. */
export async function retainedRecord(records: PatientRecords, id: string): Promise<LoadedPatient> {
  return recordOf(await heldRow(records, id));
}

async function heldRow(records: PatientRecords, id: string): Promise<PatientRow> {
  if (!isNhsNumber(id)) throw refuse(pdsErrors.invalidResourceId);
  let row = await records.row(id);
  // a merge into a record that was itself merged later is followed; more than a few steps would be a loop
  for (let step = 0; row?.state === 's' && row.survivor !== null && step < 10; step++)
    row = await records.row(row.survivor);
  if (!row) throw refuse(pdsErrors.notFound);
  if (row.state !== 'a') throw refuse(pdsErrors.invalidated);
  return row;
}

/** True when nothing of the record could be hidden from this viewer, so that it is sent as it is stored. */
function isPlain(row: PatientRow, viewer: Viewer): boolean {
  return row.security === 'U' && !viewer.seesEmptyLines && !mayHide(row.record);
}

/** Parts that views treat (removal reasons, anything kept as JSON) and blank address lines, in the stored text. */
const treated = /(?:^|\|)[Zea*]|~ *[~|^]|\^ *~|~ *$/;

function mayHide(record: string): boolean {
  return treated.test(record);
}
