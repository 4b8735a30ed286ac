import type { IncomingHttpHeaders } from 'node:http';
import { arch, release as osRelease, platform } from 'node:os';
import type { Readable } from 'node:stream';
import { release } from '../../release.ts';
import { Authorizations, type Credentials } from './authorization.ts';
import type { Answer, Asked, Connection } from './connection.ts';
import { type Tracked, trackedIn } from './tracked.ts';
import { ConnectionCut, complaintIn, Failure, Refusal } from './trouble.ts';

/** What a MESH offers beyond the published interface; it says so in its answer to the handshake. */
export type Offers = { readonly idempotency: boolean; readonly inboxWait: boolean };

export type InboxPage = { readonly ids: readonly string[]; readonly next: string | undefined };
/** What MESH answered to a handshake. */
export type Greeting = {
  /** Names of what it offers beyond the published interface, known to us or not. */
  readonly offers: readonly string[];
  /** The time it has, in milliseconds since 1970, where it says so. */
  readonly at: number | undefined;
};
export type Body = NonNullable<Asked['body']>;

const mostJsonBytes = 4_000_000;
/** Ids are opaque, and become file names here: nothing that could leave a directory. */
export const idPattern = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/;

/** One mailbox at one MESH: each method is one request in the version asked for; answers are read in either version. */
export class MeshMailbox {
  readonly id: string;
  readonly #connection: Connection;
  readonly #authorizations: Authorizations;
  readonly #accept: string;
  readonly #signal: AbortSignal;

  constructor(connection: Connection, credentials: Credentials, version: 1 | 2, signal: AbortSignal) {
    this.id = credentials.mailbox;
    this.#connection = connection;
    this.#authorizations = new Authorizations(credentials);
    this.#accept = `application/vnd.mesh.v${version}+json`;
    this.#signal = signal;
  }

  /** The address and mailbox, to tell one MESH from another in what is kept. */
  get place(): string {
    return `${this.#connection.base.href}${this.id}`;
  }

  /** Says who we are and with which program; MESH expects it when a client starts and once a day. */
  async handshake(): Promise<Offers> {
    const { offers } = await this.greet();
    return { idempotency: offers.includes('idempotency-key'), inboxWait: offers.includes('inbox-wait') };
  }

  /** The same handshake, with all that the answer tells. */
  async greet(): Promise<Greeting> {
    const headers = {
      'mex-clientversion': `openspine==${release.version.replace(/^v/, '')}`,
      'mex-osname': platform(),
      'mex-osversion': osRelease(),
      'mex-osarchitecture': arch(),
      // asks what is offered beyond the published interface; others ignore it
      'mex-offers': 'idempotency-key, inbox-wait',
    };
    const answer = await this.#ask({ method: 'POST', path: '', headers });
    await this.#json(answer);
    const offers = String(answer.headers['mex-offers'] ?? '').split(/[,\s]+/);
    const at = Date.parse(answer.headers.date ?? '');
    return { offers: offers.filter((name) => name !== ''), at: Number.isNaN(at) ? undefined : at };
  }

