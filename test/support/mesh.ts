import { randomUUID } from 'node:crypto';
import { tokenHash } from '../../src/services/mesh/authorization/token.ts';

/** An Authorization header of a mailbox, as a client makes it. `at` in milliseconds. */
export function meshToken(
  mailboxId: string,
  {
    password = 'password',
    sharedKey = 'TestKey',
    nonce = randomUUID() as string,
    nonceCount = '001',
    at = Date.now(),
  } = {},
): string {
  const timestamp = new Date(at).toISOString().slice(0, 16).replaceAll(/[-T:]/g, '');
  const hash = tokenHash({ mailboxId, nonce, nonceCount, timestamp }, password, sharedKey);
  return `NHSMESH ${mailboxId}:${nonce}:${nonceCount}:${timestamp}:${hash}`;
}

export type MeshAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was answered
  readonly body: any;
};

export type MeshRequest = {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  /** Instead of a fresh one. */
  readonly token?: string;
};

/** A client of a mailbox: calls below `/messageexchange/<mailbox>`, each with a fresh token. */
export function meshClient(url: string, mailboxId: string, options: Parameters<typeof meshToken>[1] = {}) {
  return async (path: string, { method = 'GET', headers = {}, body, token }: MeshRequest = {}): Promise<MeshAnswer> => {
    const response = await fetch(`${url}/messageexchange/${mailboxId}${path}`, {
      method,
      headers: { authorization: token ?? meshToken(mailboxId, options), 'accept-encoding': 'identity', ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes, body: parsed(bytes) };
  };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
