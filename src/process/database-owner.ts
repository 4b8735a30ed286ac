import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../platform/config/config.ts';
import { type EmbeddedPostgres, findEmbedded, startEmbedded } from '../platform/db/embedded.ts';

/** The database of a running program: the embedded one, kept running, or the one that was given. */
export type OwnedDatabase = {
  readonly url: string;
  /** Stops the embedded server in an orderly way; a given one is left as it is. */
  stop(): Promise<void>;
  /** Ends the embedded server at once; it recovers at its next start. */
  abandon(): void;
};

type Owning = {
  readonly onProgress: (line: string) => void;
  /** Told in one line of each loss and each recovery. */
  readonly onEvent: (line: string) => void;
};

/** Provides the database that the configuration names; an embedded server that dies is started again, for ever. */
export async function ownDatabase(config: Config, { onProgress, onEvent }: Owning): Promise<OwnedDatabase> {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl, stop: async () => {}, abandon: () => {} };
  const directory = config.dataDirectory;
  let isStopping = false;
  let server = await startPatiently(directory, onProgress);
  const { url } = server;
  // an end of this process that nobody foresaw must not leave the server behind
  const endServer = () => {
    const left = findEmbedded(directory);
    if (left) process.kill(left.pid, 'SIGINT');
  };
  process.once('exit', endServer);
  const keepRunning = (async () => {
    for (;;) {
      await server.gone;
      if (isStopping) return;
      onEvent('PostgreSQL ended unexpectedly; starting it again.');
      const again = await restart(directory, () => isStopping, onEvent);
      if (!again) return;
      server = again;
      onEvent('PostgreSQL runs again.');
    }
  })();
  return {
    url,
    async stop() {
      isStopping = true;
      await server.stop();
      await keepRunning;
      await server.stop();
      process.off('exit', endServer);
    },
    abandon() {
      isStopping = true;
      process.off('exit', endServer);
      const left = findEmbedded(directory);
      if (left) process.kill(left.pid, 'SIGQUIT');
    },
  };
}

/** After a killed server, what is left of it may hold on to its memory for a moment longer. */
async function startPatiently(directory: string, onProgress: (line: string) => void): Promise<EmbeddedPostgres> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await startEmbedded({ directory, onProgress });
    } catch (error) {
      if (attempt >= 50 || !/shared memory|lock file/.test((error as Error).message)) throw error;
      await pause(200);
    }
  }
}

async function restart(
  directory: string,
  isStopping: () => boolean,
  onEvent: (line: string) => void,
): Promise<EmbeddedPostgres | undefined> {
  for (let wait = 50; !isStopping(); wait = Math.min(5000, wait * 2)) {
    try {
      return await startEmbedded({ directory });
    } catch (error) {
      if (wait >= 800) onEvent(`PostgreSQL cannot be started yet: ${(error as Error).message}`);
      await pause(wait);
    }
  }
  return undefined;
}
