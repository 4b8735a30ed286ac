import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isNhsNumber } from '../../platform/nhs/nhs-number.ts';
import type { Patient, Security } from '../../services/pds/patient.ts';
import { decodeRecord, encodeRecord } from '../../services/pds/record/record-codec.ts';
import { coverages } from './coverage.ts';
import { type DemoRecord, demoNation, publishedNation, publishedPatients } from './demo-nation.ts';
import { relatedPeople } from './related-people.ts';

const examples = join(process.env.OPENSPINE_CONTRACTS ?? '../shared/contracts', 'pds/examples');
const hasExamples = existsSync(examples);
const json = (file: string) => JSON.parse(readFileSync(join(examples, file), 'utf8'));

type Facts = {
  historic?: { name?: object[]; telecom?: object[]; gender?: string };
  hidden?: { telecom?: { system: string; use: string; value: string }[] };
  supersededBy?: string;
};

describe.skipIf(!hasExamples)(
  'the demo nation against the published examples (skipped where these are not at hand)',
  () => {
    const files = hasExamples ? readdirSync(join(examples, 'patients')).filter((file) => /^[0-9]/.test(file)) : [];
    const built = new Map<string, Patient>(publishedPatients.map((patient) => [patient.id, patient]));
    const nation = new Map<string, DemoRecord>([...publishedNation()].map((one) => [one.stored.nhsNumber, one]));

    test('has each published patient and no other', () => {
      expect([...built.keys()].sort()).toEqual(files.map((file) => file.slice(0, 10)).sort());
    });

    test.each(files)('%s is built as published, to the letter', (file) => {
      expect(built.get(file.slice(0, 10))).toStrictEqual(json(`patients/${file}`));
    });

    test.each(files)('%s is stored and read back as published', (file) => {
      const published = json(`patients/${file}`) as Patient;
      const security = published.meta?.security?.[0]?.code as Security;
      const text = encodeRecord(published);
      expect(decodeRecord(text, published.id, Number(published.meta?.versionId), security)).toStrictEqual(published);
      expect(text).not.toContain('{');
    });

    test('holds the published former, hidden and superseded facts', () => {
      const facts = json('patients/index.json').seedFacts as Record<string, Facts>;
      let checked = 0;
      for (const [number, { historic, hidden, supersededBy }] of Object.entries(facts)) {
        const { stored } = nation.get(number)!;
        if (historic?.name) expect(stored.former?.name).toEqual(historic.name);
        if (historic?.telecom) expect(stored.former?.telecom).toEqual(historic.telecom);
        if (historic?.gender) expect(stored.former?.gender).toEqual([historic.gender]);
        for (const one of hidden?.telecom ?? []) {
          expect(stored.patient.telecom).toContainEqual(expect.objectContaining(one));
        }
        if (supersededBy) expect(stored).toMatchObject({ state: 'superseded', survivor: supersededBy });
        checked += [historic, hidden, supersededBy].filter(Boolean).length;
      }
      expect(checked).toBeGreaterThanOrEqual(5);
    });

    test.each(['9000000009', '9000000017'])('has the related people published for %s', (number) => {
      const bundle = json(`related-person/related_person_${number}.json`) as { entry: { resource: object }[] };
      expect(relatedPeople[number]).toEqual(bundle.entry.map((entry) => entry.resource));
    });

    test.each(['9000000009', '9733162868'])('has the card published for %s', (number) => {
      const bundle = json(`coverage/patient_with_coverage_${number}.json`) as {
        meta: { versionId: string };
        entry: { resource: object }[];
      };
      expect(coverages[number]).toEqual(bundle.entry[0]!.resource);
      expect(String(nation.get(number)!.stored.version)).toBe(bundle.meta.versionId);
    });
  },
);

describe('the demo nation', () => {
  const nation = [...demoNation()];

  test('is some three thousand people, each number once', () => {
    expect(nation.length).toBeGreaterThan(3050);
    expect(new Set(nation.map((one) => one.stored.nhsNumber)).size).toBe(nation.length);
  });

  test('has valid numbers but for the one that is published with a wrong check digit', () => {
    expect(nation.map((one) => one.stored.nhsNumber).filter((number) => !isNhsNumber(number))).toEqual(['9000000015']);
  });

  test('stores what restricted people have and nobody is shown', () => {
    for (const number of ['9000000025', '9693632125']) {
      const { patient, security } = nation.find((one) => one.stored.nhsNumber === number)!.stored;
      expect(security).toBe('R');
      expect(patient.address).toHaveLength(1);
      expect(patient.telecom?.length).toBeGreaterThanOrEqual(1);
      expect(patient.generalPractitioner).toHaveLength(1);
    }
  });

  test('says version and confidentiality alike in the record and beside it', () => {
    for (const { stored } of nation) {
      expect(stored.patient.meta?.versionId).toBe(String(stored.version));
      expect(stored.patient.meta?.security?.[0]?.code).toBe(stored.security);
      expect(stored.patient.id).toBe(stored.nhsNumber);
    }
  });

  test('has nobody else of the published families', () => {
    const published = new Set([...publishedNation()].map((one) => one.stored.nhsNumber));
    const others = nation.filter((one) => !published.has(one.stored.nhsNumber));
    const families = others.flatMap((one) => one.stored.patient.name?.map((name) => name.family?.toLowerCase()) ?? []);
    expect(families.length).toBeGreaterThanOrEqual(3000);
    for (const family of ['smith', 'smythe', 'jones', 'youds', 'meek', 'cuff']) expect(families).not.toContain(family);
  });

  test('is the same each time', () => {
    expect([...demoNation(50)]).toEqual(nation.slice(0, [...publishedNation()].length + 50));
  });
});
