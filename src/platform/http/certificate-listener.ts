import { constants } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** A request over TLS in which the client was asked for a certificate. */
export type CertificateRequest = {
  readonly method: string;
  /** Path without query, as sent. */
  readonly path: string;
  readonly remote: string;
  /** The certificate presented (DER), whose key the handshake proved; nothing else about it was looked at. */
  readonly certificate: Buffer | undefined;
};

export type CertificateAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
};

export type CertificateListener = { readonly port: number; close(): Promise<void> };

export type CertificateListenerOptions = {
  readonly tls: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Authorities named to the client, so that it offers only certificates of theirs (PEM). */
  readonly authorities: string;
  readonly port: number;
  readonly host: string;
  /** Several processes may listen on the port. */
  readonly reusePort?: boolean | undefined;
  readonly handle: (request: CertificateRequest) => Promise<CertificateAnswer>;
  readonly onError: (error: unknown) => void;
};

const patience = 10_000;
const mostConnections = 500;
/** How long requests under way, and handshakes that nobody goes on with, are waited for when it closes. */
const closingMillis = 2_000;

/**
 * A port that asks each client for its certificate and leaves the judgement to `handle`. A connection carries one request
 * and is not resumed: whoever holds the card proves it anew each time, on a shared desktop too. Rejects with the system's
 * error where it cannot listen.
 */
export async function listenForCertificates(options: CertificateListenerOptions): Promise<CertificateListener> {
  const { handle, onError, host } = options;
  const server = createServer(
    {
      cert: options.tls.cert,
      key: options.tls.key,
      ca: options.authorities,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      secureOptions: constants.SSL_OP_NO_TICKET,
      handshakeTimeout: patience,
      headersTimeout: patience,
      requestTimeout: patience,
      keepAlive: false,
      maxHeaderSize: 16_384,
    },
    (request, response) => void answer(request, response, handle, onError),
  );
  server.maxConnections = mostConnections;
  server.maxRequestsPerSocket = 1;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port, host, reusePort: options.reusePort ?? false }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        const force = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, closingMillis);
        server.close(() => {
          clearTimeout(force);
          resolve();
        });
      }),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handle: CertificateListenerOptions['handle'],
  onError: (error: unknown) => void,
): Promise<void> {
  const socket = request.socket as TLSSocket;
  const { raw } = (socket.getPeerCertificate(false) ?? {}) as { raw?: Buffer };
  const [path = '/'] = (request.url ?? '/').split('?');
  let told: CertificateAnswer;
  try {
    told = await handle({
      method: request.method ?? 'GET',
      path,
      remote: socket.remoteAddress ?? '',
      certificate: raw,
    });
  } catch (error) {
    onError(error);
    told = { status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Please try again shortly.' };
  }
  response.writeHead(told.status, { ...told.headers, 'cache-control': 'no-store', connection: 'close' });
  response.end(told.body);
}
