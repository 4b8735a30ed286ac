import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { heard } from '../../test/support/command.ts';
import { main } from './main.ts';

const commands = async () => {
  const { said } = await call('--help');
  return [...said.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name as string);
};

/** Calls openspine in this process; what it said and its exit code. */
async function call(...args: string[]): Promise<{ code: number; said: string; complained: string }> {
  const { code, out, err } = await heard(main, {}, args);
  return { code, said: out.join('\n'), complained: err.join('\n') };
}

test('--help lists the commands; each explains itself with an example', async () => {
  const names = await commands();
  expect(names).toEqual(
    expect.arrayContaining(['start', 'serve', 'migrate', 'key', 'token', 'audit', 'doctor', 'bench']),
  );
  for (const name of names) {
    const { code, said } = await call(name, '--help');
    expect(code).toBe(0);
    expect(said).toMatch(new RegExp(`^openspine ${name}\\b`));
    expect(said, `openspine ${name} --help`).toMatch(/\n\nExample:\n {2}\S/);
    expect(await call('help', name)).toEqual({ code, said, complained: '' });
  }
});

test('without arguments it says what there is', async () => {
  expect(await call()).toEqual(await call('--help'));
});

test('--version says the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(await call('--version')).toEqual({ code: 0, said: `openspine v${version}`, complained: '' });
});

test.for(['nope', 'toString', '__proto__', '-x'])('an unknown command, %s, is called wrongly', async (name) => {
  expect(await call(name)).toEqual({
    code: 2,
    said: '',
    complained: `openspine: there is no command "${name}"; see openspine --help`,
  });
});

test('an unknown option is called wrongly', async () => {
  const { code, complained } = await call('serve', '--nope');
  expect(code).toBe(2);
  expect(complained).toMatch(/^openspine serve: .*--nope/);
});

test('a setting that makes no sense fails with one sentence', async () => {
  expect(await call('serve', '--port', 'high')).toEqual({
    code: 1,
    said: '',
    complained: 'openspine: OPENSPINE_PORT must be a whole number from 0 to 65535, not "high".',
  });
});

/** A Node older than ours, as a user's shell may have it. */
function olderNode(): string | undefined {
  const places = (process.env.PATH ?? '').split(':').filter((place) => !place.includes('node_modules'));
  return places
    .map((place) => join(place, 'node'))
    .find((node) => {
      const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
      return Number(/^v(\d+)/.exec(stdout ?? '')?.[1] ?? 99) < 26;
    });
}

const older = olderNode();
test.skipIf(older === undefined)('run by an older Node, the launcher hands over to our own', () => {
  const launcher = fileURLToPath(new URL('../../bin/openspine', import.meta.url));
  const { stdout, stderr, status } = spawnSync(older as string, [launcher, '--version'], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(stdout).toMatch(/^openspine v\d/);
});

test('the launcher works from any directory and through a link', () => {
  const directory = mkdtempSync(join(tmpdir(), 'openspine-link-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const link = join(directory, 'spine');
  symlinkSync(fileURLToPath(new URL('../../bin/openspine', import.meta.url)), link);
  const { stdout, stderr, status } = spawnSync(link, ['--version'], { cwd: directory, encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  expect(stdout).toMatch(/^openspine v\d/);
  // what serves begins anew with its memory bounded, and says nothing of it
  const serving = spawnSync(link, ['serve', '--port', 'high'], { cwd: directory, encoding: 'utf8' });
  expect(serving.stderr).toBe('openspine: OPENSPINE_PORT must be a whole number from 0 to 65535, not "high".\n');
  expect(serving.status).toBe(1);
});
