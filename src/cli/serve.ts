import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type Config, readConfig } from '../platform/config/config.ts';
import { prepareDatabase } from '../process/prepare-database.ts';
import { serve } from '../process/serve.ts';
import type { Command, Io } from './command.ts';

const help = `openspine serve: run a Spine until it is told to stop

  --services LIST   services to run, comma separated (OPENSPINE_SERVICES)
  --workers N       worker processes (OPENSPINE_WORKERS)
  --port N          port to listen on (OPENSPINE_PORT, 8600)
  --host ADDRESS    address to listen on (OPENSPINE_HOST, 127.0.0.1)

Ctrl-C or SIGTERM stops it: what is in flight is answered, then the database stopped. With several workers SIGHUP brings
the schema up to date and replaces the workers one by one, with no request lost.

Example:
  openspine serve --workers 2 --port 8600`;

const text = { type: 'string' } as const;
const options = { services: text, workers: text, port: text, host: text } as const;

/** `openspine serve`: runs a Spine, says when it is ready, and what is lost and recovered while it runs. */
export const command: Command = {
  name: 'serve',
  summary: 'run a Spine until it is told to stop',
  help,
  run: (args, io) => {
    const config = configOf(args, io);
    return serveHere(
      config,
      io,
      (line) => io.err(line),
      (port) => io.out(`Ready on ${addressOf(config, port)}`),
    );
  },
};

/** The configuration of the environment with what the arguments say instead. */
export function configOf(args: string[], io: Io): Config {
  const { values } = parseArgs({ args, options, strict: true, allowPositionals: false });
  const given = {
    OPENSPINE_SERVICES: values.services,
    OPENSPINE_WORKERS: values.workers,
    OPENSPINE_PORT: values.port,
    OPENSPINE_HOST: values.host,
  };
  const env = { ...io.env };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) env[name] = value;
  return readConfig(env);
}

/** Where a browser or curl finds it. */
export function addressOf(config: Config, port: number): string {
  const isLocal = ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(config.host);
  const host = isLocal ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `${config.tls ? 'https' : 'http'}://${host}:${port}`;
}

/** Serves with this program's own parts. */
export function serveHere(
  config: Config,
  io: Io,
  onProgress: (line: string) => void,
  onReady: (port: number) => void,
): Promise<number> {
  return serve({
    config,
    onProgress,
    onEvent: (line) => io.err(line),
    onReady,
    prepareDatabase,
    migrateForReload: migrateInNewProcess,
    openSpine: async () => (await import('../spine.ts')).openSpine,
  });
}

/** The code on disk may be newer than ours, so a process of its own brings the schema to what it knows. */
async function migrateInNewProcess(databaseUrl: string): Promise<void> {
  const launcher = fileURLToPath(new URL('../../bin/openspine', import.meta.url));
  await promisify(execFile)(process.execPath, [launcher, 'migrate'], {
    env: { ...process.env, OPENSPINE_DATABASE_URL: databaseUrl },
  });
}
