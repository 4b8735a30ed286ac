/** How a batch is cut: at most `maxItems` in one run, at most `maxInFlight` runs at a time. */
export type BatchLimits = { readonly maxItems: number; readonly maxInFlight: number };

type Waiting<In, Out> = { item: In; resolve: (value: Out) => void; reject: (error: unknown) => void };

/**
 * Gathers what many callers ask for in the same moment and does it in one run: while a run is out, callers gather for
 * the next. Under light load nobody waits for company; under heavy load runs get fuller, not more.
 */
export class Batch<In, Out> {
  readonly #run: (items: In[]) => Promise<Out[]>;
  readonly #limits: BatchLimits;
  #waiting: Waiting<In, Out>[] = [];
  #inFlight = 0;
  #scheduled = false;
  #idle: (() => void)[] = [];

  /** `run` answers the items in their order, one result each. */
  constructor(limits: BatchLimits, run: (items: In[]) => Promise<Out[]>) {
    this.#limits = limits;
    this.#run = run;
  }

  /** How many callers wait for a run to begin. */
  get waiting(): number {
    return this.#waiting.length;
  }

  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#scheduled) {
        this.#scheduled = true;
        setImmediate(() => {
          this.#scheduled = false;
          this.#start();
        });
      }
    });
  }

  /** Resolves when nothing waits and nothing is out. */
  async drained(): Promise<void> {
    if (this.#inFlight === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #start(): void {
    while (this.#waiting.length > 0 && this.#inFlight < this.#limits.maxInFlight) {
      const taken =
        this.#waiting.length <= this.#limits.maxItems ? this.#waiting : this.#waiting.slice(0, this.#limits.maxItems);
      this.#waiting = taken === this.#waiting ? [] : this.#waiting.slice(this.#limits.maxItems);
      this.#inFlight++;
      void this.#settle(taken);
    }
  }

  async #settle(taken: Waiting<In, Out>[]): Promise<void> {
    try {
      const results = await this.#run(taken.map((one) => one.item));
      for (let i = 0; i < taken.length; i++) (taken[i] as Waiting<In, Out>).resolve(results[i] as Out);
    } catch (error) {
      for (const one of taken) one.reject(error);
    } finally {
      this.#inFlight--;
      if (this.#waiting.length > 0) this.#start();
      else if (this.#inFlight === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }
}
