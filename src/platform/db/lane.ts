import type { Socket } from 'node:net';
import pg from 'pg';
import type { Statement } from './sql.ts';

/**
 * One pipelined connection: statements are sent as they come, without waiting for the answers of those before. Made at
 * first use, and anew after it was lost; statements in flight then fail and the caller decides.
 */
export class Lane {
  readonly #url: string;
  readonly #onError: (error: Error) => void;
  readonly #setting: string;
  readonly #onLost: () => void;
  #client: Promise<pg.Client> | undefined;
  #ready: pg.Client | undefined;
  #closed = false;
  /** Statements sent and not answered. */
  pending = 0;

  /** `setting`: statements that each new connection begins with. `onLost`: called with each connection that is lost. */
  constructor(url: string, onError: (error: Error) => void, setting = '', onLost: () => void = () => {}) {
    this.#onLost = onLost;
    this.#url = url;
    this.#setting = setting;
    this.#onError = onError;
  }

  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    const client = this.#ready ?? (await this.#connect());
    this.pending++;
    gather(client);
    try {
      const result = await client.query<Row>(statement as pg.QueryConfig);
      return result.rows;
    } finally {
      this.pending--;
    }
  }

  /** Several statements as one unit on this connection, in order; all of them sent at once. */
  async unit(statements: readonly Statement[]): Promise<Record<string, unknown>[][]> {
    const client = this.#ready ?? (await this.#connect());
    this.pending++;
    gather(client);
    try {
      const results = await Promise.allSettled(
        statements.map((statement) => client.query(statement as pg.QueryConfig)),
      );
      for (const result of results) if (result.status === 'rejected') throw result.reason;
      return results.map((result) => (result as PromiseFulfilledResult<pg.QueryResult>).value.rows);
    } finally {
      this.pending--;
    }
  }

  #connect(): Promise<pg.Client> {
    if (this.#closed) return Promise.reject(new Error('Connection terminated: the database was closed'));
    this.#client ??= this.#open().catch((error) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.#url,
      pipeline: true,
      connectionTimeoutMillis: 10_000,
    } as pg.ClientConfig);
    const lost = (error?: Error) => {
      if (this.#ready === client) {
        this.#ready = undefined;
        this.#client = undefined;
        if (!this.#closed) this.#onLost();
      }
      if (error && !this.#closed) this.#onError(error);
    };
    client.on('error', lost);
    client.on('end', () => lost());
    await client.connect();
    if (this.#setting !== '')
      await client.query(this.#setting).catch(async (error) => {
        await client.end().catch(() => undefined);
        throw error;
      });
    this.#ready = client;
    return client;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => undefined);
  }
}

/** What is asked in the same moment goes out in one write: each by itself costs a system call. */
function gather(client: pg.Client): void {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}
