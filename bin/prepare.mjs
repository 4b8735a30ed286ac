#!/usr/bin/env node
// Runs before `npm start` and `npm test` on whatever Node the machine has (18 or later), with nothing installed yet:
// installs what package-lock.json names, once, and sees that the project's own Node runs.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.openspine-installed');
const lockFile = join(root, '.prepare.lock');

/**
 * Debian packages for tests that are skipped without them: `{ name, shownBy, what }`, a program that it brings, and what
 * is tested with it.
 */
const debianForTests = [
  { name: 'chromium', shownBy: 'chromium', what: 'pages in a browser' },
  { name: 'openssl', shownBy: 'openssl', what: 'cards and certificates with a program of others' },
];

const say = (line) => process.stdout.write(`${line}\n`);

/** Ends the run with one sentence for the person who started it. */
function fail(sentence) {
  process.stderr.write(`OpenSpine: ${sentence}\n`);
  process.exit(1);
}

const wanted = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

/** True when the project's own Node is there and runs. */
function ownNodeRuns() {
  const answer = spawnSync(join(modules, 'node', 'bin', 'node'), ['--version'], { encoding: 'utf8' });
  return answer.status === 0 && Number(/^v(\d+)/.exec(answer.stdout)?.[1]) >= 26;
}

/** True when node_modules holds exactly what package-lock.json names, by our stamp or by npm's own record. */
function isInstalled() {
  try {
    if (readFileSync(stampFile, 'utf8').trim() === wanted()) return ownNodeRuns();
  } catch {
    // no stamp: npm may have been run by hand
  }
  try {
    const named = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const there = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
    const same = Object.entries(named).every(
      ([path, entry]) => path === '' || (there[path] ? there[path].version === entry.version : entry.optional),
    );
    if (!same || !ownNodeRuns()) return false;
    writeStamp();
    return true;
  } catch {
    return false;
  }
}

function writeStamp() {
  try {
    writeFileSync(stampFile, `${wanted()}\n`);
  } catch {
    // somebody else's checkout: looked at anew each time
  }
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Two commands started at once in a fresh clone must not install over each other. */
async function lock() {
  for (let waited = 0; ; waited++) {
    try {
      const file = openSync(lockFile, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      process.on('exit', () => rmSync(lockFile, { force: true }));
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST')
        fail(
          `${root} cannot be written by this user (${error.code}); clone it as this user, or run npm ci as its owner.`,
        );
      let holder = 0;
      try {
        holder = Number(readFileSync(lockFile, 'utf8'));
      } catch {
        continue;
      }
      if (waited === 0) say('Waiting for another command that is installing here …');
      // an empty lock is one being written; one whose process is gone was left behind
      if (holder > 0 ? !isAlive(holder) : waited > 10) rmSync(lockFile, { force: true });
      await new Promise((done) => setTimeout(done, 500));
    }
  }
}

/** The environment for npm: without this project's own programs, which are about to be replaced. */
function npmEnvironment() {
  const env = { ...process.env };
  env.PATH = (env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => !resolve(entry).startsWith(modules))
    .join(delimiter);
  const cache = env.npm_config_cache ?? join(homedir(), '.npm');
  try {
    mkdirSync(cache, { recursive: true });
    accessSync(cache, constants.W_OK);
  } catch {
    env.npm_config_cache = mkdtempSync(join(tmpdir(), 'openspine-npm-'));
  }
  return env;
}

/** Runs npm ci; its exit code and what it said. */
function npmCi(env) {
  const options = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const byNpm = env.npm_execpath?.endsWith('.js') && env.npm_node_execpath?.startsWith(modules) === false;
  const [program, args] = byNpm ? [env.npm_node_execpath, [env.npm_execpath, ...options]] : ['npm', options];
  return new Promise((done) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const hear = (chunk) => {
      said = (said + chunk).slice(-20_000);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('error', (error) => done({ code: 127, said: error.message }));
    child.once('close', (code) => done({ code: code ?? 1, said }));
  });
}

async function install() {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  say(
    'Installing what package-lock.json names, its own Node 26 and PostgreSQL among it (once; takes about a minute) …',
  );
  const ticker = setInterval(() => say(`  … still installing, ${seconds()} s`), 10_000);
  const env = npmEnvironment();
  const { code, said } = await npmCi(env);
  clearInterval(ticker);
  if (env.npm_config_cache !== process.env.npm_config_cache)
    rmSync(env.npm_config_cache, { recursive: true, force: true });
  if (code !== 0) {
    process.stderr.write(`${said.trim().split('\n').slice(-20).join('\n')}\n`);
    fail(`npm ci did not succeed (exit code ${code}, see above); put that right and run the same command again.`);
  }
  if (!ownNodeRuns())
    fail(
      `npm ci succeeded but ${join('node_modules', 'node', 'bin', 'node')} (Node 26) does not run; install scripts must be allowed (npm config ignore-scripts) and the system must be Linux or macOS on x64 or arm64.`,
    );
  writeStamp();
  say(`Installed in ${seconds()} s.`);
}

function installForTests() {
  const missing = debianForTests.filter(({ shownBy }) => spawnSync('which', [shownBy]).status !== 0);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const isHere = process.getuid?.() === 0 && spawnSync('which', ['apt-get']).status === 0;
  if (isHere) say(`Installing ${names.join(', ')} for the tests (once; takes about a minute) …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...args) => spawnSync('apt-get', args, { stdio: 'ignore', env }).status === 0;
  if (isHere && run('update') && run('install', '-y', '--no-install-recommends', ...names)) return;
  say(
    `Not tested, for want of ${names.join(' and ')}: ${missing.map(({ what }) => what).join('; ')}. To test them too: apt-get install ${names.join(' ')}`,
  );
}

if (!isInstalled()) {
  await lock();
  if (!isInstalled()) await install();
}
if (process.env.npm_lifecycle_event === 'pretest') installForTests();
