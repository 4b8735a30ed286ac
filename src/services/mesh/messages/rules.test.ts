import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readChunkRange } from './chunk-range.ts';
import { isKeyTaken } from './idempotency.ts';
import { MessageIds } from './ids.ts';
import type { MessageState } from './message.ts';
import { isDownloadable, mayBecome, stateAt } from './states.ts';
import { readWorkflowFilter } from './workflow-filter.ts';

const states: readonly MessageState[] = ['uploading', 'accepted', 'acknowledged', 'undeliverable', 'error'];
const anyState = fc.constantFrom(...states);

test('whatever happens, a message that has ended stays as it ended', () => {
  fc.assert(
    fc.property(fc.array(anyState, { maxLength: 20 }), (wishes) => {
      let state: MessageState = 'uploading';
      for (const wish of wishes) {
        const next: MessageState = mayBecome(state, wish) ? wish : state;
        if (['acknowledged', 'undeliverable', 'error'].includes(state)) expect(next).toBe(state);
        state = next;
      }
    }),
  );
});

test('only a message that waits is out of reach once its time is over', () => {
  fc.assert(
    fc.property(anyState, fc.nat(), fc.nat(), (state, expiresAt, now) => {
      const seen = stateAt({ state, expiresAt }, now);
      expect(seen).toBe(state === 'accepted' && expiresAt <= now ? 'undeliverable' : state);
      expect(isDownloadable(seen)).toBe(seen === 'accepted' || seen === 'acknowledged');
    }),
  );
});

test('ids are of the live form, unlike each other, and in the order in which they were made', () => {
  const ids = new MessageIds(() => Date.parse('2026-03-15T12:00:00.123Z'));
  const made = Array.from({ length: 5000 }, () => ids.next());
  for (const { messageId } of made) expect(messageId).toMatch(/^20260315120000[0-9]{6}_[0-9A-F]{6}$/);
  expect(made[0]?.messageId.slice(0, 20)).toBe('20260315120000123000');
  const orders = made.map(({ order }) => order);
  expect(new Set(orders).size).toBe(made.length);
  expect(orders).toEqual(orders.toSorted((a, b) => a - b));
});

test('a clock that was put back is followed', () => {
  let now = Date.parse('2026-03-15T12:00:00Z');
  const ids = new MessageIds(() => now);
  ids.next();
  now -= 3_600_000;
  expect(ids.next().messageId).toMatch(/^20260315110000000000_/);
});

test('two processes make no id twice in the same microsecond, but by a chance in millions', () => {
  const [one, other] = [new MessageIds(() => 1), new MessageIds(() => 1)];
  const made = Array.from({ length: 100 }, () => [one.next().messageId, other.next().messageId]).flat();
  expect(new Set(made).size).toBe(200);
});

test('a chunk range is two whole numbers, the first of which is not the greater', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 200_000 }), (number, total) => {
      const isGood = number >= 1 && number <= total && total <= 100_000;
      expect(readChunkRange(`${number}:${total}`)).toEqual(isGood ? { number, total } : undefined);
    }),
  );
  for (const text of ['', ':', '1', 'x:y', '1:', ':1', '-1:2', '1.0:2', '1:2:3', '0x1:2', '1e1:20', '٣:٤'])
    expect(readChunkRange(text), text).toBeUndefined();
});

/** LIKE, as PostgreSQL does it, for what a filter may be. */
function isLike(text: string, pattern: string): boolean {
  const expression = pattern.replaceAll(/\\(.)|([.*+?^${}()|[\]])|(%)|(_)/gs, (_all, quoted, special, any, one) => {
    if (quoted !== undefined) return quoted.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    if (special !== undefined) return `\\${special}`;
    return any !== undefined ? '[^]*' : one !== undefined ? '[^]' : '';
  });
  return new RegExp(`^${expression}$`, 's').test(text);
}

test('a workflow filter does what its form says, whatever the name holds', () => {
  const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !/^[*!]|\*$/.test(text));
  fc.assert(
    fc.property(name, fc.string(), fc.boolean(), (wanted, other, isNegated) => {
      const mark = isNegated ? '!' : '';
      const passes = (filter: string, workflow: string) => {
        const read = readWorkflowFilter(filter);
        return read === undefined ? undefined : isLike(workflow, read.pattern) === read.isWanted;
      };
      expect(passes(`${mark}${wanted}`, other)).toBe((other === wanted) !== isNegated);
      expect(passes(`${mark}${wanted}*`, other)).toBe(other.startsWith(wanted) !== isNegated);
      expect(passes(`${mark}*${wanted}*`, other)).toBe(other.includes(wanted) !== isNegated);
      expect(passes(`${mark}${wanted}*`, wanted + other)).toBe(!isNegated);
      expect(passes(`${mark}*${wanted}*`, other + wanted + other)).toBe(!isNegated);
    }),
  );
  for (const empty of [undefined, '*', '**', '!', '!*', '!**']) expect(readWorkflowFilter(empty)).toBeUndefined();
});

test('a key that was taken is known by its constraint, on a shard too', () => {
  for (const constraint of ['idempotency_pkey', 'idempotency_pkey_102008'])
    expect(isKeyTaken({ code: '23505', constraint })).toBe(true);
  for (const constraint of ['message_pkey', 'idempotency_pkey_x', undefined])
    expect(isKeyTaken({ code: '23505', constraint })).toBe(false);
});
