import type { FastifyInstance } from 'fastify';
import { closeOf, type DrainOptions, drain, type ListenOptions, listenOn } from './listening.ts';

/** A further address at which some of the services answer; closed once, however often it is asked. */
export class ExtraListener {
  readonly #app: FastifyInstance;
  #port: number | undefined;

  constructor(app: FastifyInstance) {
    this.#app = app;
  }

  /** Undefined until it listens. */
  get port(): number | undefined {
    return this.#port;
  }

  async listen(options: ListenOptions): Promise<void> {
    this.#port = await listenOn(this.#app, options);
  }

  async drain(options: DrainOptions): Promise<void> {
    if (this.#port === undefined) return;
    this.#port = undefined;
    await drain(this.#app, options);
  }

  async close(): Promise<void> {
    this.#port = undefined;
    await closeOf(this.#app);
  }
}
