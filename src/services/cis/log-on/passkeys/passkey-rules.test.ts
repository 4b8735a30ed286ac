import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAccepted, judge, levelOf, type PasskeyFlags, reaches } from './passkey-rules.ts';

const flags: fc.Arbitrary<PasskeyFlags> = fc.record({ isBackupEligible: fc.boolean(), isBackedUp: fc.boolean() });
const count = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test('a passkey that is, was or may be copied never reaches level 3', () => {
  fc.assert(
    fc.property(fc.array(flags, { minLength: 1 }), (known) => {
      const isCopyable = known.some((one) => one.isBackupEligible || one.isBackedUp);
      expect(levelOf(...known)).toBe(isCopyable ? 2 : 3);
    }),
  );
});

test('whatever a passkey says over its life, once it was at level 2 it never comes back to 3', () => {
  fc.assert(
    fc.property(flags, fc.array(flags, { maxLength: 20 }), (made, said) => {
      let known = { ...made, signCount: 0 };
      let lowest = levelOf(made);
      for (const [i, one] of said.entries()) {
        const judgement = judge(known, { ...one, signCount: i + 1 });
        if (judgement.is === 'suspected') return;
        expect(judgement.level).toBeLessThanOrEqual(lowest);
        lowest = Math.min(lowest, judgement.level) as 2 | 3;
        known = { ...known, isBackedUp: judgement.isBackedUp, signCount: i + 1 };
      }
    }),
  );
});

test('a counter that does not rise is a sign of a copy, unless the authenticator keeps none', () => {
  fc.assert(
    fc.property(count, count, flags, (before, after, one) => {
      const judgement = judge({ ...one, signCount: before }, { ...one, signCount: after });
      const isFine = after > before || (before === 0 && after === 0);
      expect(judgement.is).toBe(isFine ? 'accepted' : 'suspected');
    }),
  );
});

test('a passkey that becomes one that may be copied, or stops being one, is suspected', () => {
  fc.assert(
    fc.property(flags, flags, (before, after) => {
      const judgement = judge({ ...before, signCount: 1 }, { ...after, signCount: 2 });
      expect(judgement.is === 'suspected').toBe(before.isBackupEligible !== after.isBackupEligible);
    }),
  );
});

test('a higher level than asked is taken, a lower one not', () => {
  expect(reaches({ levels: [2] }, 3)).toBe(true);
  expect(reaches({ levels: [2, 3] }, 2)).toBe(true);
  expect(reaches({ levels: [3] }, 2)).toBe(false);
});

test('an application that names authenticators takes no others', () => {
  expect(isAccepted({ only: undefined }, 'FIDO2')).toBe(true);
  expect(isAccepted({ only: ['FIDO2'] }, 'FIDO2')).toBe(true);
  expect(isAccepted({ only: ['N3_SMARTCARD'] }, 'FIDO2')).toBe(false);
});
