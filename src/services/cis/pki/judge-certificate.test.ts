import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CertificateFacts, faultOf } from './judge-certificate.ts';

const good: CertificateFacts = {
  isOurs: true,
  isForClients: true,
  isAuthority: false,
  notBefore: 100,
  notAfter: 200,
  kept: { usage: 'authentication', revokedReason: null },
  standing: 'active',
  isHolderActive: true,
};

test('a certificate of ours on an active card of an active holder logs on', () => {
  expect(faultOf(good, 100)).toBeUndefined();
  expect(faultOf(good, 199)).toBeUndefined();
});

test.each([
  ['no-certificate', undefined],
  ['foreign', { ...good, isOurs: false }],
  ['foreign', { ...good, isAuthority: true }],
  ['wrong-usage', { ...good, isForClients: false }],
  ['wrong-usage', { ...good, kept: { usage: 'content-commitment', revokedReason: null } }],
  ['not-yet-valid', { ...good, notBefore: 151 }],
  ['expired', { ...good, notAfter: 150 }],
  ['expired', { ...good, standing: 'expired' }],
  ['unknown', { ...good, kept: undefined }],
  ['unknown', { ...good, standing: undefined }],
  ['revoked', { ...good, kept: { usage: 'authentication', revokedReason: 'superseded' } }],
  ['revoked', { ...good, standing: 'cancelled' }],
  ['locked', { ...good, kept: { usage: 'authentication', revokedReason: 'certificateHold' } }],
  ['locked', { ...good, standing: 'issued-locked' }],
  ['holder-inactive', { ...good, isHolderActive: false }],
] as const)('%s is refused', (fault, facts) => {
  expect(faultOf(facts, 150)).toBe(fault);
});

test('whatever is known, nothing but everything right logs on', () => {
  const facts: fc.Arbitrary<CertificateFacts> = fc.record({
    isOurs: fc.boolean(),
    isForClients: fc.boolean(),
    isAuthority: fc.boolean(),
    notBefore: fc.integer({ min: 0, max: 300 }),
    notAfter: fc.integer({ min: 0, max: 300 }),
    kept: fc.option(
      fc.record({
        usage: fc.constantFrom('authentication', 'content-commitment'),
        revokedReason: fc.constantFrom(null, 'certificateHold', 'keyCompromise'),
      }),
      { nil: undefined },
    ),
    standing: fc.constantFrom('printed', 'issued-locked', 'active', 'locked', 'cancelled', 'expired', undefined),
    isHolderActive: fc.boolean(),
  });
  fc.assert(
    fc.property(facts, (one) => {
      const isRight =
        one.isOurs &&
        one.isForClients &&
        !one.isAuthority &&
        one.notBefore <= 150 &&
        one.notAfter > 150 &&
        one.kept?.usage === 'authentication' &&
        one.kept.revokedReason === null &&
        one.standing === 'active' &&
        one.isHolderActive;
      expect(faultOf(one, 150) === undefined).toBe(isRight);
    }),
  );
});
