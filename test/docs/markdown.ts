import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

export const root: string = resolve(import.meta.dirname, '../..');

const isSkipped = (path: string): boolean =>
  path.split('/').some((part) => part === 'node_modules' || /^\../.test(part));

/** Every Markdown file of the repository, by its path from the root. */
export function markdownFiles(): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !isSkipped(path))
    .sort();
}

export const readPage = (path: string): string => readFileSync(join(root, path), 'utf8');

/** A fenced block: the word after the fence, and what stands in it. */
export type Block = { readonly language: string; readonly text: string };

/** The fenced blocks of a page in their order. */
export function blocksIn(page: string): Block[] {
  return [...page.matchAll(/^```([a-z]*)\n(.*?)^```$/gms)].map(([, language, text]) => ({
    language: language as string,
    text: text as string,
  }));
}

/** The rows of the tables of a page, cells trimmed, heads left out. */
export function tableRows(page: string): string[][] {
  const lines = page.split('\n');
  const isRow = (line: string | undefined) => line?.startsWith('|') === true;
  const isRule = (line: string | undefined) => line !== undefined && /^\|[-|]+\|$/.test(line);
  return lines
    .filter((line, at) => isRow(line) && !isRule(line) && !isRule(lines[at + 1]))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}
