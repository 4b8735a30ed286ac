import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agentInWords } from '../../pages/agent-in-words.ts';
import { afterVerb, drawNumbers, nearnessOf, type PhoneState, type PhoneVerb } from './phone-rules.ts';

const steps = fc.array(
  fc.record({
    verb: fc.constantFrom<PhoneVerb>('see', 'approve', 'refuse', 'use'),
    wait: fc.integer({ min: 0, max: 30_000 }),
  }),
);

/** Walks a request through the verbs as far as they may follow. */
function walk(course: readonly { verb: PhoneVerb; wait: number }[]) {
  let [state, now]: [PhoneState, number] = ['open', 0];
  const went: { verb: PhoneVerb; now: number }[] = [];
  for (const { verb, wait } of course) {
    now += wait;
    const next = afterVerb(state, verb, 60_000, now);
    if (next === undefined) continue;
    state = next;
    went.push({ verb, now });
  }
  return went;
}

test('a log-on is used at most once, and only after it was seen and then approved', () => {
  fc.assert(
    fc.property(steps, (course) => {
      const verbs = walk(course).map(({ verb }) => verb);
      const at = verbs.indexOf('use');
      expect(at === -1 || at === verbs.length - 1).toBe(true);
      if (at >= 0) expect(verbs.filter((verb) => verb !== 'see')).toEqual(['approve', 'use']);
      if (verbs.includes('approve')) expect(verbs[0]).toBe('see');
    }),
  );
});

test('nothing follows on a refusal, and nothing happens after a minute', () => {
  fc.assert(
    fc.property(steps, (course) => {
      const went = walk(course);
      const at = went.findIndex(({ verb }) => verb === 'refuse');
      expect(at === -1 || at === went.length - 1).toBe(true);
      for (const { now } of went) expect(now).toBeLessThan(60_000);
    }),
  );
});

test('three different numbers of two digits are drawn, one of them the right one', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (stream) => {
      const random = (below: number) => Math.floor((stream.next().value as number) * below);
      const { number, choices } = drawNumbers(random);
      expect(new Set(choices).size).toBe(3);
      expect(choices).toContain(number);
      for (const choice of choices) expect(choice).toMatch(/^[1-9]\d$/);
    }),
  );
});

test.each([
  ['192.0.2.7', '192.0.2.200', false, 'same'],
  ['192.0.2.7', '::ffff:192.0.2.9', false, 'same'],
  ['192.0.2.7', '192.0.3.7', false, 'different'],
  ['2001:db8:1:200::1', '2001:db8:1:2ff:1::9', false, 'same'],
  ['2001:db8:1:200::1', '2001:db8:1:300::1', false, 'different'],
  ['2001:db8::1', '192.0.2.1', false, 'different'],
  ['127.0.0.1', '127.0.0.1', false, 'same'],
  ['127.0.0.1', '127.0.0.1', true, 'unknown'],
  ['10.1.2.3', '10.1.2.4', true, 'unknown'],
  ['198.51.100.1', '198.51.100.2', true, 'same'],
  ['', '192.0.2.1', false, 'unknown'],
  ['nonsense', 'nonsense', false, 'unknown'],
] as const)('%s and %s (guarded: %s) are %s', (one, other, isGuarded, nearness) => {
  expect(nearnessOf(one, other, isGuarded)).toBe(nearness);
});

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1',
    'Safari on an iPhone or iPad',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0', 'Firefox on Linux'],
  ['curl/8.5.0', 'An unknown browser'],
])('an agent is put into words', (agent, words) => {
  expect(agentInWords(agent)).toBe(words);
});
