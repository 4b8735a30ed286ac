/** Columns of a request of SPINE_PDS_MESH_V1 (contract, data/pds-mesh.json). */
export const requestColumns = [
  'UNIQUE REFERENCE',
  'NHS_NO',
  'FAMILY_NAME',
  'GIVEN_NAME',
  'OTHER_GIVEN_NAME',
  'GENDER',
  'DATE_OF_BIRTH',
  'POSTCODE',
  'DATE_OF_DEATH',
  'ADDRESS_LINE1',
  'ADDRESS_LINE2',
  'ADDRESS_LINE3',
  'ADDRESS_LINE4',
  'ADDRESS_LINE5',
  'ADDRESS_DATE',
  'GP_PRACTICE_CODE',
  'GP_REGISTRATION_DATE',
  'NHAIS_POSTING_ID',
  'AS_AT_DATE',
  'LOCAL_PATIENT_ID',
  'INTERNAL_ID',
  'TELEPHONE_NUMBER',
  'MOBILE_NUMBER',
  'EMAIL_ADDRESS',
] as const;

/** Columns of the answer, in their order. */
export const responseColumns = [
  'UNIQUE REFERENCE',
  'REQ_NHS_NUMBER',
  'FAMILY_NAME',
  'GIVEN_NAME',
  'OTHER_GIVEN_NAME',
  'GENDER',
  'DATE_OF_BIRTH',
  'DATE_OF_DEATH',
  'ADDRESS_LINE1',
  'ADDRESS_LINE2',
  'ADDRESS_LINE3',
  'ADDRESS_LINE4',
  'ADDRESS_LINE5',
  'POSTCODE',
  'GP_PRACTICE_CODE',
  'GP_REGISTRATION_DATE',
  'NHAIS_POSTING_ID',
  'AS_AT_DATE',
  'LOCAL_PATIENT_ID',
  'INTERNAL_ID',
  'TELEPHONE_NUMBER',
  'MOBILE_NUMBER',
  'EMAIL_ADDRESS',
  'SENSITIVITY_FLAG',
  'MPS_ID',
  'ERROR/SUCCESS_CODE',
  'MATCHED_NHS_NO',
  'MATCHED_ALGORITHM_INDICATOR',
  'MATCHED_CONFIDENCE_PERCENTAGE',
] as const;
export type ResponseColumn = (typeof responseColumns)[number];

type RequestColumn = (typeof requestColumns)[number];

/** A record of a request by column; columns that the file doesn't have are empty. */
export type RequestRecord = Readonly<Record<RequestColumn, string>> & {
  /** It has as many fields as the header row: otherwise a field may stand in another's place. */
  readonly isWhole: boolean;
};

/**
 * Reads the header row: names in any order and case, blanks around them ignored. What is wrong with it, or how records
 * are read by it.
 */
export function readHeader(fields: readonly string[]): ((record: readonly string[]) => RequestRecord) | string {
  const names = fields.map((one) =>
    one
      .trim()
      .toUpperCase()
      .replace(/^UNIQUE_REFERENCE$/, 'UNIQUE REFERENCE'),
  );
  if (!names.includes('UNIQUE REFERENCE')) return 'the header row has no UNIQUE REFERENCE';
  const unknown = names.findIndex((name) => !(requestColumns as readonly string[]).includes(name));
  if (unknown >= 0) return `column ${unknown + 1} of the header row is none of the published ones`;
  if (new Set(names).size !== names.length) return 'the header row has a column twice';
  const places = requestColumns.map((column) => [column, names.indexOf(column)] as const);
  return (record) =>
    ({
      ...Object.fromEntries(places.map(([column, place]) => [column, place < 0 ? '' : (record[place] ?? '').trim()])),
      isWhole: record.length === names.length,
    }) as RequestRecord;
}

/** `RESP_<request name>_<yyyyMMddHHmmss>.csv`; the request's name without its ending, and without anything odd. */
export function responseFileName(requestName: string, at: number): string {
  const plain = requestName
    .replace(/\.(csv|dat|txt)$/i, '')
    .replace(/[^A-Za-z0-9_.-]/g, '_')
    .slice(0, 200);
  return `RESP_${plain}_${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}.csv`;
}
