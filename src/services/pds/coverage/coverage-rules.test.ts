import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyJson, bodyWithOneBadPlace, refusalOf, succeedsOrIsRefused } from '../../../../test/support/refusals.ts';
import { type Body, coverageRequest } from '../../../../test/support/registration-requests.ts';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { countryName } from './country-names.ts';
import { type Coverage, coverageBundle, parseCoverage, parseCoverageQuery } from './coverage-rules.ts';

const today = '2026-05-01';
const parsed = (change?: (body: Body) => void) => parseCoverage(coverageRequest(change), today);
const refused = (change: (body: Body) => void) => refusalOf(() => parsed(change));
const number = '9994128736' as NhsNumber;

describe('a coverage search', () => {
  it('must be exactly the published query', () => {
    for (const query of [
      `subscriber:identifier=${number}`,
      `subscriber%3Aidentifier=${number}`,
      `subscriber%3aidentifier=${number}`,
    ]) {
      expect(parseCoverageQuery(query)).toBe(number);
    }
    for (const query of [
      '',
      'subscriber:identifier=',
      `subscriber:identifier=${number}&year=2003`,
      `Subscriber:identifier=${number}`,
      `subscriber:identifier=${number}\n`,
      `subscriber:identifier=${number.slice(1)}`,
    ]) {
      expect(refusalOf(() => parseCoverageQuery(query))).toBe(
        "INVALID_SEARCH_DATA Invalid search data provided - 'Coverage search request must follow the format /Coverage?subscriber:identifier=NHS_NUMBER'",
      );
    }
    expect(refusalOf(() => parseCoverageQuery('subscriber:identifier=9994128737'))).toBe('INVALID_RESOURCE_ID');
  });
});

describe('a card', () => {
  it.each<[string, (body: Body) => void]>([
    ["MISSING_VALUE Missing value - 'identifier/0/value'", (b) => delete b.identifier[0].value],
    ["MISSING_VALUE Missing value - 'status'", (b) => delete b.status],
    ["MISSING_VALUE Missing value - 'subscriber/identifier/value'", (b) => delete b.subscriber.identifier.value],
    ["MISSING_VALUE Missing value - 'beneficiary/identifier/value'", (b) => delete b.beneficiary.identifier.value],
    ["MISSING_VALUE Missing value - 'payor/0/identifier/value'", (b) => delete b.payor[0].identifier.value],
    ["MISSING_VALUE Missing value - 'period/end'", (b) => delete b.period.end],
    ["INVALID_VALUE Invalid value - 'draft' in field 'status'", (b) => (b.status = 'draft')],
    ["INVALID_VALUE Invalid value - '2176-05-01' in field 'period/end'", (b) => (b.period.end = '2176-05-01')],
    ["INVALID_VALUE Invalid value - '1876-05-01' in field 'period/end'", (b) => (b.period.end = '1876-05-01')],
    [
      "INVALID_VALUE Invalid value - 'a_b' in field 'payor/0/identifier/value'",
      (b) => (b.payor[0].identifier.value = 'a_b'),
    ],
    [
      `INVALID_VALUE Invalid value - '${'9'.repeat(26)}' in field 'identifier/0/value'`,
      (b) => (b.identifier[0].value = '9'.repeat(26)),
    ],
    [
      "INVALID_VALUE Invalid value - 'XQZ' in field 'identifier/0/assigner/identifier/value'",
      (b) => (b.identifier[0].assigner.identifier.value = 'XQZ'),
    ],
    [
      "TOO_MANY_VALUES_SUBMITTED Too many values submitted - [{'identifier': {'value': 'A1'}}, {'identifier': {'value': 'B2'}}] in field 'payor'",
      (b) => (b.payor = [{ identifier: { value: 'A1' } }, { identifier: { value: 'B2' } }]),
    ],
    ['INVALID_RESOURCE_ID', (b) => (b.subscriber.identifier.value = '9994128737')],
  ])('is refused: %s', (expected, change) => {
    expect(refused(change)).toBe(expected);
  });

  it('may end up to 150 years either way, and an institution id have thirty characters', () => {
    expect(parsed((b) => (b.period.end = '2176-04-30')).period.end).toBe('2176-04-30');
    expect(parsed((b) => (b.period.end = '1876-05-02')).period.end).toBe('1876-05-02');
    expect(parsed((b) => (b.payor[0].identifier.value = 'x'.repeat(30))).payor).toHaveLength(1);
  });

  it('never fails but by a refusal, whatever is sent', () => {
    fc.assert(
      fc.property(anyJson, (body) => succeedsOrIsRefused(() => parseCoverage(body, today))),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(bodyWithOneBadPlace(coverageRequest), (body) =>
        succeedsOrIsRefused(() => coverageBundle(number, 1, parseCoverage(body, today), 0, '')),
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the answer to a coverage search', () => {
  const base = 'https://spine.example/pds';
  const at = Date.UTC(2026, 4, 1, 12, 0, 0);
  const bundle = (coverage: Coverage | undefined) => coverageBundle(number, 7, coverage, at, base);

  it('holds the card with its country named', () => {
    expect(bundle(parsed())).toEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      timestamp: '2026-05-01T12:00:00+00:00',
      total: 1,
      meta: { versionId: '7' },
      entry: [
        {
          fullUrl: `${base}/Coverage?subscriber:identifier=${number}`,
          resource: {
            resourceType: 'Coverage',
            status: 'active',
            subscriber: { identifier: { system: 'https://fhir.nhs.uk/Id/nhs-number', value: number }, type: 'Patient' },
            identifier: [
              {
                value: 'NL80528800000123',
                assigner: { display: 'Netherlands', identifier: { system: 'urn:iso:std:iso:3166', value: 'NLD' } },
              },
            ],
            beneficiary: { identifier: { value: '123456782' }, type: 'Patient' },
            payor: [{ identifier: { value: 'NL-7029' } }],
            period: { end: '2029-06-30' },
          },
        },
      ],
    });
  });

  it('has no entry without a card, or for one lacking personal id or institution id', () => {
    const without = (member: string) => ({ ...parsed(), [member]: undefined }) as unknown as Coverage;
    for (const card of [undefined, without('beneficiary'), without('payor')]) {
      expect(bundle(card)).toEqual({
        resourceType: 'Bundle',
        type: 'searchset',
        timestamp: '2026-05-01T12:00:00+00:00',
        total: 0,
        meta: { versionId: '7' },
      });
    }
  });

  it('knows every country by three letters', () => {
    expect(['AFG', 'DEU', 'FRA', 'GBR', 'ZWE'].map(countryName)).toEqual([
      'Afghanistan',
      'Germany',
      'France',
      'United Kingdom',
      'Zimbabwe',
    ]);
    expect(countryName('DE')).toBeUndefined();
  });
});
