/**
 * Chance that can be asked again: every number follows from a seed, an index and a purpose, so that person n is the same
 * whenever and wherever he or she is made. Thirty-two bits, murmur-style mixing; for populations, not for secrets.
 */
export function mix(seed: number, index: number, purpose: number): number {
  let h = Math.imul(seed ^ Math.imul(purpose, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15) ^ (index | 0), 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13) ^ Math.floor(index / 0x1_0000_0000), 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h ^= h >>> 13;
  return h >>> 0;
}

/** The next of a chain of numbers begun with mix. */
export function next(h: number): number {
  let n = (h + 0x6d2b79f5) | 0;
  n = Math.imul(n ^ (n >>> 15), n | 1);
  n ^= n + Math.imul(n ^ (n >>> 7), n | 61);
  return (n ^ (n >>> 14)) >>> 0;
}

/** A number below `count` from the upper bits of `h`. */
export function below(h: number, count: number): number {
  return Math.floor((h / 0x1_0000_0000) * count);
}

/** True in `perMille` of a thousand cases. */
export function chance(h: number, perMille: number): boolean {
  return h < perMille * 4_294_967.296;
}

/** A choice among few things of unequal weight, drawn in constant time. */
export type Weighted = { readonly slots: Uint16Array };

const slotCount = 8192;

/** Makes the choice: thing i is drawn in proportion to `weights[i]`; every thing at least once in 8192. */
export function weighted(weights: readonly number[]): Weighted {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const slots = new Uint16Array(slotCount);
  let at = 0;
  let sum = 0;
  weights.forEach((weight, i) => {
    sum += weight;
    const end = Math.max(at + 1, Math.round((sum / total) * slotCount));
    slots.fill(i, at, Math.min(end, slotCount));
    at = Math.min(end, slotCount - 1);
  });
  return { slots };
}

/** Weights as names have them: the thing of rank r weighs (r + shift)^-exponent. */
export function ranked(count: number, exponent: number, shift: number): Weighted {
  return weighted(Array.from({ length: count }, (_, rank) => (rank + 1 + shift) ** -exponent));
}

/** The index drawn with `h`. */
export function draw(choice: Weighted, h: number): number {
  return choice.slots[h >>> 19]!;
}
