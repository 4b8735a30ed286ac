import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNhsNumber } from '../platform/nhs/nhs-number.ts';
import { capacity, indexOfNumber, numberAt } from './nhs-numbers.ts';

const index = fc.integer({ min: 0, max: capacity - 1 });

describe('the numbers of the synthetic nation', () => {
  test('suffice for eighty million people', () => {
    expect(capacity).toBeGreaterThan(80_000_000);
    expect(() => numberAt(capacity)).toThrow(RangeError);
  });

  test('are valid, and lead back to the person', () => {
    fc.assert(
      fc.property(index, (n) => {
        const number = numberAt(n);
        expect(isNhsNumber(number)).toBe(true);
        expect(indexOfNumber(number)).toBe(n);
      }),
      { numRuns: 2000 },
    );
  });

  test('rise with the index, so no two people share one', () => {
    for (let n = 0; n < 20_000; n++) expect(numberAt(n + 1) > numberAt(n)).toBe(true);
    fc.assert(
      fc.property(index, (n) => n === 0 || numberAt(n) > numberAt(n - 1)),
      { numRuns: 2000 },
    );
  });

  test('stay out of the ranges of allocation and of the published examples', () => {
    fc.assert(
      fc.property(index, (n) => {
        const number = numberAt(n);
        expect(number.startsWith('999')).toBe(false);
        expect(number.startsWith('5')).toBe(false);
        expect(/^(900|911|969|97)/.test(number)).toBe(false);
      }),
    );
  });

  test('of others belong to no synthetic person', () => {
    for (const number of ['9000000009', '9990001057', '4505577104', '8000000009', 'x']) {
      expect(indexOfNumber(number)).toBeUndefined();
    }
  });
});
