import type { Extension, FhirPatient, Period } from '../../platform/fhir/types.ts';
import type { NhsNumber } from '../../platform/nhs/nhs-number.ts';
import { extensionUrls, odsSystem, type Patient, type Security } from '../../services/pds/patient.ts';
import { concept, deathDisplays, numberIdentifier, recordMeta, systems } from '../../services/pds/record/constants.ts';

/** A piece of a record; lists of several pieces are put together in order. */
export type Part = Partial<FhirPatient>;

type Lists = 'name' | 'generalPractitioner' | 'extension' | 'telecom' | 'contact' | 'address';
const lists: readonly Lists[] = ['name', 'generalPractitioner', 'extension', 'telecom', 'contact', 'address'];

/** A whole record: number, version, and its pieces. */
export function record(nhsNumber: string, version: number, security: Security, ...parts: Part[]): Patient {
  const patient: Patient = {
    resourceType: 'Patient',
    id: nhsNumber as NhsNumber,
    identifier: numberIdentifier(nhsNumber),
    meta: recordMeta(version, security),
  };
  for (const part of parts) {
    Object.assign(
      patient,
      Object.fromEntries(Object.entries(part).filter(([member]) => !lists.includes(member as Lists))),
    );
    for (const list of lists) {
      if (part[list] !== undefined) Object.assign(patient, { [list]: [...(patient[list] ?? []), ...part[list]] });
    }
  }
  return patient;
}

/** `2020-01-01` has begun, `2020-01-01/2021-12-31` has ended too (ISO 8601 interval). */
export function period(interval: string): Period {
  const [start, end] = interval.split('/') as [string, string?];
  return end === undefined ? { start } : { start, end };
}

export const born = (gender: 'male' | 'female' | 'other' | 'unknown', birthDate: string): Part => ({
  gender,
  birthDate,
});

/** `names`: `Sam Matt|Smith`, given names by blanks; a compound one has `_` for its blank. */
export function name(
  id: string,
  interval: string,
  names: string,
  more: { prefix?: string; suffix?: string[]; use?: string } = {},
): Part {
  const [given, family] = names.split('|') as [string, string];
  return {
    name: [
      {
        id,
        use: more.use ?? 'usual',
        period: period(interval),
        given: given.split(' ').map((one) => one.replace('_', ' ')),
        family,
        ...(more.prefix === undefined ? {} : { prefix: [more.prefix] }),
        ...(more.suffix === undefined ? {} : { suffix: more.suffix }),
      },
    ],
  };
}

/** `lines`: separated by `/`. */
export function address(
  id: string,
  interval: string,
  lines: string,
  postalCode?: string,
  more: { paf?: string; uprn?: string; use?: string; text?: string } = {},
): Part {
  const keys = [
    ...(more.paf === undefined ? [] : [addressKey('PAF', more.paf)]),
    ...(more.uprn === undefined ? [] : [addressKey('UPRN', more.uprn)]),
  ];
  return {
    address: [
      {
        id,
        period: period(interval),
        use: more.use ?? 'home',
        ...(more.text === undefined ? {} : { text: more.text }),
        line: lines.split('/'),
        ...(postalCode === undefined ? {} : { postalCode }),
        ...(keys.length === 0 ? {} : { extension: keys }),
      },
    ],
  };
}

export function addressKey(type: 'PAF' | 'UPRN', value: string): Extension {
  return {
    url: extensionUrls.AddressKey,
    extension: [
      { url: 'type', valueCoding: { system: systems.addressKeyType, code: type } },
      { url: 'value', valueString: value },
    ],
  };
}

export function telecom(id: string, interval: string, system: string, use: string, value: string): Part {
  return { telecom: [{ id, period: period(interval), system, value, use }] };
}

export const email = (id: string, interval: string, value: string): Part =>
  telecom(id, interval, 'email', 'home', value);
