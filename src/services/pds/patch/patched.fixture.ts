import { Refusal } from '../../../platform/http/refusal.ts';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { extensionUrls, type Patient } from '../patient.ts';
import { applyPatches, type PatchSource } from './apply-patches.ts';

export const today = '2026-03-10';

/** A record with one of nearly everything, its periods and managing organisation older than today's rules allow. */
export function adaPatient(): Patient {
  return {
    resourceType: 'Patient',
    id: '9990000018' as NhsNumber,
    meta: { versionId: '7' },
    name: [
      { id: 'A1', use: 'usual', period: { start: '2001-02-03', end: '2019-01-01' }, given: ['Ada'], family: 'Okafor' },
      { id: 'A2', use: 'maiden', period: { start: '2001-02-03' }, given: ['Ada', 'Joy'], family: 'Bello' },
    ],
    gender: 'female',
    birthDate: '1971-05-17',
    generalPractitioner: [
      {
        id: 'G1',
        type: 'Organization',
        identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'Q90001' },
      },
    ],
    managingOrganization: { type: 'Organization', identifier: { value: 'Q90001', period: { end: '2019-01-01' } } },
    extension: [
      pharmacy('FQ001'),
      {
        url: extensionUrls.NHSCommunication,
        extension: [
          { url: 'language', valueCodeableConcept: { coding: [{ code: 'yo', display: 'Yoruba' }] } },
          { url: 'interpreterRequired', valueBoolean: true },
        ],
      },
      {
        url: extensionUrls.RemovalFromRegistration,
        extension: [{ url: 'removalFromRegistrationCode', valueCodeableConcept: { coding: [{ code: 'SCT' }] } }],
      },
    ],
    telecom: [
      { id: 'T1', period: { start: '2015-01-01' }, system: 'phone', value: '01632960001', use: 'home' },
      { id: 'T2', period: { start: '2015-01-01' }, system: 'phone', value: '07700900001', use: 'mobile' },
    ],
    contact: [
      {
        id: 'C1',
        period: { start: '2015-01-01' },
        relationship: [
          {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: 'C', display: 'Emergency Contact' },
            ],
          },
        ],
        telecom: [{ system: 'phone', value: '01632960002' }],
      },
    ],
    address: [
      {
        id: 'D1',
        period: { start: '2015-01-01' },
        use: 'home',
        line: ['Flat 2', '8 Quarry Row', 'Leeds'],
        postalCode: 'LS9 9ZZ',
      },
      { id: 'D2', period: { start: '2015-01-01' }, use: 'work', line: ['Depot'] },
    ],
  };
}

export function pharmacy(code: string) {
  return {
    url: extensionUrls.NominatedPharmacy,
    valueReference: { identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: code } },
  };
}

export function deathStatus(code: string) {
  return {
    url: extensionUrls.DeathNotificationStatus,
    extension: [{ url: 'deathNotificationStatus', valueCodeableConcept: { coding: [{ code }] } }],
  };
}

export const add = (path: string, value: unknown) => ({ op: 'add', path, value });
export const replace = (path: string, value: unknown) => ({ op: 'replace', path, value });
export const test = (path: string, value: unknown) => ({ op: 'test', path, value });
export const remove = (path: string) => ({ op: 'remove', path });

type Given = { patient?: Patient; source?: PatchSource };

/** Ada (or another) after the patches; the new objects are numbered `00000001`, `00000002` … */
export function patched(patches: unknown, { patient = adaPatient(), source = { kind: 'user' } }: Given = {}): Patient {
  let given = 0;
  const newObjectId = () => String(++given).padStart(8, '0');
  return applyPatches({ patient: frozen(patient), patches, source, today, newObjectId });
}

/** `CODE: diagnostics` of the refusal the patches meet; anything else thrown is thrown on. */
export function refusalOf(patches: unknown, given: Given = {}): string {
  try {
    patched(patches, given);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { issue } = error.body as { issue: { diagnostics: string }[] };
    return `${error.code}: ${issue[0]?.diagnostics}`;
  }
  return 'none';
}

export const invalidUpdate = (text: string) => `INVALID_UPDATE: Invalid update with error - ${text}`;
export const forbidden = (text: string) => `FORBIDDEN_UPDATE: Forbidden update with error - ${text}`;
export const invalidValue = (value: string, path: string) =>
  `INVALID_VALUE: Invalid value - '${value}' in field '${path}'`;
export const missing = (path: string) => `MISSING_VALUE: Missing value - '${path}'`;

export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) frozen(member);
    Object.freeze(value);
  }
  return value;
}
