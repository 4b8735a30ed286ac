import type { Bundle, Identifier } from '../../../platform/fhir/types.ts';
import { fhirInstant, isDate } from '../../../platform/nhs/dates.ts';
import { isNhsNumber, type NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { pdsErrors, refuse, refuseAtGateway } from '../errors.ts';
import { nhsNumberSystem } from '../patient.ts';
import { invalidValue } from '../refused-values.ts';
import { check, isObject, list, matching, object, oneOf, text, valueThat } from '../shape.ts';
import { countryName } from './country-names.ts';

/** A European health insurance card as it is kept. */
export type Coverage = {
  readonly resourceType: 'Coverage';
  readonly status: string;
  readonly subscriber: { readonly identifier: { readonly system: string; readonly value: NhsNumber } };
  /** The card; its assigner is a country. */
  readonly identifier: readonly { readonly value: string; readonly assigner: { readonly identifier: Identifier } }[];
  /** The personal id. */
  readonly beneficiary: { readonly identifier: Identifier };
  /** The institution. */
  readonly payor: readonly { readonly identifier: Identifier }[];
  readonly period: { readonly end: string };
};

const countrySystem = 'urn:iso:std:iso:3166';

/**
 * The patient a coverage search asks for. The raw query must be exactly `subscriber:identifier=<ten digits>`, the colon
 * possibly percent-encoded (INVALID_SEARCH_DATA of the gateway otherwise); ten digits that are no NHS number are
 * INVALID_RESOURCE_ID.
 */
export function parseCoverageQuery(rawQuery: string): NhsNumber {
  const match = /^subscriber(?::|%3[Aa])identifier=([0-9]{10})$/.exec(rawQuery);
  if (!match) {
    throw refuseAtGateway(
      pdsErrors.invalidSearchData,
      "Invalid search data provided - 'Coverage search request must follow the format /Coverage?subscriber:identifier=NHS_NUMBER'",
    );
  }
  const number = match[1];
  if (!isNhsNumber(number)) throw refuse(pdsErrors.invalidResourceId);
  return number;
}

const cardText = matching(/^[a-zA-Z0-9\-,/:'. ]{1,25}$/);
const institutionText = matching(/^[a-zA-Z0-9\-,/:'. ]{1,30}$/);

const identifiedBy = (value: typeof text) =>
  object({ identifier: object({ value }, { required: ['value'] }) }, { required: ['identifier'] });

const country = valueThat((code) => typeof code === 'string' && countryName(code) !== undefined);
const assigner = object(
  { identifier: object({ system: oneOf(countrySystem), value: country }, { required: ['system', 'value'] }) },
  { required: ['identifier'] },
);

const coverageShape = object(
  {
    resourceType: oneOf('Coverage'),
    identifier: list(object({ value: cardText, assigner }, { required: ['value', 'assigner'] }), { min: 1, max: 1 }),
    status: oneOf('active'),
    subscriber: object(
      { identifier: object({ system: oneOf(nhsNumberSystem), value: text }, { required: ['value'] }) },
      { required: ['identifier'] },
    ),
    beneficiary: identifiedBy(cardText),
    payor: list(identifiedBy(institutionText), { min: 1, max: 1 }),
    period: object({ end: valueThat(isDate) }, { required: ['end'] }),
  },
  { required: ['identifier', 'status', 'subscriber', 'beneficiary', 'payor', 'period'] },
);

type SentCoverage = {
  identifier: { value: string; assigner: { identifier: { value: string } } }[];
  subscriber: { identifier: { value: string } };
  beneficiary: { identifier: { value: string } };
  payor: { identifier: { value: string } }[];
  period: { end: string };
};

const mostYears = 150;

/**
 * The body of `POST /Coverage`, anything, as the card to keep; `today` is `yyyy-mm-dd`. Throws the published refusals; a
 * subscriber that is no NHS number is INVALID_RESOURCE_ID.
 */
export function parseCoverage(body: unknown, today: string): Coverage {
  const given = isObject(body) ? body : {};
  check(coverageShape, given);
  const sent = given as SentCoverage;
  const nhsNumber = sent.subscriber.identifier.value;
  if (!isNhsNumber(nhsNumber)) throw refuse(pdsErrors.invalidResourceId);
  const { end } = sent.period;
  if (end <= yearsFrom(today, -mostYears) || end >= yearsFrom(today, mostYears)) throw invalidValue(end, 'period/end');
  const card = sent.identifier[0] as SentCoverage['identifier'][number];
  return {
    resourceType: 'Coverage',
    status: 'active',
    subscriber: { identifier: { system: nhsNumberSystem, value: nhsNumber } },
    identifier: [
      { value: card.value, assigner: { identifier: { system: countrySystem, value: card.assigner.identifier.value } } },
    ],
    beneficiary: { identifier: { value: sent.beneficiary.identifier.value } },
    payor: [{ identifier: { value: sent.payor[0]?.identifier.value as string } }],
    period: { end },
  };
}

/** The same day so many years on; years stay four digits, so that dates compare as text. */
function yearsFrom(date: string, years: number): string {
  return String(Number(date.slice(0, 4)) + years).padStart(4, '0') + date.slice(4);
}

/**
 * The searchset a patient's card is answered with; `version` is the patient's, `publicBase` what full URLs begin with
 * (no slash at its end). A card without personal id or institution id is not shown; without a card there is no `entry`.
 */
export function coverageBundle(
  nhsNumber: NhsNumber,
  version: number,
  coverage: Coverage | undefined,
  nowMillis: number,
  publicBase: string,
): Bundle {
  const isShown = Boolean(coverage?.beneficiary?.identifier?.value && coverage.payor?.[0]?.identifier?.value);
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    timestamp: fhirInstant(nowMillis),
    total: isShown ? 1 : 0,
    meta: { versionId: String(version) },
    ...(isShown
      ? {
          entry: [
            {
              fullUrl: `${publicBase}/Coverage?subscriber:identifier=${nhsNumber}`,
              resource: shown(nhsNumber, coverage as Coverage),
            },
          ],
        }
      : {}),
  };
}

/** The card with the country's name, and the number of the record that holds it as subscriber. */
function shown(nhsNumber: NhsNumber, coverage: Coverage): object {
  return {
    resourceType: 'Coverage',
    status: coverage.status,
    subscriber: { identifier: { system: nhsNumberSystem, value: nhsNumber }, type: 'Patient' },
    identifier: coverage.identifier?.map(({ value, assigner }) => {
      const display = countryName(assigner?.identifier?.value ?? '');
      return { value, assigner: { ...(display === undefined ? {} : { display }), identifier: assigner?.identifier } };
    }),
    beneficiary: { identifier: { value: coverage.beneficiary.identifier.value }, type: 'Patient' },
    payor: coverage.payor.map((payor) => ({ identifier: { value: payor.identifier.value } })),
    period: coverage.period,
  };
}
