import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPage, root, tableRows } from './markdown.ts';

test('every dependency has its line and its reason, and no other has', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string> | undefined
  >;
  const lines = tableRows(readPage('docs/dependencies.md'));
  const named = lines.map(([name]) => name?.replaceAll('`', ''));
  const there = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  );
  expect(named.sort()).toEqual(there.sort());
  expect(lines.filter(([, reason]) => (reason ?? '').length < 5)).toEqual([]);
});
