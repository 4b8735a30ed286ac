import { setTimeout as pause } from 'node:timers/promises';
import { AggregatorRegistry, Counter, Gauge, Registry } from 'prom-client';
import type { Config } from '../platform/config/config.ts';
import type { ListeningSocket } from '../platform/http/listening.ts';
import { WorkerProcess } from './worker-process.ts';

export type SupervisorOptions = {
  readonly config: Config;
  readonly databaseUrl: string;
  /** The port to listen on, known to be free. */
  readonly port: number;
  /** The file that workers run. */
  readonly workerFile: string;
  /** Told in one line of each loss and each recovery. */
  readonly onEvent: (line: string) => void;
};

/** One of the places that a worker fills; the worker in it changes. */
type Slot = { worker: WorkerProcess /** While a reload changes it. */; change?: Promise<void> | undefined };

const reloadGrace = { idleGrace: 5000, limit: 30_000 };
const stopGrace = { idleGrace: 300, limit: 25_000 };
const longestWait = 10_000;
const settledAfter = 30_000;
const startLimit = 60_000;

/**
 * Runs the workers: starts them, replaces one that dies (at once, then with growing patience), changes all one by one on
 * a reload. Each worker has a listening socket of its own on the one port, so the kernel shares connections out evenly;
 * on a reload the socket is handed to the successor, so that no connection waiting in it is lost.
 */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #slots: Slot[] = [];
  readonly #living = new Set<WorkerProcess>();
  readonly #registry = new Registry();
  readonly #replaced: Counter;
  #isStopping = false;
  #reloading: Promise<void> | undefined;
  #isReloadWanted = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    const registers = [this.#registry];
    this.#replaced = new Counter({
      name: 'openspine_workers_replaced_total',
      help: 'Workers that died and were replaced',
      registers,
    });
    const slots = this.#slots;
    new Gauge({
      name: 'openspine_workers',
      help: 'Workers that run',
      registers,
      collect() {
        this.set(slots.filter(({ worker }) => !worker.isGone).length);
      },
    });
  }

  /** Pids of the workers, in the order of their places. */
  get pids(): number[] {
    return this.#slots.map(({ worker }) => worker.pid);
  }

  /** Starts all workers; resolves when all listen, rejects with the reason when one cannot. */
  async start(): Promise<void> {
    for (let n = 0; n < this.#options.config.workers; n++) this.#slots.push({ worker: this.#startWorker() });
    await Promise.all(this.#slots.map(({ worker }) => worker.ready));
    for (const slot of this.#slots) void this.#watch(slot, slot.worker);
  }

  /** Replaces all workers by new ones, one after the other; asked again meanwhile, it is done once more after. */
  reload(): Promise<void> {
    this.#isReloadWanted = true;
    this.#reloading ??= (async () => {
      while (this.#isReloadWanted && !this.#isStopping) {
        this.#isReloadWanted = false;
        await this.#reloadAll();
      }
    })().finally(() => {
      this.#reloading = undefined;
    });
    return this.#reloading;
  }

  /** Lets every worker answer what is in flight and end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#living].map((worker) => worker.stop(stopGrace.idleGrace, stopGrace.limit)));
  }

  /** Ends every worker at once. */
  abandon(): void {
    this.#isStopping = true;
    for (const worker of this.#living) worker.kill();
  }

  /** The metrics of all workers together, and the supervisor's own, in the Prometheus text form. */
  async metricsText(): Promise<string> {
    const parts = await Promise.all([...this.#living].map((worker) => worker.metrics()));
    const answered = parts.filter((part) => part !== undefined);
    const together = AggregatorRegistry.aggregate(answered as Parameters<typeof AggregatorRegistry.aggregate>[0]);
    return `${await together.metrics()}\n${await this.#registry.metrics()}`;
  }

  #startWorker(socket?: ListeningSocket): WorkerProcess {
    const { workerFile: file, config, databaseUrl, port } = this.#options;
    const allMetrics = () => this.metricsText();
    const worker = new WorkerProcess({ file, config, databaseUrl, port, socket, allMetrics });
    this.#living.add(worker);
    void worker.gone.then(() => this.#living.delete(worker));
    return worker;
  }

  /** Keeps a place filled: when its worker dies unasked, another takes the place. */
  async #watch(slot: Slot, first: WorkerProcess): Promise<void> {
    let worker = first;
    for (let wait = 0; ; wait = Math.min(longestWait, Math.max(100, wait * 2))) {
      const began = performance.now();
      const how = await worker.gone;
      await slot.change;
      if (this.#isStopping || slot.worker !== worker) return;
      if (performance.now() - began > settledAfter) wait = 0;
      this.#options.onEvent(`Worker ${worker.pid} ended unexpectedly (${how}); starting another.`);
      if (wait > 0) await pause(wait);
      await slot.change;
      if (this.#isStopping || slot.worker !== worker) return;
      this.#replaced.inc();
      worker = this.#startWorker();
      slot.worker = worker;
      worker.ready.then(
        () => this.#options.onEvent(`Worker ${slot.worker.pid} took its place.`),
        (error: Error) => this.#options.onEvent(error.message),
      );
    }
  }

  async #reloadAll(): Promise<void> {
    this.#options.onEvent('Reloading the workers one by one.');
    for (const slot of this.#slots) {
      if (this.#isStopping) return;
      const old = slot.worker;
      const change = this.#changeWorker(slot);
      slot.change = change.then(
        () => {},
        () => {},
      );
      try {
        await change;
      } catch (error) {
        this.#options.onEvent(`Reload given up, the workers from before go on: ${(error as Error).message}`);
        return;
      }
      await old.stop(reloadGrace.idleGrace, reloadGrace.limit);
    }
    this.#options.onEvent('Reloaded.');
  }

  /** Puts a new worker into the place once it listens; rejects, and changes nothing, when it does not. */
  async #changeWorker(slot: Slot): Promise<void> {
    const successor = this.#startWorker(await slot.worker.handOver());
    const limit = setTimeout(() => successor.kill(), startLimit);
    try {
      await successor.ready;
    } finally {
      clearTimeout(limit);
    }
    slot.worker = successor;
    void this.#watch(slot, successor);
  }
}
