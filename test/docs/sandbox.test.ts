import { expect, test } from 'vitest';
import { runGuide, startSpineWithDemoNation } from './run-guide.ts';

const spine = await startSpineWithDemoNation();

test('the sandbox controls do what their page says', { timeout: 120_000 }, async () => {
  expect(await runGuide('docs/guide/sandbox.md', spine)).toEqual([]);
});
