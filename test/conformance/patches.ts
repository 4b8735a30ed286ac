// biome-ignore lint/suspicious/noExplicitAny: records as they are published
type Json = any;

type Outcome =
  | { readonly changes: (before: Json) => Json }
  | { readonly refusal: { readonly status: number; readonly code: string; readonly diagnostics?: string } };

/** Published general-purpose record: home address 456, name 123, pharmacies, formal death. */
const general = '9000000009';
/** A living person with a home address. */
const living = '9732110317';

const added = (list: string, object: Json) => ({
  changes: (before: Json) => ({ ...before, [list]: [...(before[list] ?? []), object] }),
});
const ods = 'https://fhir.nhs.uk/Id/ods-organization-code';
const pharmacyUrl = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NominatedPharmacy';
const today = '2026-02-01';

/** For each published update the record it is meant for, and what becomes of it by the rules of the contract. */
export const patches: Readonly<Record<string, { readonly on: string; readonly outcome: Outcome }>> = {
  'add-deceased-date-time': { on: living, outcome: { refusal: { status: 400, code: 'INVALID_UPDATE' } } },
  // a pharmacy is a code; the period sent with it is no part of its published shape
  'add-extension': {
    on: living,
    outcome: added('extension', {
      url: pharmacyUrl,
      valueReference: { identifier: { system: ods, value: 'Y12345' } },
    }),
  },
  'add-name': {
    on: general,
    outcome: added('name', {
      use: 'old',
      period: { start: '2019-12-31' },
      prefix: ['Dr'],
      given: ['Joe', 'Horation', 'Maximus'],
      family: 'Bloggs',
      suffix: ['PhD'],
    }),
  },
  'add-patch-address-update': {
    on: living,
    outcome: {
      changes: (before) => ({
        ...before,
        address: [
          {
            period: { start: '2024-01-12' },
            use: 'home',
            postalCode: 'LS1 4BT',
            line: ['42 Wellington Street', 'Leeds'],
          },
        ],
      }),
    },
  },
  'add-patch-deceased-date-time': {
    on: living,
    outcome: {
      changes: (before) => ({
        ...before,
        deceasedDateTime: '2020-01-01T00:00:00+00:00',
        extension: [
          ...(before.extension ?? []),
          {
            url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus',
            extension: [
              {
                url: 'deathNotificationStatus',
                valueCodeableConcept: {
                  coding: [
                    {
                      system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus',
                      version: '1.0.0',
                      code: '1',
                      display:
                        'Informal - death notice received via an update from a local NHS Organisation such as GP or Trust',
                    },
                  ],
                },
              },
              { url: 'systemEffectiveDate', valueDateTime: `${today}T00:00:00+00:00` },
            ],
          },
        ],
      }),
    },
  },
  'add-patch-emergency-contact': {
    on: living,
    outcome: added('contact', {
      period: { start: '2024-09-04' },
      relationship: [
        {
          coding: [
            { code: 'C', display: 'Emergency Contact', system: 'http://terminology.hl7.org/CodeSystem/v2-0131' },
          ],
        },
      ],
      telecom: [{ system: 'phone', value: '07788548987' }],
    }),
  },
  'add-patch-nominated-pharmacy': {
    on: living,
    outcome: added('extension', {
      url: pharmacyUrl,
      valueReference: { identifier: { system: ods, value: 'FWC87' } },
    }),
  },
  'add-patch-place-of-birth': {
    on: living,
    outcome: added('extension', {
      url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
      valueAddress: { city: 'Manchester', district: 'Greater Manchester', country: 'GBR' },
    }),
  },
  'delete-extension': {
    on: general,
    outcome: { changes: (before) => ({ ...before, extension: before.extension.toSpliced(1, 1) }) },
  },
  'delete-gender': {
    on: general,
    outcome: {
      refusal: {
        status: 403,
        code: 'FORBIDDEN_UPDATE',
        diagnostics: "Forbidden update with error - source not permitted to remove 'gender'",
      },
    },
  },
  // tests for a suffix that the published record of this patient has not
  'delete-name-alternative': { on: general, outcome: { refusal: { status: 400, code: 'INVALID_UPDATE' } } },
  'delete-name': {
    on: general,
    outcome: {
      refusal: {
        status: 403,
        code: 'FORBIDDEN_UPDATE',
        diagnostics: 'Forbidden update with error - not permitted to remove usual name',
      },
    },
  },
  'update-address-alternative': {
    on: general,
    outcome: {
      changes: (before) => ({
        ...before,
        address: [
          {
            ...before.address[0],
            line: ['2 Whitehall Quay', 'Leeds', 'West Yorkshire'],
            postalCode: 'LS1 4BU',
            extension: [
              {
                url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AddressKey',
                extension: [
                  {
                    url: 'type',
                    valueCoding: { system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-AddressKeyType', code: 'PAF' },
                  },
                  { url: 'value', valueString: '9876543' },
                ],
              },
            ],
          },
          before.address[1],
        ],
      }),
    },
  },
  'update-address': {
    on: general,
    outcome: {
      changes: (before) => ({
        ...before,
        address: [
          {
            ...before.address[0],
            line: before.address[0].line.with(0, '2 Whitehall Quay'),
            postalCode: 'LS1 4BU',
          },
          before.address[1],
        ],
      }),
    },
  },
  // a formal death notification is not replaced
  'update-extension': { on: general, outcome: { refusal: { status: 400, code: 'INVALID_UPDATE' } } },
  'update-gender': { on: general, outcome: { changes: (before) => ({ ...before, gender: 'male' }) } },
};
