import { type Call, header, type Operation } from '../../../platform/http/operation.ts';
import { inlineBytes } from '../payloads/payloads.ts';
import { errors, refuse } from './errors.ts';

/** How many bodies may be on their way in at a time: of one mailbox, of them large ones, and large ones of all. */
export type UploadLimits = { readonly ofMailbox: number; readonly largeOfMailbox: number; readonly large: number };

type Tally = { all: number; large: number };

/**
 * Counts what is on its way in. A slow body holds a place among the requests of the whole process, a large one memory too:
 * no mailbox may have them all (ours).
 */
export class Uploads {
  readonly #limits: UploadLimits;
  readonly #byMailbox = new Map<string, Tally>();
  #large = 0;

  constructor(limits: UploadLimits) {
    this.#limits = limits;
  }

  /** Lets one in; what is to be called when it has ended. Undefined when there are too many. */
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

/** The operation, within these limits: beyond them the body is not read, and may be sent again in a moment. */
export function limited(operation: Operation, uploads: Uploads): Operation {
  return {
    ...operation,
    async handle(call) {
      const end = uploads.begin(call.principal?.appId ?? '', isLarge(call));
      if (!end) throw refuse(call, errors.tooManyUploads, undefined, { 'retry-after': '5' });
      try {
        return await operation.handle(call);
      } finally {
        end();
      }
    },
  };
}

/** A body whose length is not told may be any. */
const isLarge = (call: Call): boolean => !(Number(header(call, 'content-length')) <= inlineBytes);
