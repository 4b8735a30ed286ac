import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainName } from '../../registration/person-keys.ts';
import { countLookUps, type PatientFacts, suspicionsOf } from './suspicions.ts';

const access = { userId: '555000000001', nhsNumber: '9449306621', odsCode: 'A81001' };
const user = { nhsNumber: '9449306648', familyName: 'Okonkwo', postcode: 'LS1 4AP' };
const stranger: PatientFacts = {
  familyNames: ['Penhaligon'],
  postcodes: ['YO1 7HH'],
  isRestricted: false,
  asStaff: [],
};

test('a stranger raises nothing, and nothing is raised by what is not known', () => {
  expect(suspicionsOf(access, user, stranger)).toEqual([]);
  const related = { ...stranger, familyNames: ['Okonkwo'], postcodes: ['LS1 4AP'] };
  expect(suspicionsOf(access, undefined, related)).toEqual([]);
  const blank = { nhsNumber: undefined, familyName: '–', postcode: '' };
  expect(suspicionsOf(access, blank, { ...stranger, familyNames: ['', '-'], postcodes: [''] })).toEqual([]);
});

test('own record, family name, address and colleague are each seen', () => {
  expect(suspicionsOf(access, { ...user, nhsNumber: access.nhsNumber }, stranger)).toEqual(['OWN_RECORD']);
  const colleague = (userId: string, ...odsCodes: string[]) => ({ ...stranger, asStaff: [{ userId, odsCodes }] });
  expect(suspicionsOf(access, undefined, colleague(access.userId, 'A81001'))).toEqual(['OWN_RECORD']);
  expect(suspicionsOf(access, user, { ...stranger, familyNames: ['Smith', 'OKONKWO'] })).toEqual(['SAME_SURNAME']);
  expect(suspicionsOf(access, user, { ...stranger, postcodes: ['ls14ap'] })).toEqual(['SAME_ADDRESS']);
  expect(suspicionsOf(access, user, colleague('555000000002', 'B82002', 'A81001'))).toEqual(['COLLEAGUE']);
  expect(suspicionsOf(access, user, colleague('555000000002', 'B82002'))).toEqual([]);
});

test('the address of a restricted record is compared with nobody’s, so that no alert tells where the patient lives', () => {
  const hidden = { ...stranger, postcodes: ['LS1 4AP'], familyNames: ['Okonkwo'], isRestricted: true };
  expect(suspicionsOf(access, user, hidden)).toEqual(['SAME_SURNAME']);
});

test('names are the same whatever their accents, case, hyphens and apostrophes', () => {
  expect(plainName('O’Brien-Núñez')).toBe(plainName('OBRIEN NUNEZ'));
  expect(plainName('Smith')).not.toBe(plainName('Smyth'));
});

const hour = 3_600_000;
const accesses = fc
  .array(
    fc.record({
      nhsNumber: fc.integer({ min: 0, max: 12 }).map((n) => `patient ${n}`),
      gap: fc.constantFrom(0, 60_000, 600_000, hour - 1, hour, hour + 1),
    }),
    { maxLength: 80 },
  )
  .map((list) => {
    let at = 0;
    return list.map(({ nhsNumber, gap }) => {
      at += gap;
      return { nhsNumber, at };
    });
  });

/** By the definition: different patients within the hour before an access, itself included; none for an hour after an alert. */
function byDefinition(list: readonly { nhsNumber: string; at: number }[], limit: number): number[] {
  const found: number[] = [];
  let since = 0;
  let quietUntil = 0;
  for (const [index, { at }] of list.entries()) {
    if (at < quietUntil) {
      since = index + 1;
      continue;
    }
    const window = list.slice(since, index + 1).filter((one) => one.at > at - hour);
    if (new Set(window.map((one) => one.nhsNumber)).size <= limit) continue;
    found.push(index);
    since = index + 1;
    quietUntil = at + hour;
  }
  return found;
}

test('too many patients within an hour are found exactly, however the accesses are cut into rounds', () => {
  fc.assert(
    fc.property(accesses, fc.integer({ min: 1, max: 6 }), fc.nat(80), (list, limit, cut) => {
      const whole = countLookUps(new Map(), list, limit);
      expect(whole.tooMany).toEqual(byDefinition(list, limit));
      const first = countLookUps(new Map(), list.slice(0, cut), limit);
      const second = countLookUps(first.after, list.slice(cut), limit);
      expect([...first.tooMany, ...second.tooMany.map((index) => index + Math.min(cut, list.length))]).toEqual(
        whole.tooMany,
      );
      expect(whole.after.size).toBeLessThanOrEqual(limit);
    }),
    { numRuns: 500 },
  );
});
