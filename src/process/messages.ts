import type { Config } from '../platform/config/config.ts';

/** What the supervisor says to a worker. */
export type ToWorker =
  /** The first message; a listening socket to take over may come with it. */
  | { readonly is: 'begin'; readonly config: Config; readonly databaseUrl: string; readonly port: number }
  /** Send the listening socket here, for a successor. */
  | { readonly is: 'hand-over' }
  /** Answer what is in flight and end. */
  | { readonly is: 'stop'; readonly idleGrace: number; readonly limit: number }
  | { readonly is: 'metrics-wanted'; readonly id: number }
  | { readonly is: 'all-metrics'; readonly id: number; readonly text: string };

/** What a worker says to the supervisor. */
export type FromWorker =
  /** It listens, on this port. */
  | { readonly is: 'ready'; readonly port: number }
  /** It cannot start, and why in one sentence. */
  | { readonly is: 'failed'; readonly sentence: string }
  /** The listening socket comes with this message. */
  | { readonly is: 'socket' }
  /** This worker's metrics, as prom-client adds them up. */
  | { readonly is: 'metrics'; readonly id: number; readonly metrics: object }
  | { readonly is: 'all-metrics-wanted'; readonly id: number };
