import type { Config } from '../platform/config/config.ts';
import type { ListeningSocket } from '../platform/http/listening.ts';
import type { Spine, SpineSurroundings } from '../spine.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { portSentence } from './preflight.ts';
import { isForPerson } from './start-refused.ts';

/** Puts a Spine together; given so that tests can put together another. */
export type OpenSpine = (config: Config, surroundings: SpineSurroundings) => Promise<Spine>;

/**
 * Makes this process a worker: waits for the supervisor's word, serves, and ends when told to or when the supervisor is
 * gone. Ctrl-C reaches every process of the terminal and is the supervisor's to act on; SIGTERM drains this one alone.
 */
export function beWorker(openSpine: OpenSpine): void {
  const tell = (message: FromWorker, socket?: ListeningSocket): void => {
    if (process.connected) process.send?.(message, socket as unknown as undefined, {}, () => {});
  };
  const wanted = new Map<number, (text: string) => void>();
  let spine: Spine | undefined;
  let isStopping = false;

  const stop = async (idleGrace: number, limit: number): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    await spine?.drain({ idleGrace, limit });
    await spine?.close();
    process.exit(0);
  };
  const begin = async ({ config, databaseUrl, port }: ToWorker & { is: 'begin' }, socket?: ListeningSocket) => {
    const allMetrics = () =>
      new Promise<string>((resolve) => {
        const id = wanted.size === 0 ? 1 : Math.max(...wanted.keys()) + 1;
        wanted.set(id, resolve);
        tell({ is: 'all-metrics-wanted', id });
      });
    try {
      spine = await openSpine(config, { databaseUrl, allMetrics });
      tell({ is: 'ready', port: await spine.listen({ port, host: config.host, reusePort: true, socket }) });
    } catch (error) {
      const sentence = isForPerson(error) ? error.message : portOrStack(error, port, config.host);
      tell({ is: 'failed', sentence });
      setTimeout(() => process.exit(1), 100);
    }
  };

  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', () => void stop(1000, 25_000));
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message: ToWorker, socket: unknown) => {
    if (message.is === 'begin') void begin(message, socket as ListeningSocket | undefined);
    if (message.is === 'stop') void stop(message.idleGrace, message.limit);
    if (message.is === 'hand-over') tell({ is: 'socket' }, spine?.socket());
    if (message.is === 'metrics-wanted')
      void spine?.metricsJson().then((metrics) => tell({ is: 'metrics', id: message.id, metrics }));
    if (message.is === 'all-metrics') {
      wanted.get(message.id)?.(message.text);
      wanted.delete(message.id);
    }
  });
}

function portOrStack(error: unknown, port: number, host: string): string {
  if ((error as NodeJS.ErrnoException).syscall === 'listen') return portSentence(port, host, error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
