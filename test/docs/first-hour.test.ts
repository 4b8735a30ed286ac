import { expect, test } from 'vitest';
import { missingLine, runGuide, startSpineWithDemoNation, stepsOf } from './run-guide.ts';

const guide = 'docs/guide/first-hour.md';
const spine = await startSpineWithDemoNation();

test('the first hour goes as the guide says', { timeout: 120_000 }, async () => {
  expect(await runGuide(guide, spine)).toEqual([]);
});

test('the one request of the README is answered as shown', async () => {
  expect(stepsOf('README.md')).toHaveLength(1);
  expect(await runGuide('README.md', spine)).toEqual([]);
});

test('most steps of the guide show what they print', () => {
  expect(stepsOf(guide).filter(({ shows }) => shows !== '').length).toBeGreaterThan(8);
});

test('a step that prints something else is noticed', () => {
  expect(missingLine('one\nthree', 'one\ntwo\nthree')).toBeUndefined();
  expect(missingLine('three\none', 'one\ntwo\nthree')).toBe('one');
  expect(missingLine('a … z', 'a b  c z')).toBeUndefined();
  expect(missingLine('a b', 'a   b')).toBeUndefined();
  expect(missingLine('204', '500')).toBe('204');
});
