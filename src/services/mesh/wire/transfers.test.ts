import { expect, test } from 'vitest';
import { Transfers } from './transfers.ts';

test('large ones are bounded for each and for all together, and each gives its place back once', () => {
  const transfers = new Transfers({ ofMailbox: 10, largeOfMailbox: 2, large: 3 });
  const [a1, a2, a3] = ['A', 'A', 'A'].map((id) => transfers.begin(id, true));
  expect([a1 && true, a2 && true, a3]).toEqual([true, true, undefined]);
  expect(transfers.begin('A', false)).toBeDefined();
  expect(transfers.begin('B', true)).toBeDefined();
  expect(transfers.begin('C', true)).toBeUndefined();
  a1?.();
  expect(transfers.begin('C', true)).toBeDefined();
  expect(transfers.begin('A', true)).toBeUndefined();
});
