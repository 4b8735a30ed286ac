import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** What this process measures about itself, in the Prometheus form. */
export class Metrics {
  readonly registry: Registry = new Registry();
  readonly #latency: Histogram<'operation' | 'status'>;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.#latency = new Histogram({
      name: 'openspine_operation_seconds',
      help: 'Time from request to answer, by operation and status',
      labelNames: ['operation', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [this.registry],
    });
  }

  /** A function that notes one answer of the operation: its status and how many milliseconds it took. */
  observer(operation: string): (status: number, millis: number) => void {
    const children = new Map<number, { observe(seconds: number): void }>();
    return (status, millis) => {
      let child = children.get(status);
      if (!child) {
        child = this.#latency.labels({ operation, status: String(status) });
        children.set(status, child);
      }
      child.observe(millis / 1000);
    };
  }
}