  /** A page of the messages waiting, oldest first. `waitSeconds`, where offered: answer when there is one. */
  async inbox(options: {
    most: number;
    from?: string | undefined;
    workflow?: string | undefined;
    waitSeconds?: number | undefined;
  }): Promise<InboxPage> {
    const query = new URLSearchParams({ max_results: String(options.most) });
    if (options.from !== undefined) query.set('continue_from', options.from);
    if (options.workflow !== undefined) query.set('workflow_filter', options.workflow);
    const asked: Asked = { method: 'GET', path: `/inbox?${query}`, headers: {} };
    const { waitSeconds } = options;
    if (waitSeconds !== undefined) query.set('wait', String(waitSeconds));
    const answer = await this.#ask(
      waitSeconds === undefined ? asked : { ...asked, path: `/inbox?${query}`, silence: (waitSeconds + 30) * 1000 },
    );
    const said = await this.#json(answer);
    const ids = Array.isArray(said.messages) ? said.messages : [];
    if (!ids.every((id): id is string => typeof id === 'string' && idPattern.test(id)))
      throw new Failure('MESH lists a message under an id that cannot be one.');
    return { ids, next: nextOf(said.links, ids, options.most) };
  }

  /** The first or only chunk; the id of the message. May be repeated only with a key, and where that is offered. */
  async send(headers: Record<string, string>, body: Body): Promise<string> {
    const asked: Asked = { method: 'POST', path: '/outbox', headers: typed(headers), body, isAlone: true };
    const said = await this.#json(await this.#ask(asked));
    const id = said.message_id ?? said.messageID;
    if (typeof id !== 'string' || !idPattern.test(id)) throw new Failure('MESH took the message but told no id.');
    return id;
  }

  /** A further chunk; MESH takes the last one it gets of a number, until the message is whole. */
  async sendChunk(id: string, number: number, headers: Record<string, string>, body: Body): Promise<void> {
    const path = `/outbox/${encodeURIComponent(id)}/${number}`;
    await this.#json(await this.#ask({ method: 'POST', path, headers: typed(headers), body }));
  }

  /** Chunk `number` of a message, as it is stored; the body still to be read. */
  async download(
    id: string,
    number: number,
  ): Promise<{ headers: IncomingHttpHeaders; isLast: boolean; body: Readable }> {
    const path = `/inbox/${encodeURIComponent(id)}${number === 1 ? '' : `/${number}`}`;
    const answer = await this.#ask({ method: 'GET', path, headers: { 'accept-encoding': 'gzip' } });
    if (answer.status !== 200 && answer.status !== 206) throw await this.#refusal(answer);
    return { headers: answer.headers, isLast: answer.status === 200, body: answer.body };
  }

  /** What the headers tell of a message that waits; nothing of it is fetched. Refusal where it waits no more. */
  async describe(id: string): Promise<IncomingHttpHeaders> {
    // its size is told by none of the published headers; who does not know this one ignores it
    const headers = { 'openspine-file-size': 'requested' };
    const answer = await this.#ask({ method: 'HEAD', path: `/inbox/${encodeURIComponent(id)}`, headers });
    if (answer.status !== 200) throw await this.#refusal(answer);
    await textOf(answer);
    return answer.headers;
  }

  /** Takes a message out of the inbox, and answers for it from now on; may be repeated. */
  async acknowledge(id: string): Promise<void> {
    const path = `/inbox/${encodeURIComponent(id)}/status/acknowledged`;
    await this.#json(await this.#ask({ method: 'PUT', path, headers: {} }));
  }

  /** What became of a message we sent; undefined when MESH knows none of this id. */
  track(messageId: string): Promise<Tracked | undefined> {
    return this.#track(`/outbox/tracking?messageID=${encodeURIComponent(messageId)}`);
  }

  /** The same by our own id. Throws Refusal 300 when there are several. */
  trackLocal(localId: string): Promise<Tracked | undefined> {
    return this.#track(`/outbox/tracking/${encodeURIComponent(localId)}`);
  }

  /** Ids of those of this local id among the newest hundred we sent. Throws Refusal where there is no such list. */
  async sentLately(localId: string): Promise<string[]> {
    const said = await this.#json(
      await this.#ask({ method: 'GET', path: '/outbox/rich?max_results=100', headers: {} }),
    );
    const sent: Record<string, unknown>[] = Array.isArray(said.messages) ? said.messages : [];
    return sent.filter((one) => one?.local_id === localId).map((one) => String(one.message_id));
  }

  async #track(path: string): Promise<Tracked | undefined> {
    const answer = await this.#ask({ method: 'GET', path, headers: {} });
    if (answer.status === 404) {
      await textOf(answer);
      return undefined;
    }
    const tracked = trackedIn(await this.#json(answer));
    if (tracked === undefined) throw new Failure('MESH told nothing of the message in its tracking.');
    return tracked;
  }

  #ask(asked: Asked): Promise<Answer> {
    const path = `${encodeURIComponent(this.id)}${asked.path}`;
    const authorization = this.#authorizations.next(Date.now());
    const headers = { accept: this.#accept, authorization, ...asked.headers };
    return this.#connection.ask({ ...asked, path, headers }, this.#signal);
  }

  /** The answer's JSON, an object in any case; Refusal when it is none of success. */
  async #json(answer: Answer): Promise<Record<string, unknown>> {
    if (answer.status < 200 || answer.status > 299) throw await this.#refusal(answer);
    const text = await textOf(answer);
    try {
      const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
      return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    } catch {
      throw new Failure('What answers there is not a MESH: its answer is not JSON.');
    }
  }

  async #refusal({ status, headers, body }: Answer): Promise<Refusal> {
    const text = await textOf({ status, headers, body }).catch(() => '');
    const seconds = Number(headers['retry-after']);
    const complaint = complaintIn(text);
    const minutes = status === 403 ? Math.round(Math.abs(Date.parse(String(headers.date)) - Date.now()) / 60_000) : 0;
    const clock = minutes >= 110 ? ` (this machine's clock and that of MESH differ by ${minutes} minutes)` : '';
    const told = { ...complaint, words: `${complaint.words}${clock}` };
    return new Refusal(status, told, Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined);
  }
}

const typed = (headers: Record<string, string>) => ({ 'content-type': 'application/octet-stream', ...headers });

/** Where the next page begins: version 2 says so, in version 1 a full page has a next one after its last id. */
function nextOf(links: unknown, ids: readonly string[], most: number): string | undefined {
  if (typeof links === 'object' && links !== null) {
    const { next } = links as { next?: unknown };
    // only the mark is taken from it: where requests go is ours to say
    return typeof next === 'string'
      ? (URL.parse(next, 'http://mesh')?.searchParams.get('continue_from') ?? undefined)
      : undefined;
  }
  return ids.length >= most ? ids.at(-1) : undefined;
}

async function textOf({ body }: Answer): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > mostJsonBytes) throw new Failure('What answers there says more than a MESH would.');
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new ConnectionCut('the connection was cut', true);
  }
  return Buffer.concat(pieces).toString('utf8');
}
