import type { Database } from '../../../platform/db/database.ts';
import { checkDigit, type NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { insertNumberRange, lockNumberRange, moveNumberRange, selectHeldNumbers } from '../queries-registration.ts';

/** A range to allocate from, by the first nine digits; `name` says which row of pds.number_range keeps its place. */
export type NumberRange = { readonly name: string; readonly first: number; readonly last: number };

/** Within the numbers reserved for tests (999 …), clear of those the published examples of the services use. */
export const sandboxRange: NumberRange = { name: 'sandbox', first: 999_600_000, last: 999_989_999 };

const blockSize = 100;

/**
 * Allocates NHS numbers, each once in the life of the database. A block of numbers is taken under a row lock and handed
 * out by this process alone; what is left of it when the process ends is never used. First nine digits without a valid
 * check digit, and numbers PDS holds already, are passed over.
 */
export class NhsNumberAllocator {
  readonly #db: Database;
  readonly #range: NumberRange;
  #free: NhsNumber[] = [];
  #taking: Promise<void> | undefined;

  constructor(db: Database, range: NumberRange) {
    this.#db = db;
    this.#range = range;
  }

  /** The next free number; fails when the range is used up. */
  async allocate(): Promise<NhsNumber> {
    for (;;) {
      const number = this.#free.pop();
      if (number !== undefined) return number;
      this.#taking ??= this.#takeBlock().finally(() => {
        this.#taking = undefined;
      });
      await this.#taking;
    }
  }

  /** Takes blocks until one has a free number. */
  async #takeBlock(): Promise<void> {
    const { name, first, last } = this.#range;
    while (this.#free.length === 0) {
      const block = await this.#db.transaction(async (tx) => {
        await insertNumberRange(tx, name, first, last);
        const stands = await lockNumberRange(tx, name);
        if (!stands || stands.next > stands.last) return undefined;
        const end = Math.min(stands.next + blockSize, stands.last + 1);
        await moveNumberRange(tx, name, end);
        return { from: stands.next, end };
      });
      if (!block) throw new Error(`The range of NHS numbers "${name}" is used up`);
      const numbers = validNumbers(block.from, block.end);
      const held = new Set(await selectHeldNumbers(this.#db, numbers));
      this.#free = numbers.filter((number) => !held.has(number)).reverse();
    }
  }
}

/** The NHS numbers whose first nine digits are `from` up to but not `end`, in order. */
export function validNumbers(from: number, end: number): NhsNumber[] {
  const numbers: NhsNumber[] = [];
  for (let body = from; body < end; body++) {
    const digits = String(body).padStart(9, '0');
    const check = checkDigit(digits);
    if (check !== undefined) numbers.push(`${digits}${check}` as NhsNumber);
  }
  return numbers;
}
