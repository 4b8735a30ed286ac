import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** What is asked of another machine, and how much of its time and words we take. */
export type OutboundRequest = {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For everything together: name, connection, answer to its last byte. */
  readonly millis: number;
  /** Largest body accepted. */
  readonly bytes: number;
};
export type OutboundAnswer = { readonly status: number; readonly body: Buffer };

/** The other machine could not be asked, or answered out of bounds; the message says what was wrong. */
export class OutboundError extends Error {}

/** Asks another machine. Rejects with OutboundError; any status is an answer, a redirect too: it is not followed. */
export type Outbound = (request: OutboundRequest) => Promise<OutboundAnswer>;

/**
 * The one way out of the program by HTTP. With `isGuarded` (production) only https is spoken, and only with public
 * addresses: the address checked is the address connected to, so a name that changes in between gains nothing.
 */
export function outbound({ isGuarded }: { isGuarded: boolean }): Outbound {
  return async (asked) => {
    const url = URL.parse(asked.url);
    if (!url || !/^https?:$/.test(url.protocol)) throw new OutboundError('not an http or https address');
    if (url.username !== '' || url.password !== '') throw new OutboundError('the address holds a user name');
    if (isGuarded) guard(url);
    return send(url, asked, isGuarded);
  };
}

function guard(url: URL): void {
  if (url.protocol !== 'https:') throw new OutboundError('https is required');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw new OutboundError('the address is not public');
}

function send(url: URL, asked: OutboundRequest, isGuarded: boolean): Promise<OutboundAnswer> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
    const outgoing = request(url, {
      method: asked.method ?? 'GET',
      // no compression: the bound on size is one on memory
      headers: { accept: 'application/json', 'accept-encoding': 'identity', ...asked.headers },
      agent: false,
      maxHeaderSize: 16_384,
      ...(isGuarded ? { lookup: lookupPublic } : {}),
    });
    // one deadline for everything, so that a slow drip of bytes gains nothing
    const deadline = setTimeout(() => fail(new OutboundError(`no answer within ${asked.millis} ms`)), asked.millis);
    const fail = (error: Error) => {
      clearTimeout(deadline);
      reject(error instanceof OutboundError ? error : new OutboundError(error.message || 'connection failed'));
      outgoing.destroy();
    };
    outgoing.on('error', fail);
    outgoing.on('response', (response) => {
      collect(response, asked.bytes).then((body) => {
        clearTimeout(deadline);
        resolve({ status: response.statusCode ?? 0, body });
      }, fail);
    });
    outgoing.end(asked.body);
  });
}

async function collect(response: IncomingMessage, bytes: number): Promise<Buffer> {
  const encoding = response.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new OutboundError(`the answer is encoded as ${encoding}`);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytes) throw new OutboundError(`the answer is larger than ${bytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

type LookupDone = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** Name look-up for guarded requests: fails when any address of the name is not public. */
function lookupPublic(hostname: string, options: LookupOptions, done: LookupDone): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '');
    if (!addresses.every(({ address }) => isPublicAddress(address)))
      return done(new OutboundError('the address is not public'), '');
    if (options.all) return done(null, addresses);
    const [first] = addresses;
    return first ? done(null, first.address, first.family) : done(new OutboundError('the name has no address'), '');
  });
}
