import { expect, test } from 'vitest';
import { startSpine } from '../support/spine.ts';
import { runGuide } from './run-guide.ts';

const spine = await startSpine();

test('the MESH client does what its page says', { timeout: 120_000 }, async () => {
  expect(await runGuide('docs/guide/mesh-client.md', spine)).toEqual([]);
});
