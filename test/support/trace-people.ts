import { checkDigit, type NhsNumber } from '../../src/platform/nhs/nhs-number.ts';
import type { Former, Patient, Security, StoredPatient } from '../../src/services/pds/patient.ts';

/** What a made-up record says; everything else is left out of it. */
export type Sketch = {
  family?: string;
  given?: string[];
  names?: Patient['name'];
  gender?: string;
  born?: string;
  died?: string;
  postcodes?: string[];
  phone?: string;
  email?: string;
  contactPhone?: string;
  practice?: string;
  security?: Security;
  state?: StoredPatient['state'];
  former?: Former;
};

/** The n-th NHS number of those set aside for tests (999…). */
export function testNumber(n: number): NhsNumber {
  for (let nine = 999_000_000 + n * 2; ; nine++) {
    const digit = checkDigit(String(nine));
    if (digit !== undefined) return `${nine}${digit}` as NhsNumber;
  }
}

/** A stored record of the sketch, under the n-th test number. */
export function person(n: number, sketch: Sketch): StoredPatient {
  const { family, given, names, gender, born, died, postcodes = [], phone, email, contactPhone, practice } = sketch;
  const telecom = [
    ...(phone === undefined ? [] : [{ system: 'phone', use: 'mobile', value: phone }]),
    ...(email === undefined ? [] : [{ system: 'email', use: 'home', value: email }]),
  ];
  const usual = {
    use: 'usual',
    ...(family === undefined ? {} : { family }),
    ...(given === undefined ? {} : { given }),
  };
  const nhsNumber = testNumber(n);
  return {
    nhsNumber,
    version: 1,
    state: sketch.state ?? 'active',
    security: sketch.security ?? 'U',
    survivor: undefined,
    former: sketch.former,
    patient: {
      resourceType: 'Patient',
      id: nhsNumber,
      name: names ?? [usual],
      ...(gender === undefined ? {} : { gender }),
      ...(born === undefined ? {} : { birthDate: born }),
      ...(died === undefined ? {} : { deceasedDateTime: `${died}T00:00:00+00:00` }),
      address: postcodes.map((postalCode, i) => ({ use: i === 0 ? 'home' : 'temp', postalCode })),
      telecom,
      ...(contactPhone === undefined ? {} : { contact: [{ telecom: [{ system: 'phone', value: contactPhone }] }] }),
      ...(practice === undefined ? {} : { generalPractitioner: [{ identifier: { value: practice } }] }),
    },
  };
}
