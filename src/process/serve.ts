import { fileURLToPath } from 'node:url';
import type { Config } from '../platform/config/config.ts';
import type { OpenSpine } from './be-worker.ts';
import { type OwnedDatabase, ownDatabase } from './database-owner.ts';
import { type InstanceLock, takeInstanceLock } from './instance-lock.ts';
import { checkDataDirectory, checkDisk, checkPort, databaseHome, portSentence, unusable } from './preflight.ts';
import type { PrepareDatabase } from './prepare-database.ts';
import { onSignals } from './signals.ts';
import { StartRefused } from './start-refused.ts';
import { Supervisor } from './supervisor.ts';

export type ServeOptions = {
  readonly config: Config;
  /** Told what is being done while it starts, one line a step. */
  readonly onProgress: (line: string) => void;
  /** Told of losses and recoveries while it runs, one line each. */
  readonly onEvent: (line: string) => void;
  /** Told once, when requests are answered. */
  readonly onReady: (port: number) => void;
  readonly prepareDatabase: PrepareDatabase;
  /** Brings the schema to that of the code on disk, which a reload is about to start. */
  readonly migrateForReload?: (databaseUrl: string) => Promise<void>;
  /** For one process; with several workers, the file they run. */
  readonly openSpine: () => Promise<OpenSpine>;
  readonly workerFile?: string;
};

/** What serves, in one process or in several. */
type Serving = {
  reload(): Promise<void>;
  stop(): Promise<void>;
  abandon(): void;
};

const stopGrace = { idleGrace: 300, limit: 25_000 };

/**
 * Runs a Spine until it is told to stop: checks the surroundings, takes the instance lock, starts the database, prepares
 * it, serves. Answers the exit code. Throws StartRefused and the like, with one sentence, when it cannot start.
 */
export async function serve(options: ServeOptions): Promise<number> {
  const { config, onProgress, onEvent } = options;
  checkDataDirectory(config.dataDirectory);
  checkDisk(config.databaseUrl === undefined ? [config.dataDirectory, databaseHome(config.dataDirectory)] : []);
  const lock = lockOn(config.dataDirectory);
  let database: OwnedDatabase | undefined;
  let serving: Serving | undefined;
  let isStopping = false;

  const start = async (): Promise<number> => {
    const port = await checkPort(config.port, config.host, lock.wasLeftBehind ? 5000 : 0);
    database = await ownDatabase(config, { onProgress, onEvent });
    if (isStopping) return port;
    await options.prepareDatabase(database.url, config, onProgress);
    if (isStopping) return port;
    serving = await (config.workers > 1 ? severalProcesses : oneProcess)(options, database.url, port);
    return port;
  };
  let ended = (_code: number) => {};
  const untilEnded = new Promise<number>((resolve) => {
    ended = resolve;
  });
  const started = start();
  const stop = async () => {
    isStopping = true;
    // a start under way does not get far without its database
    if (!serving) await database?.stop();
    await started.catch(() => {});
    await serving?.stop();
    await database?.stop();
  };
  const listenNoMore = onSignals({
    stop: () => {
      onProgress('Stopping: answering what is in flight …');
      void stop().then(
        () => ended(0),
        (error: Error) => {
          onEvent(`It did not stop in an orderly way: ${error.message}`);
          ended(1);
        },
      );
    },
    atOnce: () => {
      serving?.abandon();
      database?.abandon();
      lock.release();
      process.exit(130);
    },
    reload: () => void serving?.reload(),
  });
  try {
    const port = await started;
    if (!isStopping) options.onReady(port);
    return await untilEnded;
  } catch (error) {
    if (isStopping) return await untilEnded;
    await stop();
    throw error;
  } finally {
    listenNoMore();
    lock.release();
  }
}

function lockOn(directory: string): InstanceLock {
  try {
    return takeInstanceLock(directory);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    throw new StartRefused(unusable(directory, error));
  }
}

async function oneProcess(options: ServeOptions, databaseUrl: string, port: number): Promise<Serving> {
  const { config } = options;
  const openSpine = await options.openSpine();
  const spine = await openSpine(config, { databaseUrl });
  try {
    await spine.listen({ port, host: config.host });
  } catch (error) {
    await spine.close();
    throw new StartRefused(portSentence(port, config.host, error));
  }
  return {
    reload: async () => options.onEvent('SIGHUP reloads workers; there are none (see --workers).'),
    stop: async () => {
      await spine.drain(stopGrace);
      await spine.close();
    },
    abandon: () => {},
  };
}

async function severalProcesses(options: ServeOptions, databaseUrl: string, port: number): Promise<Serving> {
  const { config, onEvent, migrateForReload } = options;
  const workerFile = options.workerFile ?? fileURLToPath(new URL('./worker.ts', import.meta.url));
  const supervisor = new Supervisor({ config, databaseUrl, port, workerFile, onEvent });
  try {
    await supervisor.start();
  } catch (error) {
    supervisor.abandon();
    throw new StartRefused((error as Error).message);
  }
  return {
    reload: async () => {
      try {
        await migrateForReload?.(databaseUrl);
        await supervisor.reload();
      } catch (error) {
        onEvent(`Reload given up, the workers from before go on: ${(error as Error).message}`);
      }
    },
    stop: () => supervisor.stop(),
    abandon: () => supervisor.abandon(),
  };
}
