import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { findEmbedded } from '../../src/platform/db/embedded.ts';

/** A program under test, in a process of its own. */
export type Program = {
  readonly pid: number;
  /** Where it listens; resolves once it is ready, rejects when it ends before. */
  readonly url: Promise<string>;
  /** Everything it has printed. */
  output(): string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Resolves once it has printed a match; rejects when it ends before, or after a minute. */
  printed(pattern: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Asks it to stop and waits; its exit code. */
  stop(): Promise<number | string>;
};

const standIn = fileURLToPath(new URL('./stand-in-serve.ts', import.meta.url));
const openspine = fileURLToPath(new URL('../../bin/openspine', import.meta.url));
const living = new Set<ChildProcess>();

/** Runs the stand-in program; port 0 and no database unless `env` says otherwise. */
export function runStandIn(dataDirectory: string, env: Record<string, string> = {}): Program {
  return run([standIn], { OPENSPINE_DATA: dataDirectory, OPENSPINE_PORT: '0', ...noDatabase, ...env });
}

/** Runs `openspine` itself with these arguments, on a free port unless `env` says otherwise. */
export function runOpenspine(args: string[], dataDirectory: string, env: Record<string, string> = {}): Program {
  return run([openspine, ...args], { OPENSPINE_DATA: dataDirectory, OPENSPINE_PORT: '0', ...env });
}

/** For programs that need no database: an address that is never asked. */
export const noDatabase = { OPENSPINE_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };

function run(args: string[], env: Record<string, string>): Program {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  });
  living.add(child);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  let isOver = false;
  const ended = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => {
      isOver = true;
      living.delete(child);
      resolve(code ?? signal ?? 'unknown');
    }),
  );
  const printed = async (pattern: RegExp) => {
    const until = performance.now() + 60_000;
    while (!pattern.test(said)) {
      if (isOver || performance.now() > until) throw new Error(`never printed ${pattern}:\n${said}`);
      await pause(20);
    }
  };
  const url = printed(/Ready on \S+/).then(() => /Ready on (\S+)/.exec(said)?.[1] as string);
  url.catch(() => {});
  return {
    pid: child.pid as number,
    url,
    output: () => said,
    ended,
    printed,
    signal: (name) => child.kill(name),
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** A fresh directory for data, removed with the test file; what still runs there is ended first. */
export function dataDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'openspine-chaos-'));
  directories.push(directory);
  return directory;
}

const directories: string[] = [];
afterAll(async () => {
  for (const child of living) child.kill('SIGKILL');
  for (const directory of directories) {
    const left = findEmbedded(directory);
    if (left) process.kill(left.pid, 'SIGQUIT');
    while (findEmbedded(directory)) await pause(20);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
});

/** Pids of the processes whose parent this is. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** True while the process runs (one that has ended but was not waited for does not count). */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

/** Waits until the condition holds; throws with `what` when it does not within a minute. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const until = performance.now() + 60_000;
  while (!(await condition())) {
    if (performance.now() > until) throw new Error(`not within a minute: ${what}`);
    await pause(25);
  }
}
