import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';

/** A COPY under way on a connection that does nothing else meanwhile. */
export class CopyStream {
  readonly #stream: ReturnType<typeof from>;
  readonly #done: Promise<void>;
  #writing: Promise<void> = Promise.resolve();

  constructor(client: pg.ClientBase, statement: string) {
    this.#stream = client.query(from(statement));
    this.#done = finished(this.#stream);
    this.#done.catch(() => {});
  }

  /**
   * Sends lines. One piece may be under way while the next is made: resolves when the piece before has been taken, so
   * memory stays bounded by two pieces. Throws the database's error.
   */
  async write(lines: string): Promise<void> {
    const before = this.#writing;
    this.#writing = before.then(() => this.#send(Buffer.from(lines)));
    this.#writing.catch(() => {});
    await before;
  }

  #send(piece: Buffer): Promise<void> {
    if (piece.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#stream.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Ends the COPY; resolves when the server has taken everything. */
  async end(): Promise<void> {
    await this.#writing;
    this.#stream.end();
    await this.#done;
  }
}
