import { once } from 'node:events';
import { finished } from 'node:stream';
import { type Answer, type Call, StreamedBody } from '../../../platform/http/operation.ts';
import { errors, refuse } from './errors.ts';
import type { Transfers } from './transfers.ts';

/**
 * Resolves when the first bytes of a streamed body are there, or its reader has gone; rejects when they cannot be had. What has
 * been answered with 200 can only be cut off.
 */
export async function begun({ body }: Pick<Answer, 'body'>): Promise<void> {
  if (!(body instanceof StreamedBody)) return;
  await Promise.race([once(body.stream, 'readable'), once(body.stream, 'close')]);
}

/**
 * Gives a streamed body a place among those on their way out, until the response has ended; a body in memory goes as it is.
 * A reader that takes nothing for `idleMillis` is cut off. Without a place: 429 `TooManyDownloads`, and nothing is read
 * (ours: a slow reader holds an open file and memory).
 */
export class StreamedDownloads {
  readonly #transfers: Transfers;
  readonly #idleMillis: number;

  constructor(transfers: Transfers, idleMillis: number) {
    this.#transfers = transfers;
    this.#idleMillis = idleMillis;
  }

  hold<A extends Omit<Answer, 'status'>>(call: Call, answer: A): A {
    const { body } = answer;
    if (!(body instanceof StreamedBody)) return answer;
    const end = this.#transfers.begin(call.principal?.appId ?? '', true);
    if (!end) {
      body.stream.destroy();
      throw refuse(call, errors.tooManyDownloads, undefined, { 'retry-after': '5' });
    }
    const { response } = call.raw;
    // whatever became of it: sent, refused after all, the client gone
    finished(response, () => {
      body.stream.destroy();
      end();
    });
    response.setTimeout(this.#idleMillis);
    return answer;
  }
}
