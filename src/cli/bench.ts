import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Command } from './command.ts';

const help = `openspine bench: measure this build on this machine; the arguments go to bench/run.ts

Example:
  openspine bench pds --quick --json result.json`;

/** `openspine bench`: runs bench/run.ts in a process of its own. */
export const command: Command = {
  name: 'bench',
  summary: 'measure this build on this machine',
  help,
  run: (args) =>
    new Promise((resolve) => {
      const file = fileURLToPath(new URL('../../bench/run.ts', import.meta.url));
      const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit' });
      process.on('SIGINT', () => {});
      child.once('exit', (code) => resolve(code ?? 1));
    }),
};
