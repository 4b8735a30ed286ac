import { Server as TcpServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** An open listening socket on its way from one process to another. */
export type ListeningSocket = { readonly __brand: 'ListeningSocket' };

export type ListenOptions = {
  readonly port: number;
  readonly host: string;
  /** Several processes may listen on the port; the kernel shares the connections out among them. */
  readonly reusePort?: boolean;
  /** A socket taken over from another process; port and host are then its own. */
  readonly socket?: ListeningSocket | undefined;
};

/** Begins to listen; the port. Rejects with the system's error (EADDRINUSE and so on). */
export async function listenOn(app: FastifyInstance, options: ListenOptions): Promise<number> {
  const { port, host, reusePort = false, socket } = options;
  await app.ready();
  await new Promise<void>((resolve, reject) => {
    app.server.once('error', reject);
    const listening = () => {
      app.server.off('error', reject);
      resolve();
    };
    if (socket) app.server.listen(socket, listening);
    else app.server.listen({ port, host, reusePort, backlog: 1024 }, listening);
  });
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

/**
 * The socket that the server listens on, to be sent to another process. Connections that nobody has accepted yet belong
 * to the socket, so a successor that takes it over loses none; with a socket of its own it would.
 */
export function socketOf(app: FastifyInstance): ListeningSocket | undefined {
  return (app.server as unknown as { _handle?: ListeningSocket })._handle;
}

/**
 * Closes at once what is silent, and the rest when it has been answered. The server's own close does so with what is silent at
 * that moment; a connection whose answer is just leaving would be kept as long as it may be kept alive.
 */
export async function closeOf(app: FastifyInstance): Promise<void> {
  const again = setInterval(() => app.server.closeIdleConnections(), 20);
  try {
    await app.close();
  } finally {
    clearInterval(again);
  }
}

export type DrainOptions = {
  /** How long open connections may bring another request, in milliseconds; each answer then says `connection: close`. */
  readonly idleGrace: number;
  /** How long requests under way may take, in milliseconds; what takes longer is cut off. */
  readonly limit: number;
};

/**
 * Stops accepting connections and answers what is in flight. A kept-alive connection that were closed at once could
 * cross with a request on its way, so clients are told to leave first, and only those that stay silent are closed.
 */
export async function drain(app: FastifyInstance, { idleGrace, limit }: DrainOptions): Promise<void> {
  const { server } = app;
  const began = performance.now();
  let isClosed = false;
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive = false;
  });
  // not the HTTP server's own close(), which closes silent connections at once
  TcpServer.prototype.close.call(server, () => {
    isClosed = true;
  });
  while (!isClosed) {
    await pause(20);
    const waited = performance.now() - began;
    if (waited > limit) server.closeAllConnections();
    else if (waited > idleGrace) server.closeIdleConnections();
  }
  await app.close();
}
