import { type Logger, pino } from 'pino';
import type { Call } from '../http/operation.ts';

/** The process's log: one JSON line an event, on standard error. Never a token, never a patient's name. */
export class Log {
  readonly #pino: Logger;
  readonly #withAccess: boolean;

  /** `access`: whether every request is written too. */
  constructor(options: { level: string; access: boolean }) {
    this.#pino = pino({ level: options.level, base: { pid: process.pid } }, pino.destination({ dest: 2, sync: false }));
    this.#withAccess = options.access;
  }

  access(call: Call, operation: string, status: number, millis: number): void {
    if (!this.#withAccess) return;
    this.#pino.info({
      operation,
      method: call.method,
      status,
      ms: Math.round(millis * 10) / 10,
      app: call.principal?.appId,
      requestId: call.headers['x-request-id'],
    });
  }

  /** Something unforeseen; the caller was answered with the published 500. */
  failure(call: Call, operation: string, error: unknown): void {
    this.#pino.error({ operation, requestId: call.headers['x-request-id'], err: error }, 'unforeseen');
  }

  info(words: string, facts: object = {}): void {
    this.#pino.info(facts, words);
  }
  warn(words: string, facts: object = {}): void {
    this.#pino.warn(facts, words);
  }
}
