import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { type AwsCredentials, awsQuery, awsSigned, sha256 } from './aws-signature.ts';

/** The store could not be asked, or refused; the message says what it answered. Whoever asked us may do so again later. */
export class ObjectStorageError extends Error {
  readonly status: number | undefined;
  readonly isForLater = true;
  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** The store took the request and said nothing: asking again would only double the wait. */
class Silence extends ObjectStorageError {}

export type ObjectStorageOptions = AwsCredentials & {
  /** `https://host[:port]/bucket`. */
  readonly url: string;
  /** Milliseconds since 1970 by the clock of the wall: signatures carry the time. */
  readonly wall: () => number;
  /** How long the store may say nothing; 30 seconds by default. */
  readonly silentMillis?: number;
};

type Ask = {
  readonly method: string;
  readonly key?: string;
  readonly query?: Record<string, string>;
  readonly body?: Buffer;
};
export type StoredObject = { readonly key: string; readonly modifiedAt: number };
export type Upload = { readonly key: string; readonly uploadId: string; readonly beganAt: number };

const attempts = 4;
/** Not implemented, no room: no trouble of a moment. */
const final = [501, 507];
const none = Buffer.alloc(0);

/** A bucket of an S3-compatible object store: of the operator's choosing, so that its address is not guarded. */
export class ObjectStorage {
  readonly #options: ObjectStorageOptions;
  readonly #url: URL;
  readonly #agent: PlainAgent;

  constructor(options: ObjectStorageOptions) {
    this.#options = options;
    this.#url = new URL(options.url);
    this.#agent = new (this.#url.protocol === 'https:' ? TlsAgent : PlainAgent)({ keepAlive: true, maxSockets: 64 });
  }

  async put(key: string, body: Buffer): Promise<void> {
    await this.#whole({ method: 'PUT', key, body });
  }

  /** An object as it comes; rejects with status 404 where there is none. */
  get(key: string): Promise<IncomingMessage> {
    return this.#retrying(() => this.#ask({ method: 'GET', key }));
  }

  /** Nothing happens where there is none. */
  async remove(key: string): Promise<void> {
    await this.#whole({ method: 'DELETE', key });
  }

  /** Every object whose key begins so. */
  async *list(prefix: string): AsyncGenerator<StoredObject> {
    let after = '';
    do {
      const query = { 'list-type': '2', prefix, ...(after === '' ? {} : { 'continuation-token': after }) };
      const { text } = await this.#whole({ method: 'GET', query });
      for (const [, one = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs))
        yield { key: inside(one, 'Key'), modifiedAt: Date.parse(inside(one, 'LastModified')) };
      after = inside(text, 'IsTruncated') === 'true' ? inside(text, 'NextContinuationToken') : '';
    } while (after !== '');
  }

  /** Begins an object that comes in parts; the upload's id. */
  async begin(key: string): Promise<string> {
    return inside((await this.#whole({ method: 'POST', key, query: { uploads: '' } })).text, 'UploadId');
  }

  /** Sends part `number` (from 1); its tag. */
  async putPart(key: string, uploadId: string, number: number, body: Buffer): Promise<string> {
    const query = { partNumber: String(number), uploadId };
    const { headers } = await this.#whole({ method: 'PUT', key, query, body });
    return String(headers.etag ?? '');
  }

  /** Makes the parts one object. */
  async complete(key: string, uploadId: string, tags: readonly string[]): Promise<void> {
    const parts = tags.map((tag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${tag}</ETag></Part>`);
    const body = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
    const { text } = await this.#whole({ method: 'POST', key, query: { uploadId }, body });
    // a failure may come after the status was sent
    if (!text.includes('CompleteMultipartUploadResult'))
      throw new ObjectStorageError(`not completed: ${text.slice(0, 200)}`);
  }

  async abort(key: string, uploadId: string): Promise<void> {
    await this.#whole({ method: 'DELETE', key, query: { uploadId } });
  }

  /** Uploads in parts that were begun and neither completed nor aborted, a thousand at most; none where the store cannot tell. */
  async uploads(prefix: string): Promise<Upload[]> {
    const { text } = await this.#whole({ method: 'GET', query: { uploads: '', prefix } }).catch((error) => {
      if (error instanceof ObjectStorageError && error.status === 501) return { text: '' };
      throw error;
    });
    return [...text.matchAll(/<Upload>(.*?)<\/Upload>/gs)].map(([, one = '']) => ({
      key: inside(one, 'Key'),
      uploadId: inside(one, 'UploadId'),
      beganAt: Date.parse(inside(one, 'Initiated')),
    }));
  }

  close(): void {
    this.#agent.destroy();
  }

  #whole(ask: Ask): Promise<{ text: string; headers: IncomingMessage['headers'] }> {
    return this.#retrying(async () => {
      const response = await this.#ask(ask);
      return { text: await textOf(response), headers: response.headers };
    });
  }

  /** Every request may be sent again: bodies are in memory, and doing it twice is doing it once. */
  async #retrying<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const status = error instanceof ObjectStorageError ? error.status : undefined;
        const isAnswer = status !== undefined && (status < 500 || final.includes(status)) && status !== 429;
        if (isAnswer || error instanceof Silence || attempt >= attempts) throw error;
        await pause(100 * 2 ** attempt);
      }
    }
  }

  #ask({ method, key, query = {}, body = none }: Ask): Promise<IncomingMessage> {
    const { protocol, host, hostname, port, pathname } = this.#url;
    const bucket = pathname.replace(/\/$/, '');
    const path = key === undefined ? bucket : `${bucket}/${key}`;
    const search = awsQuery(query);
    const headers = awsSigned(
      { method, host, path, query: search, payloadHash: sha256(body) },
      this.#options,
      this.#options.wall(),
    );
    return new Promise((resolve, reject) => {
      let answer: IncomingMessage | undefined;
      const fail = (error: Error) =>
        reject(
          error instanceof ObjectStorageError ? error : new ObjectStorageError(error.message || 'connection failed'),
        );
      const outgoing = (protocol === 'https:' ? tlsRequest : plainRequest)(
        {
          method,
          hostname,
          port,
          agent: this.#agent,
          path: search === '' ? path : `${path}?${search}`,
          headers: { ...headers, 'content-length': body.length },
        },
        (response) => {
          answer = response;
          const status = response.statusCode ?? 0;
          // whoever asked may use the body's memory again: it must have left
          if (status < 300 && outgoing.writableFinished) return resolve(response);
          if (status < 300) return void outgoing.once('finish', () => resolve(response));
          textOf(response).then(
            (text) => reject(new ObjectStorageError(`${method} answered ${status}: ${text.slice(0, 200)}`, status)),
            fail,
          );
        },
      );
      const { silentMillis = 30_000 } = this.#options;
      outgoing.setTimeout(silentMillis);
      outgoing.on('timeout', () => {
        // while something of the answer waits for us, it is not the store that is slow
        if (answer && answer.readableLength > 0) outgoing.setTimeout(silentMillis);
        else outgoing.destroy(new Silence(`silent for ${silentMillis} ms`));
      });
      outgoing.on('error', fail);
      outgoing.end(body);
    });
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > 8 * 2 ** 20) throw new ObjectStorageError('the answer is too large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** The text of the first element of this name; keys and ids of ours need no unescaping but of `&amp;` and quotes. */
function inside(xml: string, element: string): string {
  const [, text = ''] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml) ?? [];
  return text.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
