/** A payload that was put away: where, and how many bytes it had. */
export type Stored = { readonly reference: string; readonly length: number };

/** What encrypts one chunk: the key of its message, and what the chunk is of, so that none can be put for another. */
export type ChunkSecret = { readonly key: Buffer; readonly context: string };

/** The store cannot take a payload for want of room; what it has, it still gives out. */
export class NoRoom extends Error {}

/**
 * Where large payloads are. What `put` has answered is durable and encrypted; nothing is found by anything but its reference.
 */
export interface PayloadStore {
  /**
   * Puts a payload away as it comes, a piece being used up when the next one is asked for; nothing is kept of one that breaks
   * off. Throws NoRoom when it is full.
   */
  put(payload: AsyncIterable<Buffer>, secret: ChunkSecret): Promise<Stored>;
  /** Reads a payload; fails, before its end, when a byte of it is not as it was put. The pieces are the reader's alone. */
  read(stored: Stored, secret: ChunkSecret): AsyncIterable<Buffer>;
  /** Removes it for good; nothing happens when it is not there. */
  remove(reference: string): Promise<void>;
  /** References of what is there and has not been touched for so many milliseconds; unfinished ones are removed and counted. */
  idle(millis: number): AsyncIterable<string>;
  /** Removes what broke off and was not touched for so many milliseconds; how many. */
  removeUnfinished(millis: number): Promise<number>;
}
