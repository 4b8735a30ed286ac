import { monitorEventLoopDelay } from 'node:perf_hooks';

/**
 * Turns work away before latency collapses: more than `maxInFlight` requests under way, or an event loop that lags
 * behind, and the caller is told to come back.
 */
export class LoadGate {
  readonly #maxInFlight: number;
  readonly #maxLagMillis: number;
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });
  readonly #timer: NodeJS.Timeout;
  #inFlight = 0;
  #isLagging = false;

  constructor(maxInFlight: number, maxLagMillis = 1000) {
    this.#maxInFlight = maxInFlight;
    this.#maxLagMillis = maxLagMillis;
    this.#delay.enable();
    this.#timer = setInterval(() => {
      this.#isLagging = this.#delay.percentile(50) / 1e6 > this.#maxLagMillis;
      this.#delay.reset();
    }, 1000);
    this.#timer.unref();
  }

  /** Requests under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Lets one request in; false when it must be turned away. */
  enter(): boolean {
    if (this.#inFlight >= this.#maxInFlight || (this.#isLagging && this.#inFlight > this.#maxInFlight / 4))
      return false;
    this.#inFlight++;
    return true;
  }

  leave(): void {
    this.#inFlight--;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#delay.disable();
  }
}
