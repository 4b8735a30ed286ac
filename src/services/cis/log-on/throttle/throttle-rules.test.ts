import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  allowances,
  countedAgainst,
  forgive,
  networkOf,
  remaining,
  rule,
  type Tries,
  type Try,
} from './throttle-rules.ts';

/** The throttle as it keeps its counts, in memory. */
function counter() {
  const kept = new Map<string, Tries>();
  return {
    try(one: Try, now: number): boolean {
      const rulings = countedAgainst(one).map(({ key, allowance }) => ({
        key,
        ruling: rule(kept.get(key), allowance, now),
      }));
      if (rulings.some(({ ruling }) => !ruling.isAllowed)) return false;
      for (const { key, ruling } of rulings) if (ruling.isAllowed) kept.set(key, ruling.tries);
      return true;
    },
  };
}

const instant = fc.integer({ min: 0, max: 10_000_000 });
const attack = fc.array(
  fc.record({
    user: fc.constantFrom('656005750104', '656005750105'),
    knownBrowser: fc.constantFrom(undefined, 'attacker-1', 'attacker-2'),
    address: fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1'),
    after: fc.integer({ min: 0, max: 100_000 }),
  }),
  { maxLength: 200 },
);

test('whatever is tried from other browsers, at the same address too, the user can still try in a browser of her own', () => {
  fc.assert(
    fc.property(attack, (tries) => {
      const throttle = counter();
      let now = 0;
      for (const { after, ...one } of tries) {
        now += after;
        throttle.try(one, now);
      }
      expect(throttle.try({ user: '656005750104', knownBrowser: 'her own', address: '10.0.0.1' }, now)).toBe(true);
    }),
  );
});

test('in any hour no more tries at one user get through from other browsers than the allowance and what is forgotten in it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 120_000 }), { maxLength: 400 }), (gaps) => {
      const throttle = counter();
      let now = 0;
      const passed: number[] = [];
      for (const [i, gap] of gaps.entries()) {
        now += gap;
        if (throttle.try({ user: 'u', knownBrowser: undefined, address: `10.0.${i % 250}.${i % 7}` }, now))
          passed.push(now);
      }
      const { most, forgetMillis } = allowances.otherBrowsers;
      for (const from of passed) {
        const inHour = passed.filter((at) => at >= from && at < from + 3_600_000).length;
        expect(inHour).toBeLessThanOrEqual(most + 3_600_000 / forgetMillis);
      }
    }),
  );
});

test('who is told to wait gets through after that wait, and not before', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 50, noNaN: true }), instant, instant, (tries, countedAt, now) => {
      const ruling = rule({ tries, countedAt }, allowances.knownBrowser, now);
      if (ruling.isAllowed) return;
      const later = Math.max(now, countedAt) + ruling.waitMillis + 1;
      expect(rule({ tries, countedAt }, allowances.knownBrowser, later).isAllowed).toBe(true);
      expect(ruling.waitMillis).toBeGreaterThan(0);
    }),
  );
});

test('a try that was right takes back itself and no more', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 9, noNaN: true }), instant, instant, (tries, countedAt, now) => {
      const before = { tries, countedAt };
      const ruling = rule(before, allowances.knownBrowser, now);
      if (!ruling.isAllowed) return;
      const after = forgive(ruling.tries, allowances.knownBrowser, now);
      expect(remaining(after, allowances.knownBrowser, now)).toBeCloseTo(
        remaining(before, allowances.knownBrowser, now),
      );
    }),
  );
});

test('a clock that goes back a little forgets nothing; one put back by hours begins anew', () => {
  expect(remaining({ tries: 5, countedAt: 1000 }, allowances.address, 0)).toBe(5);
  expect(remaining({ tries: 10, countedAt: 86_400_000 }, allowances.knownBrowser, 0)).toBe(0);
  expect(rule({ tries: 10, countedAt: 86_400_000 }, allowances.knownBrowser, 0)).toEqual({
    isAllowed: true,
    tries: { tries: 1, countedAt: 0 },
  });
});

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
])('the address %s is counted as the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
