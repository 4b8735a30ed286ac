import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Database } from '../../src/platform/db/database.ts';
import { demoNation } from '../../src/population/demo/demo-nation.ts';
import { loadDemoRecords } from '../../src/services/pds/index.ts';
import { type SpineUnderTest, startSpine } from '../support/spine.ts';
import { blocksIn, readPage, root } from './markdown.ts';

/** A sandbox Spine with a small demo nation. */
export async function startSpineWithDemoNation(): Promise<SpineUnderTest> {
  const spine = await startSpine();
  const db = new Database({ url: spine.databaseUrl });
  await loadDemoRecords(db, demoNation(50));
  await db.close();
  return spine;
}

/** A shell block of a guide, and what the block of output after it shows; empty where there is none. */
export type Step = { readonly shell: string; readonly shows: string };

export function stepsOf(guide: string): Step[] {
  return blocksIn(readPage(guide)).flatMap((block, at, all) => {
    const next = all[at + 1];
    return block.language === 'sh' ? [{ shell: block.text, shows: next?.language === 'text' ? next.text : '' }] : [];
  });
}

const mark = '@@ step';

/**
 * Runs the steps in one bash, as a reader would, in a directory that looks like the root of the repository. The
 * differences between what the guide shows and what was printed, in words; a step that fails is one of them.
 */
export async function runGuide(guide: string, spine: SpineUnderTest): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'openspine-guide-'));
  symlinkSync(join(root, 'bin'), join(directory, 'bin'));
  const steps = stepsOf(guide);
  const script = steps
    .map(({ shell }, at) => `printf '\\n${mark} ${at}\\n'\n${shell}`)
    .join('\n')
    .replaceAll('http://localhost:8600', spine.url);
  const env = {
    ...process.env,
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
    SPINE: spine.url,
    OPENSPINE_DATABASE_URL: spine.databaseUrl,
    OPENSPINE_DATA: spine.dataDirectory,
  };
  try {
    const { said, code } = await bash(`exec 2>&1\n${script}`, directory, env);
    const outputs = said.split(new RegExp(`\\n${mark} \\d+\\n`)).slice(1);
    const differences = steps.flatMap(({ shell, shows }, at) => {
      const output = outputs[at];
      if (output === undefined) return [`${shell}was not reached`];
      const line = missingLine(shows, output);
      return line === undefined ? [] : [`${shell}shows no line "${line}" but:\n${output}`];
    });
    return code === 0 ? differences : [...differences, `bash ended with ${code} after:\n${outputs.at(-1)}`];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function bash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<{ said: string; code: number }> {
  return new Promise((resolve) => {
    const child = execFile('bash', ['-e', '-o', 'pipefail', '-c', script], { cwd, env });
    let said = '';
    child.stdout?.on('data', (chunk: string) => {
      said += chunk;
    });
    child.once('close', (code) => resolve({ said, code: code ?? 1 }));
  });
}

/** A line of the guide as a pattern: `…` stands for anything, blanks for any blanks. */
function patternOf(line: string): RegExp {
  const parts = line.trim().split(/\s*…\s*/);
  return new RegExp(parts.map((part) => RegExp.escape(part).replaceAll(/(\\x20)+/g, '\\s+')).join('.*'));
}

/** The first line shown that the output does not have, in order; undefined when it has them all. */
export function missingLine(shows: string, output: string): string | undefined {
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
