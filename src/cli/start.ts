import type { Config } from '../platform/config/config.ts';
import type { Command, Io } from './command.ts';
import { addressOf, configOf, serveHere } from './serve.ts';

const help = `openspine start: what npm start runs: a sandbox Spine with its demo nation

The first start makes the database and loads the demo nation; later ones take seconds and keep the data. It takes the
options of openspine serve.

Example:
  OPENSPINE_PORT=8601 OPENSPINE_DATA=/tmp/second openspine start`;

/** `openspine start`: serves, tells a newcomer what it does meanwhile, and where to go next. */
export const command: Command = {
  name: 'start',
  summary: 'run a sandbox Spine and say where to go next (what npm start does)',
  help,
  run: (args, io) => {
    const config = withCardPort(configOf(args, io), io);
    const began = performance.now();
    const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
    io.out(
      `OpenSpine in ${config.mode} mode; data in ${config.databaseUrl ? 'the given database' : config.dataDirectory}`,
    );
    return serveHere(
      config,
      io,
      (line) => io.out(`  ${seconds().padStart(7)}  ${line}`),
      (port) => {
        const address = addressOf(config, port);
        if (config.mode === 'sandbox') for (const line of whereToGoNext(address)) io.out(line);
        io.out(`Ready on ${address}`);
      },
    );
  },
};

/** A sandbox takes smartcards on the port after its own, unless told otherwise. */
function withCardPort(config: Config, io: Io): Config {
  if (config.mode !== 'sandbox' || io.env.OPENSPINE_CARD_PORT || config.port === 65_535) return config;
  return { ...config, cardPort: config.port === 0 ? 0 : config.port + 1 };
}

/** What a newcomer can do first; the commands work as they stand. */
function whereToGoNext(address: string): string[] {
  return [
    '',
    'Retrieve a patient (the first line gets a token from the sandbox):',
    '',
    `  TOKEN=$(curl -s ${address}/sandbox/token -d '{"mode":"healthcare-worker"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `  curl -s ${address}/personal-demographics/FHIR/R4/Patient/9000000009 -H "Authorization: Bearer $TOKEN" \\`,
    `    -H "X-Request-ID: $(cat /proc/sys/kernel/random/uuid)" -H "NHSD-Session-URID: 555254240100"`,
    '',
    `  Log on as user 656005750104       ${address}/cis2/account`,
    `  Operations, tried in the browser  ${address}/docs`,
    '  The first hour, step by step      docs/guide/first-hour.md',
    '  Stop it                           Ctrl-C',
    '',
  ];
}
