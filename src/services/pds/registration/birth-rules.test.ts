import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyJson, bodyWithOneBadPlace, refusalOf, succeedsOrIsRefused } from '../../../../test/support/refusals.ts';
import { type Body, birthRequest } from '../../../../test/support/registration-requests.ts';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { parseBirth } from './birth-rules.ts';
import { newBabyRecord } from './new-record.ts';

const today = '2026-05-01';
const parsed = (change?: (body: Body) => void) => parseBirth(birthRequest(change), today);
const refused = (change: (body: Body) => void) => refusalOf(() => parsed(change));
const baby = (body: Body) => body.entry[0].resource;

const death = (code: string) => ({
  url: 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus',
  extension: [
    { url: 'deathNotificationStatus', valueCodeableConcept: { coding: [{ code }] } },
    { url: 'systemEffectiveDate', valueDateTime: '2026-03-04T06:00:00' },
  ],
});

describe('a birth notification', () => {
  it('tells the facts of the birth', () => {
    expect(parsed()).toMatchObject({
      bornAt: '2026-03-04T05:06:00+00:00',
      birthOrder: 1,
      outcome: 'live',
      weightGrams: 3410,
      gestationWeeks: 40,
      foetuses: 1,
      abnormality: 'N',
      mother: '9994128736',
      motherPractice: 'B82020',
      deliverySite: 'RCD01',
    });
  });

  it.each<[string, (body: Body) => void]>([
    ["MISSING_VALUE Missing value - 'entry'", (b) => delete b.entry],
    [
      "TOO_FEW_VALUES_SUBMITTED Too few values submitted - <json too long to display> in field 'entry'",
      (b) => b.entry.pop(),
    ],
    [
      "TOO_MANY_VALUES_SUBMITTED Too many values submitted - <json too long to display> in field 'entry'",
      (b) => b.entry.push({}),
    ],
    ["MISSING_VALUE Missing value - 'entry/0/resource/name/0/use'", (b) => delete baby(b).name[0].use],
    ["MISSING_VALUE Missing value - 'entry/0/resource/_birthDate'", (b) => delete baby(b)._birthDate],
    ["MISSING_VALUE Missing value - 'entry/0/resource/extension'", (b) => baby(b).extension.pop()],
    ["INVALID_VALUE Invalid value - 'boy' in field 'gender'", (b) => (baby(b).gender = 'boy')],
    ["INVALID_VALUE Invalid value - '04/03/2026' in field 'birthDate'", (b) => (baby(b).birthDate = '04/03/2026')],
    ["INVALID_VALUE Invalid value - '2027-01-01' in field 'birthDate'", (b) => (baby(b).birthDate = '2027-01-01')],
    [
      "INVALID_VALUE Invalid value - '999' in field 'entry/1/resource/valueQuantity/value'",
      (b) => (b.entry[1].resource.valueQuantity.value = 999),
    ],
    [
      "INVALID_VALUE Invalid value - '10000' in field 'entry/1/resource/valueQuantity/value'",
      (b) => (b.entry[1].resource.valueQuantity.value = 10_000),
    ],
    [
      "INVALID_VALUE Invalid value - '364589006' in field 'entry/2/resource/code/coding/0/code'",
      (b) => (b.entry[2].resource.code = b.entry[1].resource.code),
    ],
    [
      "INVALID_VALUE Invalid value - '9994128737' in field 'entry/6/resource/identifier/0/value'",
      (b) => (b.entry[6].resource.identifier[0].value = '9994128737'),
    ],
    [
      'INSERT_BIRTH_DEATH_STATUS_INCONSISTENT Insert Birth - Death Status Inconsistent',
      (b) => baby(b).extension.push(death('2')),
    ],
    [
      "INVALID_VALUE Invalid value - '2026-03-03' in field 'entry/0/resource/deceasedDateTime'",
      (b) => (baby(b).deceasedDateTime = '2026-03-03'),
    ],
    [
      "INVALID_VALUE Invalid value - '2026-03-04T06:00:00+01:00' in field 'entry/0/resource/deceasedDateTime'",
      (b) => (baby(b).deceasedDateTime = '2026-03-04T06:00:00+01:00'),
    ],
  ])('is refused: %s', (expected, change) => {
    expect(refused(change)).toBe(expected);
  });

  it('accepts a formal death with each kind of stillbirth', () => {
    for (const [code, outcome] of [
      ['2', 'antepartum'],
      ['3', 'intrapartum'],
      ['4', 'postpartum'],
    ]) {
      const notified = parsed((b) => {
        baby(b).extension.push(death('2'));
        baby(b).deceasedDateTime = '2026-03-04';
        b.entry[2].resource.valueCodeableConcept.coding[0].code = code;
      });
      expect(notified.outcome).toBe(outcome);
      const record = newBabyRecord(notified, '9994128744' as NhsNumber, () => 'A');
      expect(record.deceasedDateTime).toBe('2026-03-04T00:00:00+00:00');
      expect(record.extension?.at(-1)?.extension?.[1]?.valueDateTime).toBe('2026-03-04T06:00:00+00:00');
    }
  });

  it('makes a record with birthplace less its text, birth order, and no telecom', () => {
    const notified = parsed((b) => (baby(b).telecom = [{ use: '01632 960587' }]));
    const record = newBabyRecord(notified, '9994128744' as NhsNumber, () => 'A');
    expect(record.extension?.[0]).toEqual({
      url: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
      valueAddress: { city: 'Harrogate', country: '1' },
    });
    expect(record.multipleBirthInteger).toBe(1);
    expect(record.telecom).toBeUndefined();
  });

  it('never fails but by a refusal, whatever is sent', () => {
    fc.assert(
      fc.property(anyJson, (body) => succeedsOrIsRefused(() => parseBirth(body, today))),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(bodyWithOneBadPlace(birthRequest), (body) =>
        succeedsOrIsRefused(() => newBabyRecord(parseBirth(body, today), '9994128744' as NhsNumber, () => 'A')),
      ),
      { numRuns: 2000 },
    );
  });
});
