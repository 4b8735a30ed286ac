#!/usr/bin/env node
// `npm test`: types, lint, tests, in that order, each to its end; arguments go to vitest. Fails when any of them does.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const programs = join(root, 'node_modules', '.bin');
const scratch = mkdtempSync(join(tmpdir(), 'openspine-report-'));
const report = join(scratch, 'vitest.json');
const env = { ...process.env, PATH: `${programs}${delimiter}${process.env.PATH}` };

/** Runs one step with its output shown; true when it succeeded. */
function step(title, program, ...args) {
  process.stdout.write(`\n── ${title}\n`);
  const { status, signal, error } = spawnSync(join(programs, program), args, { cwd: root, env, stdio: 'inherit' });
  if (error) process.stderr.write(`${title}: ${error.message}\n`);
  if (signal) process.stderr.write(`${title}: ended by ${signal}\n`);
  return status === 0;
}

/** What vitest counted; a file that could not be run counts as one failure. */
function counts(succeeded) {
  let result = { passed: 0, failed: 0, skipped: 0 };
  try {
    const said = JSON.parse(readFileSync(report, 'utf8'));
    const unrun = said.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
    result = {
      passed: said.numPassedTests,
      failed: said.numFailedTests + unrun.length,
      skipped: said.numPendingTests + (said.numTodoTests ?? 0),
    };
  } catch {
    process.stderr.write('vitest left no report\n');
  }
  if (!succeeded && result.failed === 0) result.failed = 1;
  return result;
}

const outcomes = {
  types: step('types (tsc)', 'tsc', '--noEmit'),
  lint: step('lint (biome)', 'biome', 'check', '.'),
  'unused code': step('unused code (knip)', 'knip'),
};
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
outcomes.tests = step('tests (vitest)', 'vitest', 'run', ...reporters, ...process.argv.slice(2));
const { passed, failed, skipped } = counts(outcomes.tests);
rmSync(scratch, { recursive: true, force: true });

const broken = Object.keys(outcomes).filter((name) => !outcomes[name]);
process.stdout.write(
  broken.length > 0 ? `\nFAILED: ${broken.join(', ')}\n` : '\nTypes, lint and tests are all right.\n',
);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = broken.length > 0 ? 1 : 0;
