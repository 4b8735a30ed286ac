import { checkDigit } from '../../src/platform/nhs/nhs-number.ts';
import type { PdsAnswer, SpineUnderTest } from './spine.ts';

// biome-ignore lint/suspicious/noExplicitAny: records as tests shape them
export type Json = any;

const ukCore = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-';
export const urls = {
  pharmacy: `${ukCore}NominatedPharmacy`,
  birthPlace: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
  removal: 'https://fhir.nhs.uk/StructureDefinition/Extension-PDS-RemovalFromRegistration',
  consent: 'https://hl7.org/fhir/R4/consent.html',
  ethnicity: `${ukCore}EthnicCategory`,
  communication: `${ukCore}NHSCommunication`,
  death: `${ukCore}DeathNotificationStatus`,
} as const;

/** A valid NHS number for each name, from the first that begins with these nine digits or more. */
export function nhsNumbers<Name extends string>(fromNineDigits: number, ...names: Name[]): Record<Name, string> {
  let nine = fromNineDigits - 1;
  const next = () => {
    do nine++;
    while (checkDigit(String(nine)) === undefined);
    return `${nine}${checkDigit(String(nine))}`;
  };
  return Object.fromEntries(names.map((name) => [name, next()])) as Record<Name, string>;
}

const confidentiality = { U: 'unrestricted', R: 'restricted', V: 'very restricted' } as const;

/** A record with something in every part that confidentiality hides; `change` alters it. */
export function person(
  number: string,
  { security = 'U', change = () => {} }: { security?: 'U' | 'R' | 'V'; change?: (record: Json) => void } = {},
): Json {
  const record = {
    resourceType: 'Patient',
    id: number,
    identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: number }],
    meta: {
      versionId: '3',
      security: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
          code: security,
          display: confidentiality[security],
        },
      ],
    },
    name: [
      {
        id: 'AA000001',
        use: 'usual',
        period: { start: '1984-03-09' },
        given: ['Marigold'],
        family: 'Osgathorpe',
        prefix: ['Ms'],
      },
    ],
    gender: 'female',
    birthDate: '1984-03-09',
    address: [
      {
        id: 'BB000001',
        use: 'home',
        period: { start: '2011-05-20' },
        line: ['', '12 Weir Walk', '', 'Thornby', ''],
        postalCode: 'NN6 8SW',
      },
    ],
    telecom: [
      { id: 'CC000001', use: 'mobile', system: 'phone', value: '07700900461', period: { start: '2015-01-01' } },
    ],
    contact: [
      {
        id: 'DD000001',
        period: { start: '2015-01-01' },
        relationship: [
          {
            coding: [
              { system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: 'C', display: 'Emergency Contact' },
            ],
          },
        ],
        telecom: [{ system: 'phone', value: '01632960222' }],
      },
    ],
    generalPractitioner: [
      {
        id: 'EE000001',
        type: 'Organization',
        identifier: {
          system: 'https://fhir.nhs.uk/Id/ods-organization-code',
          value: 'K83002',
          period: { start: '2012-01-01' },
        },
      },
    ],
    extension: [
      {
        url: urls.pharmacy,
        valueReference: { identifier: { system: 'https://fhir.nhs.uk/Id/ods-organization-code', value: 'FA123' } },
      },
      { url: urls.birthPlace, valueAddress: { city: 'Rugby', country: 'GBR' } },
    ],
  };
  change(record);
  return record;
}

/** An answer in one line: `200`, or `404 RESOURCE_NOT_FOUND`, or `400 INVALID_VALUE Invalid value - …`. */
export function told(answer: PdsAnswer): string {
  const issue = answer.body?.issue?.[0];
  return [answer.status, issue?.details?.coding?.[0]?.code, issue?.diagnostics].filter(Boolean).join(' ');
}

/** As `told`, the display in place of the diagnostics. */
export function display(answer: PdsAnswer): string {
  const coding = answer.body?.issue?.[0]?.details?.coding?.[0];
  return `${answer.status} ${coding?.code} ${coding?.display}`;
}

/** Sends a JSON Patch of this version. */
export function patch(
  spine: SpineUnderTest,
  number: string,
  options: {
    token: string;
    version?: number | string;
    patches?: unknown;
    body?: unknown;
    headers?: Record<string, string | undefined>;
  },
): Promise<PdsAnswer> {
  const { token, version = 3, patches, body = { patches }, headers = {} } = options;
  return spine.pds(`/Patient/${number}`, {
    token,
    method: 'PATCH',
    headers: {
      'content-type': 'application/json-patch+json',
      'if-match': typeof version === 'number' ? `W/"${version}"` : version,
      ...headers,
    },
    body,
  });
}
