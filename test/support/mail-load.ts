import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { meshToken } from './mesh.ts';

/** A message that was answered as taken, and what became of it since. */
export type Mailed = {
  readonly messageId: string;
  readonly localId: string;
  readonly from: string;
  readonly to: string;
  /** SHA-256 of each chunk. */
  readonly chunks: readonly string[];
  isAcknowledged: boolean;
};

export type MailLoad = {
  readonly mailed: Mailed[];
  /** Requests without an answer, or with one of 5xx, each of which was then repeated. */
  failures: number;
  /** Answers that no fault excuses. */
  readonly anomalies: string[];
  /** Bytes that the slow sender has given of the payload it is sending; 0 between two. */
  given: number;
  /** Lets what is under way come to its end. */
  stop(): Promise<void>;
};

export const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const pieces = 24;
const slowBytes = pieces * 16_384;

/**
 * Pairs of mailboxes; from one to the other go messages by turns small (kept in the database), large (kept as a file) and in
 * three chunks; those of the first pair are large and come slowly. The recipient lists, downloads and compares each, and
 * acknowledges every other one. What had no answer is repeated until it has one, the first POST under its idempotency key.
 */
export function mailLoad(url: string, pairs: readonly (readonly [from: string, to: string])[]): MailLoad {
  let goesOn = true;
  const load: MailLoad = {
    mailed: [],
    failures: 0,
    anomalies: [],
    given: 0,
    stop: async () => {
      goesOn = false;
      await all;
    },
  };

  /** Repeats until there is an answer; its status and bytes. A token is good once, so each attempt has its own. */
  const ask = async (
    mailboxId: string,
    path: string,
    init: RequestInit,
    body?: () => NonNullable<RequestInit['body']>,
  ) => {
    const until = performance.now() + 90_000;
    for (;;) {
      try {
        const response = await fetch(`${url}/messageexchange/${mailboxId}${path}`, {
          ...init,
          headers: { ...init.headers, authorization: meshToken(mailboxId) },
          ...(body && { body: body(), duplex: 'half' }),
          signal: AbortSignal.timeout(15_000),
        });
        const bytes = Buffer.from(await response.arrayBuffer());
        if (response.status < 500) return { status: response.status, bytes };
      } catch {
        // refused, reset or timed out
      }
      load.failures++;
      if (performance.now() > until) throw new Error(`${path}: no answer within 90 s`);
      await pause(50);
    }
  };

  async function* slowly(bytes: Buffer): AsyncGenerator<Buffer> {
    load.given = 0;
    for (let at = 0; at < bytes.length; at += bytes.length / pieces) {
      yield bytes.subarray(at, at + bytes.length / pieces);
      load.given += bytes.length / pieces;
      await pause(20);
    }
    load.given = 0;
  }

  const send = async (from: string, to: string, payloads: readonly Buffer[], isSlow: boolean): Promise<Mailed> => {
    const [localId, key] = [randomUUID(), randomUUID()];
    const said = { 'mex-to': to, 'mex-workflowid': 'CHAOS', 'mex-localid': localId, 'idempotency-key': key };
    let messageId = '';
    for (const [index, payload] of payloads.entries()) {
      const range = { 'mex-chunk-range': `${index + 1}:${payloads.length}` };
      const path = index === 0 ? '/outbox' : `/outbox/${messageId}/${index + 1}`;
      const headers = { ...range, ...(index === 0 && said) };
      const body = () => (isSlow ? ReadableStream.from(slowly(payload)) : payload) as NonNullable<RequestInit['body']>;
      const { status, bytes } = await ask(from, path, { method: 'POST', headers }, body);
      // the answer to the last chunk was lost: the message was accepted with it
      const wasThere = index > 0 && index === payloads.length - 1 && status === 423;
      if (status !== 202 && !wasThere) throw new Error(`${path}: ${status} ${bytes}`);
      if (index === 0) messageId = (JSON.parse(bytes.toString()) as { messageID: string }).messageID;
    }
    const mailed = { messageId, localId, from, to, chunks: payloads.map(digestOf), isAcknowledged: false };
    load.mailed.push(mailed);
    return mailed;
  };

  const receive = async ({ messageId, to, chunks }: Mailed): Promise<void> => {
    const { status, bytes } = await ask(to, '/inbox?max_results=5000', {});
    const listed = status === 200 ? (JSON.parse(bytes.toString()) as { messages: string[] }).messages : [];
    const times = listed.filter((id) => id === messageId).length;
    if (times !== 1) load.anomalies.push(`${messageId} is ${times} times in the inbox (${status})`);
    for (const [index, digest] of chunks.entries()) {
      const chunk = await ask(to, `/inbox/${messageId}/${index + 1}`, {});
      const isLast = index === chunks.length - 1;
      if (chunk.status !== (isLast ? 200 : 206) || digestOf(chunk.bytes) !== digest)
        load.anomalies.push(`chunk ${index + 1} of ${messageId}: ${chunk.status}, ${chunk.bytes.length} bytes`);
    }
  };

  const work = async ([from, to]: readonly [string, string], isSlow: boolean) => {
    for (let count = 0; goesOn; count++) {
      const mailed = await send(from, to, isSlow ? [randomBytes(slowBytes)] : payloadsFor(count), isSlow);
      await receive(mailed);
      if (count % 2 === 1) continue;
      const path = `/inbox/${mailed.messageId}/status/acknowledged`;
      const { status } = await ask(to, path, { method: 'PUT' });
      if (status !== 200) load.anomalies.push(`acknowledging ${mailed.messageId}: ${status}`);
      mailed.isAcknowledged = true;
    }
  };
  const all = Promise.all(
    pairs.map((pair, index) =>
      work(pair, index === 0).catch((error: Error) => load.anomalies.push(`${pair[0]}: ${error.message}`)),
    ),
  );
  return load;
}

function payloadsFor(count: number): Buffer[] {
  if (count % 3 === 0) return [randomBytes(2000)];
  if (count % 3 === 1) return [randomBytes(150_000)];
  return [randomBytes(100_000), randomBytes(100), randomBytes(300_000)];
}
