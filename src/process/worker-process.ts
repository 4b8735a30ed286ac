import { type ChildProcess, fork } from 'node:child_process';
import type { Config } from '../platform/config/config.ts';
import type { ListeningSocket } from '../platform/http/listening.ts';
import type { FromWorker, ToWorker } from './messages.ts';

export type WorkerOptions = {
  readonly file: string;
  readonly config: Config;
  readonly databaseUrl: string;
  readonly port: number;
  /** The socket of the worker that this one succeeds. */
  readonly socket?: ListeningSocket | undefined;
  /** Asked for the metrics of all workers. */
  readonly allMetrics: () => Promise<string>;
};

/** One worker, seen from the supervisor. */
export class WorkerProcess {
  /** Its port, once it listens; rejects with the reason, in words, when it does not come so far. */
  readonly ready: Promise<number>;
  /** Resolves with words for how it ended. */
  readonly gone: Promise<string>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<(message: FromWorker, socket: ListeningSocket | undefined) => void>();
  #isGone = false;
  #lastId = 0;

  constructor({ file, config, databaseUrl, port, socket, allMetrics }: WorkerOptions) {
    // of what this process was started with, the bounds on memory (bin/openspine) are for workers too
    const execArgv = process.execArgv.filter((one) => /^--max-(semi|old)-space-size=/.test(one));
    this.#child = fork(file, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv });
    this.#child.on('message', (message: FromWorker, handle: unknown) => {
      for (const listener of this.#listeners) listener(message, handle as ListeningSocket | undefined);
    });
    this.gone = new Promise((resolve) => {
      const end = (how: string) => {
        this.#isGone = true;
        resolve(how);
      };
      this.#child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
      this.#child.on('error', (error) => {
        if (this.#child.pid === undefined) end(error.message);
      });
    });
    this.ready = new Promise((resolve, reject) => {
      this.#hear((message) => {
        if (message.is === 'ready') resolve(message.port);
        if (message.is === 'failed') reject(new Error(message.sentence));
      });
      void this.gone.then((how) => reject(new Error(`A worker ended while it started (${how}).`)));
    });
    this.ready.catch(() => {});
    this.#hear((message) => {
      if (message.is === 'all-metrics-wanted')
        void allMetrics().then((text) => this.#tell({ is: 'all-metrics', id: message.id, text }));
    });
    this.#tell({ is: 'begin', config, databaseUrl, port }, socket, () => closeSocket(socket));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }
  get isGone(): boolean {
    return this.#isGone;
  }

  /** The socket it listens on; undefined when it does not answer in time. */
  async handOver(): Promise<ListeningSocket | undefined> {
    return this.#ask({ is: 'hand-over' }, 2000, (message, socket) =>
      message.is === 'socket' ? (socket ?? null) : undefined,
    ).then((socket) => socket ?? undefined);
  }

  /** Its metrics; undefined when it does not answer in time. */
  metrics(): Promise<object | undefined> {
    const id = ++this.#lastId;
    return this.#ask({ is: 'metrics-wanted', id }, 2000, (message) =>
      message.is === 'metrics' && message.id === id ? message.metrics : undefined,
    );
  }

  /** Tells it to answer what is in flight and end; ends it by force some seconds after its limit. */
  async stop(idleGrace: number, limit: number): Promise<void> {
    this.#tell({ is: 'stop', idleGrace, limit });
    const force = setTimeout(() => this.kill(), limit + 5000);
    await this.gone;
    clearTimeout(force);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #tell(message: ToWorker, socket?: ListeningSocket, sent = () => {}): void {
    if (this.#child.connected) this.#child.send(message, socket as unknown as undefined, {}, sent);
    else sent();
  }

  #hear(listener: (message: FromWorker, socket: ListeningSocket | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #ask<Answer>(
    question: ToWorker,
    patience: number,
    answerIn: (message: FromWorker, socket: ListeningSocket | undefined) => Answer | undefined,
  ): Promise<Answer | undefined> {
    let forget = () => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Answer | undefined>((resolve) => {
        forget = this.#hear((message, socket) => {
          const answer = answerIn(message, socket);
          if (answer !== undefined) resolve(answer);
        });
        timer = setTimeout(() => resolve(undefined), patience);
        void this.gone.then(() => resolve(undefined));
        this.#tell(question);
      });
    } finally {
      clearTimeout(timer);
      forget();
    }
  }
}

/** Lets go of this process's share in a socket; those that other processes have stay open. */
export function closeSocket(socket: ListeningSocket | undefined): void {
  (socket as { close(): void } | undefined)?.close();
}
