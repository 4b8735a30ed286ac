import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sameJson } from './same-json.ts';

const json = fc.jsonValue({ maxDepth: 4 });

test('a value is the same as its copy, whatever the order of members', () => {
  fc.assert(
    fc.property(json, (value) => {
      const copy: unknown = JSON.parse(JSON.stringify(value), (_, member: unknown) =>
        typeof member === 'object' && member !== null && !Array.isArray(member)
          ? Object.fromEntries(Object.entries(member).reverse())
          : member,
      );
      expect(sameJson(value, copy)).toBe(isDeepStrictEqual(value, copy));
    }),
  );
});

test('of two values it says what the general comparison says', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(sameJson(a, b)).toBe(isDeepStrictEqual(a, b));
    }),
  );
  for (const [a, b] of [
    [{ a: undefined }, {}],
    [[], {}],
    [0, -0],
    [{ a: 1 }, { b: 1 }],
    [null, {}],
    [[1], [1, 2]],
  ] as const) {
    expect(sameJson(a, b)).toBe(false);
  }
});

test('a member inherited from Object is no member', () => {
  expect(sameJson({ toString: Object.prototype.toString }, { a: 1 })).toBe(false);
  expect(sameJson(JSON.parse('{"__proto__":1}'), { a: 1 })).toBe(false);
});
