import { isDate } from '../../../platform/nhs/dates.ts';
import { isNhsNumber } from '../../../platform/nhs/nhs-number.ts';
import type { Traced, TracedPatient, TraceRequest } from '../../pds/index.ts';
import { type RequestRecord, type ResponseColumn, requestColumns, responseColumns } from './columns.ts';

/**
 * ERROR/SUCCESS_CODE. Only the column is published, so the values are ours: matched; nobody; several; too little to
 * trace by; a field that cannot be read; no UNIQUE REFERENCE.
 */
export const traceCodes = {
  matched: '00',
  nobody: '91',
  several: '92',
  tooLittle: '93',
  unreadable: '94',
  noReference: '95',
} as const;
export type TraceCode = (typeof traceCodes)[keyof typeof traceCodes];

/** MATCHED_NHS_NO where there is no one match: nobody, or several (ours). */
const nobodysNumber = '0000000000';
const severalNumber = '9999999999';

/** MATCHED_ALGORITHM_INDICATOR: none, cross check, alphanumeric (ours). */
const algorithms = { 'cross-check': '1', alphanumeric: '3' } as const;

const genders = { '0': 'unknown', '1': 'male', '2': 'female', '9': 'other' } as const;
const genderCodes = { unknown: '0', male: '1', female: '2', other: '9' } as const;

const dateColumns = ['DATE_OF_BIRTH', 'DATE_OF_DEATH', 'ADDRESS_DATE', 'GP_REGISTRATION_DATE', 'AS_AT_DATE'] as const;

/** `YYYYMMDD` as yyyy-mm-dd; undefined where it is no day. */
function dayOfField(text: string): string | undefined {
  if (!/^[0-9]{8}$/.test(text)) return undefined;
  const day = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`;
  return isDate(day) && day >= '0001' ? day : undefined;
}

/**
 * What to ask PDS for a record: needs a birth date and either a valid NHS number, or a family name and gender. Otherwise
 * the code that says why not.
 */
export function requestOf(record: RequestRecord): TraceRequest | TraceCode {
  if (record['UNIQUE REFERENCE'] === '') return traceCodes.noReference;
  if (!record.isWhole) return traceCodes.unreadable;
  if (dateColumns.some((column) => record[column] !== '' && dayOfField(record[column]) === undefined))
    return traceCodes.unreadable;
  if (record.GENDER !== '' && !Object.hasOwn(genders, record.GENDER)) return traceCodes.unreadable;
  const number = record.NHS_NO.replaceAll(' ', '');
  if (number !== '' && !/^[0-9]{10}$/.test(number)) return traceCodes.unreadable;
  if (requestColumns.some((column) => /\p{Cc}/u.test(record[column]))) return traceCodes.unreadable;
  const bornOn = dayOfField(record.DATE_OF_BIRTH);
  const nhsNumber = isNhsNumber(number) ? number : undefined;
  const gender = record.GENDER === '' ? undefined : genders[record.GENDER as keyof typeof genders];
  const isNamed = record.FAMILY_NAME !== '' && gender !== undefined;
  if (bornOn === undefined || (nhsNumber === undefined && !isNamed)) return traceCodes.tooLittle;
  return {
    nhsNumber,
    bornOn,
    familyName: record.FAMILY_NAME === '' ? undefined : record.FAMILY_NAME,
    givenName: record.GIVEN_NAME === '' ? undefined : record.GIVEN_NAME,
    gender,
    postcode: record.POSTCODE === '' ? undefined : record.POSTCODE,
  };
}

/** The answer's fields, in the order of `responseColumns`. */
export function answerOf(record: RequestRecord, traced: Traced | TraceCode): readonly string[] {
  const own: Partial<Record<ResponseColumn, string>> = {
    'UNIQUE REFERENCE': record['UNIQUE REFERENCE'],
    REQ_NHS_NUMBER: record.NHS_NO,
    AS_AT_DATE: record.AS_AT_DATE,
    LOCAL_PATIENT_ID: record.LOCAL_PATIENT_ID,
    INTERNAL_ID: record.INTERNAL_ID,
  };
  const found = outcomeFields(traced);
  return responseColumns.map((column) => found[column] ?? own[column] ?? '');
}

function outcomeFields(traced: Traced | TraceCode): Partial<Record<ResponseColumn, string>> {
  if (typeof traced === 'string') return failed(traced, nobodysNumber);
  if (traced.outcome !== 'found')
    return traced.outcome === 'none'
      ? failed(traceCodes.nobody, nobodysNumber)
      : failed(traceCodes.several, severalNumber);
  return {
    ...demographics(traced.patient),
    'ERROR/SUCCESS_CODE': traceCodes.matched,
    MATCHED_NHS_NO: traced.patient.nhsNumber,
    MATCHED_ALGORITHM_INDICATOR: algorithms[traced.by],
    MATCHED_CONFIDENCE_PERCENTAGE: '100',
  };
}

const failed = (code: TraceCode, number: string): Partial<Record<ResponseColumn, string>> => ({
  'ERROR/SUCCESS_CODE': code,
  MATCHED_NHS_NO: number,
  MATCHED_ALGORITHM_INDICATOR: '0',
  MATCHED_CONFIDENCE_PERCENTAGE: '0',
});

const compact = (day: string): string => day.replaceAll('-', '');

function demographics(patient: TracedPatient): Partial<Record<ResponseColumn, string>> {
  const [line1, line2, line3, line4, line5] = patient.addressLines;
  return {
    FAMILY_NAME: patient.familyName,
    GIVEN_NAME: patient.givenName,
    OTHER_GIVEN_NAME: patient.otherGivenNames,
    GENDER: patient.gender === undefined ? '' : genderCodes[patient.gender],
    DATE_OF_BIRTH: compact(patient.bornOn),
    DATE_OF_DEATH: compact(patient.diedOn),
    ADDRESS_LINE1: line1 ?? '',
    ADDRESS_LINE2: line2 ?? '',
    ADDRESS_LINE3: line3 ?? '',
    ADDRESS_LINE4: line4 ?? '',
    ADDRESS_LINE5: line5 ?? '',
    POSTCODE: patient.postcode,
    GP_PRACTICE_CODE: patient.practice,
    GP_REGISTRATION_DATE: compact(patient.registeredOn),
    TELEPHONE_NUMBER: patient.telephone,
    MOBILE_NUMBER: patient.mobile,
    EMAIL_ADDRESS: patient.email,
    SENSITIVITY_FLAG: patient.isRestricted ? 'S' : '',
  };
}
