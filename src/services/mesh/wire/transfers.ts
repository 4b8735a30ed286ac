/** How many bodies may be on their way at a time: of one mailbox, of them large ones, and large ones of all. */
export type TransferLimits = { readonly ofMailbox: number; readonly largeOfMailbox: number; readonly large: number };

type Tally = { all: number; large: number };

/**
 * Counts bodies on their way in one direction. A slow one holds a place among the requests of the whole process or an open
 * file, a large one memory too: no mailbox may have them all (ours).
 */
export class Transfers {
  readonly #limits: TransferLimits;
  readonly #byMailbox = new Map<string, Tally>();
  #large = 0;

  constructor(limits: TransferLimits) {
    this.#limits = limits;
  }

  /** Lets one begin; what is to be called once when it has ended. Undefined when there are too many. */
  begin(mailboxId: string, isLarge: boolean): (() => void) | undefined {
    const { ofMailbox, largeOfMailbox, large } = this.#limits;
    const tally = this.#byMailbox.get(mailboxId) ?? { all: 0, large: 0 };
    if (tally.all >= ofMailbox) return undefined;
    if (isLarge && (tally.large >= largeOfMailbox || this.#large >= large)) return undefined;
    this.#byMailbox.set(mailboxId, tally);
    const add = (one: 1 | -1) => {
      tally.all += one;
      if (!isLarge) return;
      tally.large += one;
      this.#large += one;
    };
    add(1);
    return () => {
      add(-1);
      if (tally.all === 0) this.#byMailbox.delete(mailboxId);
    };
  }
}
