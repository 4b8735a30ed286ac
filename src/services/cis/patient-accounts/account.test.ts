import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AccountState, evidenceFault, type IdentityEvidence, stateAfter, type Verb, verbs } from './account.ts';

const kind = fc.constantFrom('photo-identity', 'other');
const evidence = fc.record({
  method: fc.constantFrom('face-to-face', 'video'),
  documents: fc.array(fc.record({ kind, name: fc.constantFrom('passport', 'Passport ', 'licence', 'bill') }), {
    maxLength: 4,
  }),
}) as fc.Arbitrary<IdentityEvidence>;

test('P9 holds only with a photo identity and a second document; less needs nothing', () => {
  expect(evidenceFault('P9', undefined)).toContain('evidence');
  fc.assert(
    fc.property(evidence, (given) => {
      const names = new Set(given.documents.map(({ name }) => name.trim().toLowerCase()));
      const isEnough = names.size >= 2 && given.documents.some((one) => one.kind === 'photo-identity');
      expect(evidenceFault('P9', given) === undefined).toBe(isEnough);
      expect(evidenceFault('P5', given)).toBeUndefined();
    }),
  );
});

test('whatever is done to an account, once closed it stays closed, and no verb changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<Verb>(...verbs)), (done) => {
      let state: AccountState = 'active';
      let wasClosed = false;
      for (const verb of done) {
        const after = stateAfter(state, verb);
        if (wasClosed) expect(after).toBeUndefined();
        if (after !== undefined) {
          expect(after).not.toBe(state);
          state = after;
        }
        wasClosed ||= state === 'closed';
      }
    }),
  );
});
