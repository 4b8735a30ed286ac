import { randomInt } from 'node:crypto';

/** A message id, and the instant in it (microseconds since 1970), which orders messages. */
export type MessageStamp = { readonly messageId: string; readonly order: number };

/**
 * Makes message ids of the live form: the time to the microsecond, `_`, six hexadecimal digits. Within a process no
 * microsecond is given twice; the digits keep processes apart.
 */
export class MessageIds {
  readonly #now: () => number;
  #last = 0;

  /** `now`: milliseconds since 1970; it may be moved backwards. */
  constructor(now: () => number) {
    this.#now = now;
  }

  next(): MessageStamp {
    const clock = Math.floor(this.#now()) * 1000;
    // ahead of the clock by what was given out within this millisecond; a clock put back is followed
    const order = clock <= this.#last && this.#last - clock < 1_000_000 ? this.#last + 1 : clock;
    this.#last = order;
    const digits = randomInt(0x1000000).toString(16).toUpperCase().padStart(6, '0');
    return { messageId: `${digitsOf(order)}_${digits}`, order };
  }
}

/** yyyyMMddHHmmss and microseconds, UTC. */
function digitsOf(order: number): string {
  const micros = order % 1000;
  const iso = new Date((order - micros) / 1000).toISOString();
  return `${iso.replaceAll(/[-:T.Z]/g, '')}${String(micros).padStart(3, '0')}`;
}
