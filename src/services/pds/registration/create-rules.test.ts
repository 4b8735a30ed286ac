import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyJson, bodyWithOneBadPlace, refusalOf, succeedsOrIsRefused } from '../../../../test/support/refusals.ts';
import { type Body, createRequest } from '../../../../test/support/registration-requests.ts';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { parseCreate } from './create-rules.ts';
import { newRecord } from './new-record.ts';

const today = '2026-05-01';
const parsed = (change?: (body: Body) => void) => parseCreate(createRequest(change), today);
const refused = (change: (body: Body) => void) => refusalOf(() => parsed(change));

describe('a request to create a record', () => {
  it('is refused for what is missing, in the published order', () => {
    const body: Body = { pets: [] };
    const whole = createRequest();
    for (const member of ['name', 'address', 'gender', 'birthDate']) {
      expect(refusalOf(() => parseCreate(body, today))).toBe(`MISSING_VALUE Missing value - '${member}'`);
      body[member] = whole[member];
    }
    expect(refusalOf(() => parseCreate(body, today))).toBe(
      "ADDITIONAL_PROPERTIES Invalid request with error - Additional properties are not allowed ('pets' was unexpected)",
    );
    delete body.pets;
    expect(refusalOf(() => parseCreate(body, today))).toBe("MISSING_VALUE Missing value - 'extension'");
    body.extension = whole.extension;
    expect(parseCreate(body, today).gender).toBe('female');
  });

  it.each<[string, (body: Body) => void]>([
    ["MISSING_VALUE Missing value - 'address/0/period'", (b) => delete b.address[0].period],
    ["MISSING_VALUE Missing value - 'address/0/use'", (b) => delete b.address[0].use],
    ["MISSING_VALUE Missing value - 'name/0/family'", (b) => delete b.name[0].family],
    [
      "MISSING_VALUE Missing value - 'address/0/extension/0/extension'",
      (b) =>
        (b.address[0].extension = [{ url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AddressKey' }]),
    ],
    ["MISSING_VALUE Missing value - 'extension'", (b) => (b.extension = [])],
    ["INVALID_VALUE Invalid value - 'none' in field 'name/0/given'", (b) => (b.name[0].given = 'none')],
    [
      "INVALID_VALUE Invalid value - '['a', None, True]' in field 'address/0'",
      (b) => (b.address[0] = ['a', null, true]),
    ],
    ["INVALID_VALUE Invalid value - 'woman' in field 'gender'", (b) => (b.gender = 'woman')],
    ["UNSUPPORTED_VALUE Unsupported value - 'other' in field 'gender'", (b) => (b.gender = 'other')],
    ["INVALID_VALUE Invalid value - '2026-05-02' in field 'birthDate'", (b) => (b.birthDate = '2026-05-02')],
    ["INVALID_VALUE Invalid value - '2025-02-29' in field 'birthDate'", (b) => (b.birthDate = '2025-02-29')],
    ["INVALID_VALUE Invalid value - '0000-01-01' in field 'birthDate'", (b) => (b.birthDate = '0000-01-01')],
    [
      "TOO_MANY_VALUES_SUBMITTED Too many values submitted - ['A', 'B', 'C', 'D', 'E', 'F'] in field 'name/0/given'",
      (b) => (b.name[0].given = ['A', 'B', 'C', 'D', 'E', 'F']),
    ],
    [
      "TOO_MANY_VALUES_SUBMITTED Too many values submitted - ['A', 'B C D E F'] in field 'name/0/given'",
      (b) => (b.name[0].given = ['A', 'B C D E F']),
    ],
    ["TOO_FEW_VALUES_SUBMITTED Too few values submitted - [] in field 'address'", (b) => (b.address = [])],
    [
      "INVALID_CREATE Invalid patient create data provided - 'An end date can not be provided on usual name'",
      (b) => (b.name[0].period.end = '2024-01-01'),
    ],
    [
      "INVALID_CREATE Invalid patient create data provided - 'email format is invalid'",
      (b) => (b.telecom[0].value = 'odile at example'),
    ],
    [
      "INVALID_CREATE Invalid patient create data provided - 'address lines 1 and 4 or 2 and 4 must be completed as a minimum'",
      (b) => (b.address[0].line = ['', '7 Sexton Row', 'Ripon', ' ']),
    ],
    [
      "UNSUPPORTED_CHARACTERS_IN_FIELD Unsupported characters - 'Ødile_' in field 'name/0/given/0'",
      (b) => (b.name[0].given = ['Ødile_']),
    ],
    ["INVALID_VALUE Invalid value - 'MS' in field 'name/0/prefix/0'", (b) => (b.name[0].prefix = ['MS'])],
    ["UNSUPPORTED_VALUE Unsupported value - 'work' in field 'address/0/use'", (b) => (b.address[0].use = 'work')],
    [
      "ADDITIONAL_PROPERTIES Invalid request with error - Additional properties are not allowed ('__proto__', 'it\\'s \"' were unexpected)",
      (b) => {
        Object.defineProperty(b, '__proto__', { value: 1, enumerable: true });
        b['it\'s "'] = 1;
      },
    ],
    [
      "INVALID_VALUE Invalid value - 'http://example.org' in field 'extension/1/url'",
      (b) => b.extension.push({ url: 'http://example.org' }),
    ],
    [
      "INVALID_VALUE Invalid value - 'en' in field 'extension/1/extension/0/valueCodeableConcept/coding/0/code'",
      (b) =>
        b.extension.push({
          url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSCommunication',
          extension: [{ url: 'language', valueCodeableConcept: { coding: [{ code: 'en' }] } }],
        }),
    ],
    [
      "INVALID_VALUE Invalid value - '<json too long to display>' in field 'gender'",
      (b) => (b.gender = { text: 'x'.repeat(2000) }),
    ],
  ])('is refused: %s', (expected, change) => {
    expect(refused(change)).toBe(expected);
  });

  it('tolerates blank prefixes and suffixes, splits later given names and drops the full stop of a title', () => {
    const { name } = parsed((b) => {
      b.name[0] = {
        use: 'usual',
        family: ' Brackenbury ',
        given: ['Odile  Marie', 'Jo Ann', ''],
        prefix: ['', 'Mrs.'],
        suffix: [' '],
      };
    });
    expect(name).toEqual({
      use: 'usual',
      period: { start: today },
      family: 'Brackenbury',
      given: ['Odile Marie', 'Jo', 'Ann'],
      prefix: ['Mrs'],
    });
  });

  it('accepts a pseudo postcode or a PAF key instead of address lines', () => {
    const key = {
      url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-AddressKey',
      extension: [
        { url: 'value', valueString: '00123456' },
        { url: 'type', valueCoding: { code: 'PAF' } },
      ],
    };
    expect(
      parsed((b) => Object.assign(b.address[0], { line: [], postalCode: 'ZZ99 3VZ' })).address[0]?.line,
    ).toBeUndefined();
    const [keyed] = parsed((b) => Object.assign(b.address[0], { line: [], extension: [key] })).address;
    expect(keyed?.extension?.[0]?.extension?.map((part) => part.url)).toEqual(['type', 'value']);
  });

  it('lets temporary addresses last 90 days and no longer, one of each use', () => {
    const temporary = (end: string) => ({
      use: 'temp',
      text: 'Holiday Home',
      line: ['1 The Sands', '', '', 'Filey'],
      period: { start: '2026-01-01', end },
    });
    expect(parsed((b) => b.address.push(temporary('2026-04-01'))).address).toHaveLength(2);
    expect(refused((b) => b.address.push(temporary('2026-04-02')))).toBe(
      "INVALID_VALUE Invalid value - '2026-04-02' in field 'address/1/period/end'",
    );
    expect(refused((b) => b.address.push(temporary('2026-02-01'), temporary('2026-02-01')))).toMatch(
      /^TOO_MANY_VALUES_SUBMITTED .* in field 'address'$/,
    );
  });

  it('accepts and does not store what the published service does not store', () => {
    const ukCore = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-';
    const fhir = 'http://hl7.org/fhir/StructureDefinition/patient-';
    const person = parsed((b) => {
      for (const url of [
        `${fhir}birthPlace`,
        `${ukCore}BirthSex`,
        `${fhir}cadavericDonor`,
        `${ukCore}DeathNotificationStatus`,
        `${ukCore}EthnicCategory`,
        `${ukCore}ResidentialStatus`,
        `${fhir}interpreterRequired`,
        `${ukCore}NHSNumberUnavailableReason`,
      ]) {
        b.extension.push({ url, anything: 'goes' });
      }
    });
    expect(person.extension).toEqual([]);
    expect(person.registeringAuthority).toEqual({ type: 'x', organisation: 'RJ1' });
  });

  it('never fails but by a refusal, whatever is sent', () => {
    fc.assert(
      fc.property(anyJson, (body) => succeedsOrIsRefused(() => parseCreate(body, today))),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(bodyWithOneBadPlace(createRequest), (body) => succeedsOrIsRefused(() => parseCreate(body, today))),
      { numRuns: 2000 },
    );
  });

  it('is refused without being written out when it is nested ten thousand deep', () => {
    const deep = JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) as unknown;
    expect(refused((b) => (b.birthDate = deep))).toBe(
      "INVALID_VALUE Invalid value - '<json too long to display>' in field 'birthDate'",
    );
  });
});

describe('the record of a new patient', () => {
  it('is version 1, unrestricted, with a verified number and an id on each object', () => {
    const ids = ['AAAAAAA1', 'AAAAAAA2', 'AAAAAAA3'];
    const record = newRecord(parsed(), '9994128744' as NhsNumber, () => ids.shift() as string);
    expect(record.meta).toEqual({
      versionId: '1',
      security: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'U', display: 'unrestricted' },
      ],
    });
    expect(record.identifier?.[0]?.value).toBe('9994128744');
    expect(record.identifier?.[0]?.extension?.[0]?.valueCodeableConcept?.coding?.[0]?.code).toBe('01');
    const given = [record.name?.[0]?.id, record.telecom?.[0]?.id, record.address?.[0]?.id];
    expect(given.sort()).toEqual(['AAAAAAA1', 'AAAAAAA2', 'AAAAAAA3']);
  });

  it('keeps the place of address lines and no blank ones at the end', () => {
    expect(newRecord(parsed(), '9994128744' as NhsNumber, () => 'A').address?.[0]?.line).toEqual([
      '',
      '7 Sexton Row',
      '',
      'Ripon',
    ]);
  });

  it('holds only text that a database and a screen can', () => {
    fc.assert(
      fc.property(bodyWithOneBadPlace(createRequest), (body) => {
        let text = '';
        try {
          text = JSON.stringify(newRecord(parseCreate(body, today), '9994128744' as NhsNumber, () => 'A'));
        } catch {
          return;
        }
        expect(text).not.toMatch(/\\u[0-9a-f]{4}|\\[nrtbf]/);
        expect(text.length).toBeLessThan(10_000);
      }),
      { numRuns: 1000 },
    );
  });
});
