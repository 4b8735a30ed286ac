import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Inclusions, permissionClosure } from './permission-closure.ts';

const activity = fc.constantFrom(...Array.from({ length: 12 }, (_, n) => `B${String(n).padStart(4, '0')}`));
const activities = fc.array(activity, { maxLength: 6 });
// circles and self-inclusion among them
const inclusions: fc.Arbitrary<Inclusions> = fc
  .array(fc.tuple(activity, activities), { maxLength: 12 })
  .map((pairs) => new Map(pairs));

const isWithin = (inner: readonly string[], outer: readonly string[]) => inner.every((one) => outer.includes(one));

test('what was given is held, and more given never takes anything away', () => {
  fc.assert(
    fc.property(activities, activities, inclusions, (some, more, includes) => {
      const held = permissionClosure(some, includes);
      expect(isWithin(some, held)).toBe(true);
      expect(isWithin(held, permissionClosure([...some, ...more], includes))).toBe(true);
    }),
  );
});

test('the closure of a closure is itself, whatever the order given', () => {
  fc.assert(
    fc.property(activities, inclusions, (some, includes) => {
      const held = permissionClosure(some, includes);
      expect(permissionClosure([...held].reverse(), includes)).toEqual(held);
    }),
  );
});

test('every activity held was given or is implied by another one held', () => {
  fc.assert(
    fc.property(activities, inclusions, (some, includes) => {
      const held = permissionClosure(some, includes);
      for (const one of held) {
        const isImplied = held.some((other) => (includes.get(other) ?? []).includes(one));
        expect(some.includes(one) || isImplied).toBe(true);
      }
      // nothing outside the reachable set: taking the inclusions away leaves what was given
      expect(permissionClosure(some, new Map())).toEqual([...new Set(some)].sort());
    }),
  );
});

test('circular inclusions end', () => {
  const circle: Inclusions = new Map([
    ['B1', ['B2']],
    ['B2', ['B3', 'B2']],
    ['B3', ['B1']],
  ]);
  expect(permissionClosure(['B2'], circle)).toEqual(['B1', 'B2', 'B3']);
});
