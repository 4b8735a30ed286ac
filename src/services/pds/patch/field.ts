import { isEqual } from './json.ts';
import type { PatchSource } from './source.ts';

/** What a field rule knows of one list object that was touched. */
export type Touched<T> = {
  readonly after: T;
  /** What it was before the request; undefined for an object that was added. */
  readonly before: T | undefined;
  /** `edited`: parts of it were changed; otherwise the whole object came with the request. */
  readonly kind: 'added' | 'replaced' | 'edited';
  /** Where it stands, as errors name it: `name/0`. */
  readonly path: string;
  readonly today: string;
  readonly source: PatchSource;
};

/**
 * True for a member the request gave or changed; its rules are asked only then. What comes back as it was, in an
 * object sent whole, is not touched: records hold values older than the rules, and nobody can be asked to mend them.
 */
export function isTouched<T extends object>(touched: Touched<T>, member: keyof T): boolean {
  return touched.before === undefined || !isEqual(touched.before[member], touched.after[member]);
}
