import fc from 'fast-check';
import { expect, test } from 'vitest';
import { soundCode, soundCodesOfBeginning, soundex } from './soundex.ts';

test.each([
  ['Robert', 'R163'],
  ['Rupert', 'R163'],
  ['Ashcraft', 'A261'],
  ['Tymczak', 'T522'],
  ['Pfister', 'P236'],
  ['Honeyman', 'H555'],
  ['Smith', 'S530'],
  ['Smythe', 'S530'],
  ['ATTSÖN', 'A325'],
  ["O'Hara", 'O600'],
  ['Łuczak', 'L220'],
  ['李', ''],
])('%s sounds %s', (name, code) => {
  expect(soundex(name)).toBe(code);
});

const name = fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz-é '), maxLength: 12 });

test('two names have one sound code exactly when they have one Soundex', () => {
  fc.assert(fc.property(name, name, (a, b) => (soundCode(a) === soundCode(b)) === (soundex(a) === soundex(b))));
});

test('every name lies among the sounds of each of its beginnings', () => {
  fc.assert(
    fc.property(name, fc.nat(12), (whole, length) => {
      const sounds = soundCodesOfBeginning(whole.slice(0, length));
      if (!sounds) return;
      expect(soundCode(whole)).toBeGreaterThanOrEqual(sounds[0]);
      expect(soundCode(whole)).toBeLessThanOrEqual(sounds[1]);
    }),
    { numRuns: 2000 },
  );
});

test('sound codes fit the small integer they are stored in', () => {
  expect(soundCode('zzzzz')).toBeGreaterThan(0);
  expect(soundCodesOfBeginning('z')?.[1]).toBeLessThan(2 ** 15);
});
