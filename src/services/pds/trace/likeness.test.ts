import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jaro, slips } from './likeness.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 7 });

test.each([
  ['smith', 'smith', 0],
  ['smith', 'smiht', 1],
  ['smith', 'smit', 1],
  ['smith', 'smyth', 1],
  ['kitten', 'sitting', 3],
])('from %s to %s: %i slips', (a, b, count) => {
  expect(slips(a, b)).toBe(count);
});

test('slips count the same both ways, are none only for equal texts, and stop being counted at the bound', () => {
  fc.assert(
    fc.property(word, word, fc.nat(4), (a, b, most) => {
      const count = slips(a, b);
      expect(slips(b, a)).toBe(count);
      expect(count === 0).toBe(a === b);
      expect(slips(a, b, most)).toBe(Math.min(count, most + 1));
    }),
    { numRuns: 2000 },
  );
});

test('the Jaro likeness is that of the textbook', () => {
  expect(jaro('martha', 'marhta')).toBeCloseTo(0.9444, 4);
  expect(jaro('dixon', 'dicksonx')).toBeCloseTo(0.7667, 4);
  expect(jaro('mat', 'xyz')).toBe(0);
});

test('the Jaro likeness lies between 0 and 1, the same both ways', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      const likeness = jaro(a, b);
      expect(likeness).toBeGreaterThanOrEqual(0);
      expect(likeness).toBeLessThanOrEqual(1);
      expect(likeness).toBeCloseTo(jaro(b, a), 10);
      expect(likeness === 1).toBe(a === b);
    }),
  );
});