export const phone = (id: string, interval: string, value: string): Part =>
  telecom(id, interval, 'phone', 'home', value);

export function textphone(id: string, interval: string, value: string): Part {
  const valueCoding = { system: systems.otherContact, code: 'textphone', display: 'Minicom (Textphone)' };
  const extension = [{ url: extensionUrls.OtherContactSystem, valueCoding }];
  return { telecom: [{ id, period: period(interval), system: 'other', value, use: 'home', extension }] };
}

export function emergencyContact(id: string, interval: string, value: string): Part {
  const relationship = [concept({ system: systems.relationship, code: 'C', display: 'Emergency Contact' })];
  return { contact: [{ id, period: period(interval), relationship, telecom: [{ system: 'phone', value }] }] };
}

export function practice(id: string, interval: string, value: string): Part {
  const identifier = { system: odsSystem, value, period: period(interval) };
  return { generalPractitioner: [{ id, type: 'Organization', identifier }] };
}

export function managedBy(interval: string, value: string): Part {
  const identifier = { system: odsSystem, value, period: period(interval) };
  return { managingOrganization: { type: 'Organization', identifier } };
}

/** The kinds of extension that name an organisation. */
export function supplier(
  kind: 'NominatedPharmacy' | 'PreferredDispenserOrganization' | 'MedicalApplianceSupplier',
  value: string,
): Part {
  return { extension: [{ url: extensionUrls[kind], valueReference: { identifier: { system: odsSystem, value } } }] };
}

const midnight = (day: string): string => (day.includes('T') ? day : `${day}T00:00:00+00:00`);

/** Dead since `day`, known formally (2) or informally (1) since `notified`. */
export function died(day: string, status: '1' | '2', notified: string): Part {
  const coding = { system: systems.deathNotification, version: '1.0.0', code: status, display: deathDisplays[status]! };
  return {
    deceasedDateTime: midnight(day),
    extension: [
      {
        url: extensionUrls.DeathNotificationStatus,
        extension: [
          { url: 'deathNotificationStatus', valueCodeableConcept: concept(coding) },
          { url: 'systemEffectiveDate', valueDateTime: midnight(notified) },
        ],
      },
    ],
  };
}

/** Speaks French and needs an interpreter. */
export function frenchWithInterpreter(): Extension {
  return {
    url: extensionUrls.NHSCommunication,
    extension: [
      {
        url: 'language',
        valueCodeableConcept: concept({ system: systems.language, version: '1.0.0', code: 'fr', display: 'French' }),
      },
      { url: 'interpreterRequired', valueBoolean: true },
    ],
  };
}

/** Wants letters in Braille, not after seven in the evening. */
export function brailleLetters(): Extension {
  return {
    url: extensionUrls.ContactPreference,
    extension: [
      {
        url: 'PreferredWrittenCommunicationFormat',
        valueCodeableConcept: concept({ system: systems.writtenFormat, code: '12', display: 'Braille' }),
      },
      {
        url: 'PreferredContactMethod',
        valueCodeableConcept: concept({ system: systems.contactMethod, code: '1', display: 'Letter' }),
      },
      { url: 'PreferredContactTimes', valueString: 'Not after 7pm' },
    ],
  };
}

export function bornIn(city: string, district: string, country: string): Part {
  return { extension: [{ url: extensionUrls.birthPlace, valueAddress: { city, district, country } }] };
}

export function removed(code: string, display: string, interval: string): Part {
  const { start, end } = period(interval);
  const valuePeriod = { start: midnight(start!), ...(end === undefined ? {} : { end: midnight(end) }) };
  return {
    extension: [
      {
        url: extensionUrls.RemovalFromRegistration,
        extension: [
          {
            url: 'removalFromRegistrationCode',
            valueCodeableConcept: concept({ system: systems.removal, code, display }),
          },
          { url: 'effectiveTime', valuePeriod },
        ],
      },
    ],
  };
}
