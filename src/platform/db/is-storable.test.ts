import { expect, test } from 'vitest';
import { isStorable } from './is-storable.ts';

test.each([['a'], ['\\u0000'], ['\\\\ud800'], ['😀'], ['\u0001'], [''], [undefined], [{ a: [1, null, 'é'] }]])(
  '%j can be kept',
  (value) => expect(isStorable(value)).toBe(true),
);

test.each([['\u0000'], ['a\\\u0000'], ['\ud800'], ['x\udfff'], [{ '\u0000': 1 }], [[{ a: { b: ['\udc00'] } }]]])(
  '%j cannot',
  (value) => expect(isStorable(value)).toBe(false),
);
