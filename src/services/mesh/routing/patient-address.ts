import { isDate } from '../../../platform/nhs/dates.ts';
import { isNhsNumber } from '../../../platform/nhs/nhs-number.ts';

/** A recipient told by the patient: the mailbox is that of the practice. Never to be written to a log or an event. */
export type PatientAddress = {
  /** As sent, a valid number or not. */
  readonly nhsNumber: string;
  readonly isNumberValid: boolean;
  /** yyyy-mm-dd; undefined where what was sent names no day. */
  readonly bornOn: string | undefined;
  readonly familyName: string;
};

const prefix = 'GPPROVIDER_';

/** Stands as the recipient where no practice's mailbox was found: all that is kept of the address. */
export const unroutedRecipient = 'GPPROVIDER';

/** Whether `mex-to` asks for routing by patient, well written or not. */
export const isPatientAddress = (to: string): boolean => to.toUpperCase().startsWith(prefix);

/**
 * Reads `GPPROVIDER_<NHS number>_<date of birth>_<surname>`; the surname is all that follows, underscores and all. What
 * cannot be read is left empty, for the routing to refuse. Undefined where it is no such address.
 */
export function parsePatientAddress(to: string): PatientAddress | undefined {
  if (!isPatientAddress(to)) return undefined;
  const [nhsNumber = '', born = '', ...rest] = to.slice(prefix.length).split('_');
  return {
    nhsNumber,
    isNumberValid: isNhsNumber(nhsNumber),
    bornOn: parseBirthDate(born),
    familyName: rest.join('_').trim(),
  };
}

/**
 * `YYYYMMDD` as published now, `DDMMYYYY` as in older pages. For births from 1850 to 2099 no eight digits can be both:
 * a first half that is a year (1850 to 2099) would leave a month above 12 for the other reading's year.
 */
export function parseBirthDate(text: string): string | undefined {
  if (!/^[0-9]{8}$/.test(text)) return undefined;
  const yearFirst = `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
  const dayFirst = `${text.slice(4, 8)}-${text.slice(2, 4)}-${text.slice(0, 2)}`;
  return [yearFirst, dayFirst].find((day) => isDate(day) && day >= '1850' && day < '2100');
}
