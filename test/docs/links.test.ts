import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { markdownFiles, readPage, root } from './markdown.ts';

const pages = markdownFiles();
const prose = (page: string): string => page.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');

/** Heading anchors as they are made on the usual hosts. */
const anchorsOf = (page: string): string[] =>
  [...page.matchAll(/^#+ +(.+)$/gm)].map(([, title]) =>
    (title as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test('there are pages to look at', () => {
  expect(pages).toContain('README.md');
  expect(pages.length).toBeGreaterThan(40);
});

test('every relative link leads to a file, and to a heading where it names one', () => {
  const broken = pages.flatMap((page) =>
    [...prose(readPage(page)).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => target as string)
      .filter((target) => !/^(https?:|mailto:)/.test(target))
      .filter((target) => {
        const [path, anchor] = target.split('#') as [string, string?];
        const to = path === '' ? page : normalize(join(dirname(page), path));
        if (to.startsWith('..') || !existsSync(join(root, to))) return true;
        return anchor !== undefined && !anchorsOf(readPage(to)).includes(anchor);
      })
      .map((target) => `${page} → ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every repository path in code marks is there', () => {
  const missing = pages.flatMap((page) =>
    [...readPage(page).matchAll(/`((?:src|test|bench|bin|docs)\/[A-Za-z0-9._/-]*[A-Za-z0-9_])`/g)]
      .map(([, path]) => path as string)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${page} → ${path}`),
  );
  expect(missing).toEqual([]);
});

test('no page names a place of one machine', () => {
  const machine = /(?<![\w./-])\/(work|home|root|Users|mnt|tmp|private)\//;
  expect(pages.filter((page) => machine.test(readPage(page)))).toEqual([]);
});
