import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import type { Patient } from '../patient.ts';
import { numberIdentifier, recordMeta } from '../record/constants.ts';
import type { BirthNotification } from './birth-rules.ts';
import type { NewPatient } from './create-rules.ts';

/** An id for the object at a place of a list of the record: eight upper-case hex digits. */
export type NewObjectId = (list: 'name' | 'address' | 'telecom', index: number) => string;

/** The first version of a new patient's record: unrestricted, number verified, an id on every object. */
export function newRecord(person: NewPatient, nhsNumber: NhsNumber, newObjectId: NewObjectId): Patient {
  const numbered = <One extends object>(list: 'address' | 'telecom', all: readonly One[]) =>
    all.map((one, index) => ({ id: newObjectId(list, index), ...one }));
  return {
    resourceType: 'Patient',
    id: nhsNumber,
    identifier: numberIdentifier(nhsNumber),
    meta: recordMeta(1, 'U'),
    name: [{ id: newObjectId('name', 0), ...person.name }],
    gender: person.gender,
    birthDate: person.birthDate,
    ...(person.extension.length > 0 ? { extension: [...person.extension] } : {}),
    ...(person.telecom.length > 0 ? { telecom: numbered('telecom', person.telecom) } : {}),
    address: numbered('address', person.address),
  };
}

/** The first version of a newborn's record. */
export function newBabyRecord(birth: BirthNotification, nhsNumber: NhsNumber, newObjectId: NewObjectId): Patient {
  const record = newRecord(birth.baby, nhsNumber, newObjectId);
  if (birth.birthOrder !== undefined) record.multipleBirthInteger = birth.birthOrder;
  if (birth.deceasedDateTime !== undefined) record.deceasedDateTime = birth.deceasedDateTime;
  return record;
}
