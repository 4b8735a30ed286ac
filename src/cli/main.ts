import { isForPerson } from '../process/start-refused.ts';
import { release } from '../release.ts';
import type { Command, Io } from './command.ts';

/** Every command, by its name; a command's file is read only when it is called. */
const commands: Record<string, () => Promise<{ command: Command }>> = {
  start: () => import('./start.ts'),
  serve: () => import('./serve.ts'),
  migrate: () => import('./migrate.ts'),
  key: () => import('./key.ts'),
  staff: () => import('./staff.ts'),
  card: () => import('./card.ts'),
  token: () => import('./token.ts'),
  provider: () => import('./provider.ts'),
  mesh: () => import('./mesh.ts'),
  mailbox: () => import('./mailbox.ts'),
  audit: () => import('./audit.ts'),
  seed: () => import('./seed.ts'),
  doctor: () => import('./doctor.ts'),
  bench: () => import('./bench.ts'),
};

const standardIo: Io = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  env: process.env,
  ...(process.stderr.isTTY ? { terminal: process.stderr } : {}),
};

// who reads us may leave first: a closed terminal, or `openspine … | head`
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** Runs `openspine` with these arguments; the exit code: 0 done, 1 failed, 2 called wrongly. */
export async function main(args: readonly string[], io: Io = standardIo): Promise<number> {
  const [name = '--help', ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') {
    if (name === 'help' && rest[0] !== undefined && commands[rest[0]]) return main([rest[0], '--help'], io);
    for (const line of await overview()) io.out(line);
    return 0;
  }
  if (name === '--version' || name === '-v') {
    io.out(`openspine ${release.version}`);
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    io.err(`openspine: there is no command "${name}"; see openspine --help`);
    return 2;
  }
  const { command } = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(command.help);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    if (isWrongCall(error)) {
      io.err(`openspine ${name}: ${(error as Error).message}; see openspine ${name} --help`);
      return 2;
    }
    if (!isForPerson(error)) throw error;
    io.err(`openspine: ${error.message}`);
    return 1;
  }
}

const isWrongCall = (error: unknown): boolean =>
  String((error as { code?: unknown } | null)?.code).startsWith('ERR_PARSE_ARGS');

async function overview(): Promise<string[]> {
  const all = await Promise.all(Object.values(commands).map(async (load) => (await load()).command));
  const width = Math.max(...all.map(({ name }) => name.length));
  return [
    `openspine ${release.version}: an open implementation of the NHS Spine`,
    '',
    'Usage: openspine <command> [options]',
    '',
    ...all.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'openspine <command> --help tells more, with an example. Settings come from OPENSPINE_… variables.',
  ];
}
