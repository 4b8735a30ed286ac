import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** Where and of what a measurement was taken. */
export function machine(): { processor: string; cores: number; memoryGigabytes: number; kernel: string; node: string } {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    kernel: run('uname', ['-r']),
    node: process.version,
  };
}

/** The commit measured, with a mark when the tree differs from it. */
export function commit(): string {
  const hash = run('git', ['rev-parse', '--short', 'HEAD']);
  return run('git', ['status', '--porcelain', '--untracked-files=no']) === '' ? hash : `${hash} and changes`;
}

function run(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
