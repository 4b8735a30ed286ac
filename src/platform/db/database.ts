import pg from 'pg';
import { Lane } from './lane.ts';
import type { Statement } from './sql.ts';

/** Where statements run: the database at large, or one transaction of it. */
export interface Queryable {
  /** Runs one statement; its rows. */
  query<Row extends object = Record<string, unknown>>(statement: Statement): Promise<Row[]>;
}

export type DatabaseOptions = {
  /** Connection string; `postgres://…` or a `socket:` directory form as pg takes it. */
  readonly url: string;
  /** Pipelined connections for single statements (default 2). */
  readonly lanes?: number;
  /** Connections for transactions (default 4). */
  readonly transactions?: number;
  /** Called with each lost connection. */
  readonly onError?: (error: Error) => void;
};

/** What a lane is for. */
export type LaneOptions = {
  /**
   * Commits are not waited for until they are durable. They are so with the next durable commit on the same server, which takes
   * all before it to the disk: only for what need not outlive a crash that whatever follows from it does not outlive.
   */
  readonly isFollowed?: boolean;
  /** Statements are planned once: for those that find what they want by its key, however many values they are given. */
  readonly isPlannedOnce?: boolean;
  /** For counts and searches, few and long: planned for the values they are given, and with more memory than others. */
  readonly isLong?: boolean;
  /** Called with each connection that is lost. */
  readonly onLost?: () => void;
};

const asNumber = (text: string) => Number(text);
const asText = (text: string) => text;
pg.types.setTypeParser(pg.types.builtins.INT8, asNumber);
pg.types.setTypeParser(pg.types.builtins.DATE, asText);

/** SQL states after which the same transaction may simply be run again (design section 6.11). */
const retryable = new Set(['40P01', '40001', '08006', '08003', '08001', '57P01', '57P02', '57P03', '25006']);

/** True when the failure says nothing about the statement: a lost connection, a deadlock, a server going away. */
export function isTransient(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  if (code !== undefined && (retryable.has(code) || /^(ECONN|EPIPE|ENOENT|ETIMEDOUT)/.test(code))) return true;
  return /Connection terminated|connection error|not queryable|Client was closed/i.test(message ?? '');
}

/**
 * True when the same request may succeed later, whoever asks: the failure is transient, or the database has no room, memory or
 * connections left (class 53), or it says so itself.
 */
export function isForLater(error: unknown): boolean {
  const { code, isForLater: saysSo } = error as { code?: string; isForLater?: boolean };
  return isTransient(error) || code?.startsWith('53') === true || saysSo === true;
}

/**
 * One PostgreSQL database: single statements go down pipelined connections (many in flight on each), transactions each
 * hold a connection of a small pool. Lost connections are made anew; reads are repeated on a new one.
 */
export class Database implements Queryable {
  readonly url: string;
  readonly #lanes: Lane[];
  readonly #pool: pg.Pool;

  constructor(options: DatabaseOptions) {
    this.url = options.url;
    const onError = options.onError ?? (() => {});
    this.#lanes = Array.from({ length: options.lanes ?? 2 }, () => new Lane(options.url, onError));
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.transactions ?? 4,
      connectionTimeoutMillis: 10_000,
      idleTimeoutMillis: 0,
    });
    // one that is lost while it is lent fails its statement; unheard, its event would end the process besides
    this.#pool.on('connect', (client) => client.on('error', () => {}));
    // connections that are being closed may be cut by a database that stops right after
    this.#pool.on('error', (error) => {
      if (!this.#pool.ending) onError(error);
    });
  }

  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    const isRead = /^\s*select/i.test(statement.text);
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#quietestLane().query<Row>(statement);
      } catch (error) {
        if (!isRead || attempt >= 5 || !isTransient(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
      }
    }
  }

  /** A pipelined connection of its own, for callers whose statements must not wait behind others'. Ends with the database. */
  lane(options: LaneOptions = {}): Lane {
    const settings: string[] = [];
    if (options.isFollowed) settings.push('set synchronous_commit = off');
    if (options.isPlannedOnce) settings.push('set plan_cache_mode = force_generic_plan');
    if (options.isLong) settings.push('set plan_cache_mode = force_custom_plan', `set work_mem = '32MB'`);
    const lane = new Lane(this.url, () => {}, settings.join('; '), options.onLost);
    this.#extra.push(lane);
    return lane;
  }
  /** A lane of its own for reads; when it is lost they are repeated as those of `query` are. */
  reader(options: LaneOptions = {}): Queryable {
    const lane = this.lane(options);
    return {
      query: async <Row extends object>(statement: Statement) => {
        try {
          return await lane.query<Row>(statement);
        } catch (error) {
          if (!isTransient(error)) throw error;
          return this.query<Row>(statement);
        }
      },
    };
  }
  readonly #extra: Lane[] = [];

  /**
   * Runs `work` in one transaction; commits when it resolves, rolls back when it throws. Repeated (up to three times)
   * after a deadlock or a lost connection, so `work` must have no effect but through its statements.
   */
  async transaction<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (attempt >= 3 || !isTransient(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
      }
    }
  }

  async #once<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    let broken: Error | boolean = false;
    try {
      await client.query('begin');
      const result = await work({ query: async (statement) => (await client.query(statement)).rows });
      await client.query('commit');
      return result;
    } catch (error) {
      if (isTransient(error)) broken = true;
      else await client.query('rollback').catch(() => (broken = true));
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Lends a plain connection, e.g. for COPY or a cursor; `work` must not keep it. */
  async withClient<Result>(work: (client: pg.ClientBase) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect();
    let broken = true;
    try {
      const result = await work(client);
      broken = false;
      return result;
    } finally {
      client.release(broken);
    }
  }

  /** Runs a script of several statements, as migrations are. */
  async script(text: string): Promise<void> {
    await this.withClient(async (client) => {
      await client.query(text);
    });
  }

  /** Ends all connections; statements in flight are answered first. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes, ...this.#extra].map((lane) => lane.close()));
    await this.#pool.end();
  }

  #quietestLane(): Lane {
    let best = this.#lanes[0] as Lane;
    for (const lane of this.#lanes) if (lane.pending < best.pending) best = lane;
    return best;
  }
}
