import { requestKeyOf } from '../update-patient.ts';
import type { NewPatient } from './create-rules.ts';
import { newRecord } from './new-record.ts';
import {
  objectIdsOf,
  onePerson,
  personKey,
  type Registered,
  type RegistrationCommand,
  type RegistrationDeps,
  refuseDuplicates,
  register,
} from './register.ts';

/**
 * Creates a patient's record, allocating an NHS number; the record as stored (`viewPatient` makes it what a caller is
 * shown). Throws SINGLE_MATCH or MULTIPLE_MATCHES (HTTP 200) when the person has a record already.
 */
export async function registerPatient(
  deps: RegistrationDeps,
  command: RegistrationCommand & { readonly person: NewPatient },
): Promise<Registered> {
  const { person, now, requestId, changedBy } = command;
  const key = personKey(person);
  const claim = onePerson(key, now);
  return register(deps, command, {
    verb: 'create',
    eventKind: 'pds.patient-created',
    requestKey: requestKeyOf(['create', changedBy.app, requestId, JSON.stringify(person)]),
    refuseRegistered: () => refuseDuplicates(deps, person, key),
    record: (nhsNumber) => newRecord(person, nhsNumber, objectIdsOf(nhsNumber)),
    alongside: (nhsNumber) => [claim(nhsNumber)],
    eventBody: { registeringAuthority: person.registeringAuthority },
  });
}
