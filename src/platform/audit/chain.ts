import { randomUUID } from 'node:crypto';
import { type AuditEntry, type AuditNote, chainStart, entryHash } from './entry.ts';

/**
 * One chain of entries, written by one writer one batch at a time: `extend` works out the next entries, `keep` makes
 * them the chain's end once they are durable. After a failed or unknown commit the chain is left as it is and `renew`
 * begins another: a chain never has two entries with one number.
 */
export class Chain {
  #writer: string = randomUUID();
  #seq = 0;
  #hash = chainStart;
  #isRegistered = false;

  get writer(): string {
    return this.#writer;
  }
  get seq(): number {
    return this.#seq;
  }
  get hash(): Buffer {
    return this.#hash;
  }
  /** Whether the writer's row is in the database. */
  get isRegistered(): boolean {
    return this.#isRegistered;
  }

  extend(notes: readonly AuditNote[]): AuditEntry[] {
    let seq = this.#seq;
    let hash = this.#hash;
    return notes.map((note) => {
      seq++;
      hash = entryHash(hash, this.#writer, seq, note);
      return { ...note, writer: this.#writer, seq, hash };
    });
  }

  keep(entries: readonly AuditEntry[]): void {
    const last = entries.at(-1);
    this.#isRegistered = true;
    if (!last) return;
    this.#seq = last.seq;
    this.#hash = last.hash;
  }

  renew(): void {
    this.#writer = randomUUID();
    this.#seq = 0;
    this.#hash = chainStart;
    this.#isRegistered = false;
  }
}
