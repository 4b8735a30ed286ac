import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterVerb, type CardState, type CardVerb, day, isRenewable, standingOf } from './card-states.ts';

const verbs: readonly CardVerb[] = ['issue', 'issue-locked', 'unlock', 'lock', 'renew', 'cancel'];
const steps = fc.array(fc.record({ verb: fc.constantFrom(...verbs), days: fc.integer({ min: 0, max: 800 }) }));

/** Walks a card through the verbs, as far as they may follow; every state it went through. */
function walk(course: readonly { verb: CardVerb; days: number }[]): { state: CardState; verb: CardVerb }[] {
  let [state, now, notAfter]: [CardState, number, number | undefined] = ['printed', 0, undefined];
  const went: { state: CardState; verb: CardVerb }[] = [];
  for (const { verb, days } of course) {
    now += days * day;
    const next = afterVerb(standingOf(state, notAfter, now), verb);
    if (next === undefined) continue;
    if (verb === 'issue' || verb === 'issue-locked' || verb === 'renew') notAfter = now + 1095 * day;
    state = next;
    went.push({ state, verb });
  }
  return went;
}

test('a cancelled card never comes back', () => {
  fc.assert(
    fc.property(steps, (course) => {
      const states = walk(course).map(({ state }) => state);
      const at = states.indexOf('cancelled');
      expect(at === -1 || at === states.length - 1).toBe(true);
    }),
  );
});

test('a card becomes active only by being issued, unlocked or renewed, and is issued once', () => {
  fc.assert(
    fc.property(steps, (course) => {
      const went = walk(course);
      for (const { state, verb } of went) if (state === 'active') expect(['issue', 'unlock', 'renew']).toContain(verb);
      expect(went.filter(({ verb }) => verb === 'issue' || verb === 'issue-locked').length).toBeLessThanOrEqual(1);
    }),
  );
});

test('a locked card is not renewed into an active one while it is valid', () => {
  expect(afterVerb('locked', 'renew')).toBeUndefined();
  expect(afterVerb('issued-locked', 'renew')).toBeUndefined();
});

test('whatever its state, a card past its end is expired, unless it was cancelled or never issued', () => {
  const states: readonly CardState[] = ['printed', 'issued-locked', 'active', 'locked', 'cancelled'];
  fc.assert(
    fc.property(fc.constantFrom(...states), fc.integer(), fc.nat(), (state, notAfter, later) => {
      const standing = standingOf(state, notAfter, notAfter + later);
      expect(standing).toBe(state === 'cancelled' || state === 'printed' ? state : 'expired');
    }),
  );
});

test('certificates are renewable from 90 days before their end on', () => {
  expect(isRenewable(100 * day, 10 * day - 1)).toBe(false);
  expect(isRenewable(100 * day, 10 * day)).toBe(true);
  expect(isRenewable(100 * day, 101 * day)).toBe(true);
});
