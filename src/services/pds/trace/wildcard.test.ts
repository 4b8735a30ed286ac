import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixedStart, likePattern, matchesWildcard, shareUnsaid } from './wildcard.ts';

test.each([
  ['sm*t*', 'smith', true],
  ['sm*t*', 'smythe', true],
  ['ann*', 'ann', true],
  ['ala*', 'michael', false],
  ['sm*h', 'smithe', false],
])('%s and %s: %s', (pattern, text, expected) => {
  expect(matchesWildcard(pattern, text)).toBe(expected);
});

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 });
const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*'), maxLength: 8 });

test('a pattern describes what the same regular expression does', () => {
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => {
      const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      expect(matchesWildcard(pattern, text)).toBe(expression.test(text));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern made to be slow is not', () => {
  const start = performance.now();
  expect(matchesWildcard(`${'a*'.repeat(17)}b`, 'a'.repeat(10_000))).toBe(false);
  expect(performance.now() - start).toBeLessThan(1000);
});

test('what the database takes for special is escaped, and wildcards in a row are one', () => {
  expect(likePattern('o_l%y\\**n*')).toBe('o\\_l\\%y\\\\%n%');
});

test('the share left unsaid is that of the letters not written', () => {
  expect(shareUnsaid('me*', 'meek')).toBe(0.5);
  expect(shareUnsaid('smith*', 'smith')).toBe(0);
  expect(fixedStart('sm*t*')).toBe('sm');
});
