import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import type { KnownMismatch } from './known.ts';

/**
 * Keeps count of what was replayed. `known` names the examples that cannot match, each with its reason and where exactly it
 * differs; `unprovoked` those that no request from outside brings about.
 */
export function openLedger(
  title: string,
  known: Readonly<Record<string, KnownMismatch>>,
  unprovoked: Readonly<Record<string, string>>,
) {
  const outcomes = new Map<string, readonly string[]>();
  const isKnown = (example: string, found: readonly string[]) => isDeepStrictEqual(known[example]?.differences, found);
  afterAll(() => {
    const mismatched = [...outcomes].filter(([, found]) => found.length > 0);
    const lines = [
      `${title} conformance: ${outcomes.size} published examples replayed, ${outcomes.size - mismatched.length} matched`,
      ...mismatched.map(
        ([example, found]) =>
          `  ${example}: ${isKnown(example, found) ? known[example]?.because : `NOT KNOWN: ${found.join('; ')}`}`,
      ),
      ...Object.entries(unprovoked).map(([example, why]) => `  not replayed: ${example}: ${why}`),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  });
  return {
    /** One example as a test: `replay` answers where answer and example differ. */
    replays(example: string, replay: () => Promise<readonly string[]>): void {
      test(example, async () => {
        outcomes.set(example, ['the replay broke off']);
        const found = await replay();
        outcomes.set(example, found);
        expect(found).toEqual(known[example]?.differences ?? []);
      });
    },
    /** Every file is either replayed or listed as one that cannot be. */
    accountsFor(files: readonly string[]): void {
      test('every published example is replayed or has a reason why not', () => {
        const missed = files.filter((file) => !outcomes.has(file) && unprovoked[file] === undefined);
        expect(missed).toEqual([]);
      });
    },
  };
}

export type Ledger = ReturnType<typeof openLedger>;
