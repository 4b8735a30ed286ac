import type { NhsNumber } from '../platform/nhs/nhs-number.ts';

/*
 * The numbers of the synthetic nation. Under each eight digits exactly nine ninth digits are used: one of the eleven
 * residues has no check digit, and where all ten ninth digits have one the last is left out. So the n-th number is
 * computed, in rising order, without a table. The ranges have never been issued to people, and hold neither the range
 * in which this Spine allocates numbers (999) nor the published demo numbers.
 */
const ranges = [
  { first: 80_000_000, last: 89_999_999 },
  { first: 91_200_000, last: 96_899_999 },
] as const;

/** How many people there are numbers for. */
export const capacity = ranges.reduce((sum, { first, last }) => sum + (last - first + 1) * 9, 0);

/** The NHS number of person `index` (0 to capacity - 1). Throws RangeError beyond. */
export function numberAt(index: number): NhsNumber {
  let prefix = Math.floor(index / 9);
  for (const { first, last } of ranges) {
    if (prefix <= last - first) return numberUnder(first + prefix, index % 9);
    prefix -= last - first + 1;
  }
  throw new RangeError(`There are numbers for ${capacity} people only.`);
}

/** The index of the person who has this number; undefined when no synthetic person can have it. */
export function indexOfNumber(nhsNumber: string): number | undefined {
  const prefix = Number(nhsNumber.slice(0, 8));
  let before = 0;
  for (const { first, last } of ranges) {
    if (prefix >= first && prefix <= last) {
      for (let place = 0; place < 9; place++) {
        if (numberUnder(prefix, place) === nhsNumber) return (before + prefix - first) * 9 + place;
      }
      return undefined;
    }
    before += last - first + 1;
  }
  return undefined;
}

function numberUnder(prefix: number, place: number): NhsNumber {
  let sum = 0;
  let rest = prefix;
  for (let weight = 3; weight <= 10; weight++) {
    sum += (rest % 10) * weight;
    rest = Math.floor(rest / 10);
  }
  // the ninth digit d weighs 2; there is no check digit where sum + 2d is 1 modulo 11: d = 6 (1 - sum) modulo 11
  const unusable = ((((1 - (sum % 11)) * 6) % 11) + 11) % 11;
  const ninth = place < unusable ? place : place + 1;
  const remainder = (sum + 2 * ninth) % 11;
  return (prefix * 100 + ninth * 10 + (remainder === 0 ? 0 : 11 - remainder)).toString() as NhsNumber;
}
