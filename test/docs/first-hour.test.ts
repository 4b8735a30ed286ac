import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Database } from '../../src/platform/db/database.ts';
import { demoNation } from '../../src/population/demo/demo-nation.ts';
import { loadDemoRecords } from '../../src/services/pds/index.ts';
import { startSpine } from '../support/spine.ts';
import { blocksIn, readPage, root } from './markdown.ts';

const spine = await startSpine();
const db = new Database({ url: spine.databaseUrl });
await loadDemoRecords(db, demoNation(50));
await db.close();

// a directory that looks like the root of the repository, for what the guide writes there
const directory = mkdtempSync(join(tmpdir(), 'openspine-guide-'));
symlinkSync(join(root, 'bin'), join(directory, 'bin'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Each shell block of the guide, with the block of output that follows it, if one does. */
const steps = blocksIn(readPage('docs/guide/first-hour.md')).flatMap((block, at, all) => {
  const next = all[at + 1];
  return block.language === 'sh' ? [{ shell: block.text, shows: next?.language === 'text' ? next.text : '' }] : [];
});

const mark = '@@ step';

/** Runs all steps in one bash, as a reader would; what each of them printed. Ends at the first that fails. */
async function run(): Promise<{ outputs: string[]; code: number }> {
  const script = steps.map(({ shell }, at) => `printf '\\n${mark} ${at}\\n'\n${shell}`).join('\n');
  const env = {
    ...process.env,
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    SPINE: spine.url,
    OPENSPINE_DATABASE_URL: spine.databaseUrl,
    OPENSPINE_DATA: spine.dataDirectory,
  };
  return new Promise((resolve) => {
    const child = execFile('bash', ['-e', '-o', 'pipefail', '-c', `exec 2>&1\n${script}`], { cwd: directory, env });
    let said = '';
    child.stdout?.on('data', (chunk: string) => {
      said += chunk;
    });
    child.once('close', (code) => {
      const outputs = said.split(new RegExp(`\\n${mark} \\d+\\n`)).slice(1);
      resolve({ outputs, code: code ?? 1 });
    });
  });
}

/** A line of the guide as a pattern: `…` stands for anything, blanks for any blanks. */
const patternOf = (line: string): RegExp =>
  new RegExp(
    line
      .trim()
      .split(/\s*…\s*/)
      .map((part) => RegExp.escape(part).replaceAll(/(\\x20|\s)+/g, '\\s+'))
      .join('.*'),
  );

/** The first line shown that the output does not have, in order. */
function missingLine(shows: string, output: string): string | undefined {
  const lines = output.split('\n');
  let from = 0;
  for (const line of shows.split('\n').filter((one) => one.trim() !== '')) {
    const pattern = patternOf(line);
    const at = lines.findIndex((one, index) => index >= from && pattern.test(one));
    if (at < 0) return line;
    from = at + 1;
  }
  return undefined;
}

test('the first hour goes as the guide says', { timeout: 120_000 }, async () => {
  const { outputs, code } = await run();
  const differing = steps.flatMap(({ shell, shows }, at) => {
    const output = outputs[at] ?? '(not reached)';
    const line = missingLine(shows, output);
    return line === undefined ? [] : [`${shell}shows no line "${line}" but:\n${output}`];
  });
  expect(differing).toEqual([]);
  expect(code, outputs.at(-1)).toBe(0);
});

test('a step that shows something else is noticed', () => {
  expect(missingLine('one\nthree', 'one\ntwo\nthree')).toBeUndefined();
  expect(missingLine('three\none', 'one\ntwo\nthree')).toBe('one');
  expect(missingLine('a … z', 'a b z')).toBeUndefined();
  expect(missingLine('204', '500')).toBe('204');
  expect(steps.filter(({ shows }) => shows !== '').length).toBeGreaterThan(8);
});
