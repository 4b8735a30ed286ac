import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { isDate } from '../platform/nhs/dates.ts';
import type { StoredPatient } from '../services/pds/patient.ts';
import { encodeRecord } from '../services/pds/record/record-codec.ts';
import { traceRows } from '../services/pds/trace/trace-rows.ts';
import { traceLines } from './copy-lines.ts';
import { countedIn } from './household.ts';
import { organisations } from './organisations.ts';
import { personAt, personRowAt } from './person.ts';

const seed = 20;
const anyone = fc.record({ seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }), index: fc.integer({ min: 0, max: 80e6 }) });

describe('a synthetic person', () => {
  test('is the same whoever was asked for before', () => {
    fc.assert(
      fc.property(anyone, anyone, (one, other) => {
        const alone = personAt(one.seed, one.index);
        personAt(other.seed, other.index);
        personAt(one.seed, one.index + 1);
        expect(personAt(one.seed, one.index)).toStrictEqual(alone);
      }),
      { numRuns: 300 },
    );
  });

  test('is another with another seed', () => {
    const [here, there] = [1, 2].map((one) => Array.from({ length: 50 }, (_, n) => personRowAt(one, n).record));
    expect(here!.filter((record, n) => record === there![n])).toHaveLength(0);
  });

  test('has the record the codec would write, wholly dense', () => {
    fc.assert(
      fc.property(anyone, (one) => {
        const row = personRowAt(one.seed, one.index);
        expect(encodeRecord(personAt(one.seed, one.index).patient)).toBe(row.record);
        expect(row.record).not.toMatch(/[{"\\\t\n]/);
      }),
      { numRuns: 3000 },
    );
  });

  test('is traced by the rows PDS itself would write', () => {
    let rows = 0;
    for (let index = 0; index < 5000; index++) {
      const expected = traceRows(personAt(seed, index)).map((row) =>
        [
          row.bornOn,
          row.familySound,
          row.kind,
          row.familyKey,
          row.givenKey,
          row.nhsNumber,
          row.gender,
          row.postcodes,
        ].join('\t'),
      );
      const lines = traceLines(personRowAt(seed, index));
      expect(lines).toBe(expected.map((line) => `${line}\n`).join(''));
      rows += expected.length;
    }
    expect(rows).toBeGreaterThan(5000);
  });

  test('never dies before birth nor lives after the count', () => {
    for (let index = 0; index < 20_000; index++) {
      const { birthDate, deceasedDateTime, address } = personAt(seed, index).patient;
      expect(isDate(birthDate)).toBe(true);
      expect(birthDate! < `${countedIn}-12-31`).toBe(true);
      expect(deceasedDateTime === undefined || deceasedDateTime.slice(0, 10) >= birthDate!).toBe(true);
      expect(address![0]!.period!.start! >= birthDate!).toBe(true);
    }
  });
});

describe('the synthetic nation', () => {
  let people: StoredPatient[] = [];
  beforeAll(() => {
    people = Array.from({ length: 40_000 }, (_, index) => personAt(seed, index));
  });
  const share = (is: (person: StoredPatient) => unknown) => people.filter(is).length / people.length;

  test('is named as people are: Smith first, and many families', () => {
    const counts = new Map<string, number>();
    for (const { patient } of people) {
      const family = patient.name![0]!.family!;
      counts.set(family, (counts.get(family) ?? 0) + 1);
    }
    const [first] = [...counts].sort((a, b) => b[1] - a[1]);
    expect(first![0]).toBe('Smith');
    expect(first![1] / people.length).toBeGreaterThan(0.006);
    expect(first![1] / people.length).toBeLessThan(0.02);
    expect(counts.size).toBeGreaterThan(2000);
  });

  test('has accents, middle names, nicknames, former and maiden names', () => {
    expect(share(({ patient }) => /[À-ž]/.test(JSON.stringify(patient.name)))).toBeGreaterThan(0.01);
    expect(share(({ patient }) => patient.name![0]!.given!.length > 1)).toBeGreaterThan(0.4);
    expect(share(({ patient }) => patient.name!.some((name) => name.use === 'nickname'))).toBeGreaterThan(0.004);
    expect(share(({ patient }) => patient.name!.some((name) => name.use === 'maiden'))).toBeGreaterThan(0.01);
    expect(share(({ former }) => former?.name)).toBeGreaterThan(0.02);
    expect(share(({ former }) => former?.address)).toBeGreaterThan(0.02);
  });

  test('lives in households of one name and address', () => {
    const homes = new Map<string, Set<string>>();
    for (const { patient } of people) {
      const home = [...patient.address![0]!.line!, patient.address![0]!.postalCode].join();
      homes.set(home, (homes.get(home) ?? new Set()).add(patient.name![0]!.family!));
    }
    const size = people.length / homes.size;
    expect(size).toBeGreaterThan(1.9);
    expect(size).toBeLessThan(2.9);
    const [families, all] = [[...homes.values()].filter((names) => names.size === 1).length, homes.size];
    expect(families / all).toBeGreaterThan(0.6);
  });

  test('has both sexes, all ages, some dead, some twins, few restricted', () => {
    expect(Math.abs(share(({ patient }) => patient.gender === 'female') - 0.5)).toBeLessThan(0.05);
    expect(share(({ patient }) => patient.birthDate! > `${countedIn - 18}`)).toBeGreaterThan(0.15);
    expect(share(({ patient }) => patient.birthDate! < `${countedIn - 65}`)).toBeGreaterThan(0.1);
    expect(share(({ patient }) => patient.deceasedDateTime)).toBeGreaterThan(0.02);
    expect(share(({ patient }) => patient.multipleBirthInteger)).toBeGreaterThan(0.001);
    const restricted = share(({ security }) => security !== 'U');
    expect(restricted).toBeGreaterThan(0.0005);
    expect(restricted).toBeLessThan(0.006);
  });

  test('names a death notification with every death, and no practice after it', () => {
    for (const { patient } of people) {
      const hasNotice = patient.extension?.some((one) => one.url.endsWith('DeathNotificationStatus')) ?? false;
      expect(hasNotice).toBe(patient.deceasedDateTime !== undefined);
      if (hasNotice) expect(patient.generalPractitioner).toBeUndefined();
    }
  });

  test('is registered with organisations that exist', () => {
    const codes = new Set(organisations().map((one) => one.odsCode));
    const used = new Set(
      people.flatMap(({ patient }) => patient.generalPractitioner?.map((one) => one.identifier!.value!) ?? []),
    );
    expect(used.size).toBeGreaterThan(100);
    for (const code of used) expect(codes).toContain(code);
    expect(share(({ patient }) => patient.generalPractitioner)).toBeGreaterThan(0.85);
  });

  test('can be reached: most have a telephone or a mail address, of ranges kept for fiction', () => {
    expect(share(({ patient }) => patient.telecom)).toBeGreaterThan(0.7);
    for (const { patient } of people) {
      for (const { system, value } of patient.telecom ?? []) {
        if (system === 'email') expect(value).toMatch(/^[a-z]+\.[a-z]+[0-9]+@(mail\.)?example\.(com|org|net)$/);
        else expect(value).toMatch(/^0[0-9]{10}$/);
      }
    }
  });
});
