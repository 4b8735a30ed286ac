import type { FastifyInstance } from 'fastify';
import { type Outbound, OutboundError } from './outbound.ts';

/** The address such requests come from: one that no machine has. */
export const inProcessAddress = '0.0.0.0';

/** Asks this Spine itself, without a network: the same server, routes and checks as for any caller. */
export class InProcess {
  #app: FastifyInstance | undefined;

  servedBy(app: FastifyInstance): void {
    this.#app = app;
  }

  /** An Outbound whose every request goes to this Spine, whatever host its address names. */
  readonly ask: Outbound = async ({ url, method = 'GET', headers, body, bytes }) => {
    if (!this.#app) throw new OutboundError('nothing serves yet');
    const { host, pathname, search } = new URL(url);
    const answer = await this.#app.inject({
      method,
      url: `${pathname}${search}`,
      headers: { host, ...headers },
      remoteAddress: inProcessAddress,
      ...(body === undefined ? {} : { payload: body }),
    });
    if (answer.rawPayload.length > bytes) throw new OutboundError(`the answer is larger than ${bytes} bytes`);
    return { status: answer.statusCode, body: answer.rawPayload };
  };
}
