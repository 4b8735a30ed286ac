import { type ClientRequest, type IncomingHttpHeaders, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createSecureContext } from 'node:tls';
import { ConnectionCut, Untrusted, UsageError } from './trouble.ts';

/** How to prove who we are, and whom we believe, in TLS. PEM texts. */
export type TlsOptions = {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly ca?: string | undefined;
};

export type Asked = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Below the base address, with the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is sent, opened anew for each attempt; with its length when that is known. */
  readonly body?: { readonly open: () => Readable; readonly length?: number | undefined } | undefined;
  /** On a connection of its own, so that an old one that was closed meanwhile is never the reason for doubt. */
  readonly isAlone?: boolean;
  /** Silence after which the connection is given up, in milliseconds, when other than usual. */
  readonly silence?: number;
};
export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Readable };

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** True for an address of this machine. */
export const isLoopback = (url: URL): boolean => loopback.test(url.hostname);

/**
 * The base address of a MESH as people write it: a host alone means its `/messageexchange`. Throws UsageError for what
 * is no address, and for plain HTTP to another machine.
 */
export function baseOf(address: string): URL {
  const url = URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--url must be an https address, not "${address}".`);
  if (url.username !== '' || url.password !== '') throw new UsageError('--url must not hold a user name or password.');
  if (url.protocol === 'http:' && !isLoopback(url))
    throw new UsageError('--url must be https; plain http is for this machine only.');
  const path = url.pathname.replace(/\/+$/, '');
  return new URL(`${path === '' ? '/messageexchange' : path}/`, url.origin);
}

/** The way to one MESH; requests go one after another over one connection that is kept. */
export class Connection {
  readonly base: URL;
  readonly #tls: TlsOptions;
  readonly #silence: number;
  readonly #agent: PlainAgent | TlsAgent;

  /**
   * `silence`: milliseconds without a byte in either direction after which a connection is given up. Throws an Error when
   * certificate and key cannot be read, or do not belong together.
   */
  constructor(base: URL, tls: TlsOptions, silence: number) {
    this.base = base;
    this.#tls = tls;
    this.#silence = silence;
    if (base.protocol === 'https:') createSecureContext(given(tls));
    const kept = { keepAlive: true, maxSockets: 4 };
    this.#agent = base.protocol === 'https:' ? new TlsAgent({ ...kept, ...given(tls) }) : new PlainAgent(kept);
  }

  /**
   * One request; resolves with the head of the answer, its body still to be read. Redirects are answers like others.
   * Rejects with ConnectionCut when no answer came, or a success although not all was sent.
   */
  ask(asked: Asked, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let answer: Answer | undefined;
      let isConnected = false;
      const cut = (error: Error) => {
        const isUnanswered = this.base.protocol === 'https:' && isConnected && !outgoing.reusedSocket;
        const hint = isUnanswered && wordsOf(error) === wasCut ? `${wasCut} ${perhapsOurs}` : wordsOf(error);
        reject(untrusted(error, isConnected) ?? new ConnectionCut(hint, isConnected));
      };
      const outgoing = this.#request(asked, signal);
      const silence = asked.silence ?? this.#silence;
      outgoing.setTimeout(silence, () => outgoing.destroy(new Error(`silence for ${silence / 1000} s`)));
      outgoing.on('socket', (socket) => {
        const event = this.base.protocol === 'https:' ? 'secureConnect' : 'connect';
        if (outgoing.reusedSocket) isConnected = true;
        else socket.once(event, () => (isConnected = true));
      });
      // once there is an answer it decides: a refusal may come before all is sent, and the connection end with it
      outgoing.on('error', (error) => (answer === undefined ? cut(error) : undefined));
      let handedOver = 0;
      async function* counted(source: AsyncIterable<Buffer>) {
        for await (const piece of source) {
          handedOver += piece.length;
          yield piece;
        }
      }
      const sending = asked.body === undefined ? undefined : pipeline(asked.body.open(), counted, outgoing);
      sending?.catch((error) => {
        if (answer !== undefined) return;
        // what is wrong with the file is no fault of the connection
        if (isOfConnection(error)) cut(error);
        else reject(error);
        outgoing.destroy();
      });
      outgoing.on('response', (incoming) => {
        incoming.on('error', () => {});
        answer = { status: incoming.statusCode ?? 0, headers: incoming.headers, body: incoming };
        const taken = answer;
        if (sending === undefined || taken.status >= 300) return resolve(taken);
        // a success is one only when all was sent; then MESH may answer and close before the end of sending is noticed
        const isWhole = (error: Error) =>
          (error as { code?: unknown }).code === 'ERR_STREAM_PREMATURE_CLOSE' && handedOver === asked.body?.length;
        sending.then(
          () => resolve(taken),
          (error) => (isWhole(error) ? resolve(taken) : cut(error)),
        );
      });
      if (sending === undefined) outgoing.end();
    });
  }

  #request(asked: Asked, signal: AbortSignal): ClientRequest {
    const { body } = asked;
    const isTls = this.base.protocol === 'https:';
    const length =
      body === undefined ? (asked.method === 'GET' || asked.method === 'HEAD' ? undefined : 0) : body.length;
    const options = {
      method: asked.method,
      headers: { ...asked.headers, ...(length === undefined ? {} : { 'content-length': String(length) }) },
      agent: asked.isAlone ? false : this.#agent,
      signal,
      maxHeaderSize: 65_536,
    };
    const url = new URL(asked.path, this.base);
    return isTls ? tlsRequest(url, { ...options, ...given(this.#tls) }) : plainRequest(url, options);
  }

  close(): void {
    this.#agent.destroy();
  }
}

const given = (tls: TlsOptions) => Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));

const ofConnection =
  /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|EPROTO|ERR_STREAM_PREMATURE_CLOSE|ERR_TLS|HPE_)/;
/** True for an error of the connection itself, not of what is sent over it. */
export const isOfConnection = (error: unknown): boolean =>
  ofConnection.test(String((error as { code?: unknown }).code));

const ofOurs = /ALERT_(.*CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAILURE)/;
const ofTheirs = /^(CERT_|DEPTH_|UNABLE_TO_|SELF_SIGNED_|HOSTNAME_|INVALID_CA|ERR_TLS_CERT|ERR_SSL_)/;

function untrusted(error: Error & { code?: string }, isConnected: boolean): Untrusted | undefined {
  const code = error.code ?? '';
  if (ofOurs.test(code)) return new Untrusted(`MESH does not take our certificate (${code})`);
  if (isConnected || !ofTheirs.test(code)) return undefined;
  return new Untrusted(`what answers there cannot be believed to be MESH: ${error.message.trim()} (${code})`);
}

const wasCut = 'the connection was cut';
/** By version 1.3 of TLS a client is connected before the other side has judged its certificate. */
const perhapsOurs = "before any answer, as by a MESH that does not take the client's certificate";

function wordsOf(error: Error & { code?: string }): string {
  const said: Record<string, string> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'there is no machine of that name',
    ECONNRESET: wasCut,
    EPIPE: wasCut,
    ERR_STREAM_PREMATURE_CLOSE: wasCut,
  };
  if (error.code === 'EPROTO' && /wrong version number|packet length/.test(error.message))
    return 'what answers there does not speak TLS';
  return said[error.code ?? ''] ?? error.message;
}
