import fc from 'fast-check';
import { generate } from 'otplib';
import { expect, test } from 'vitest';
import { addressOfSeed, codeOf, newSeed, stepOf } from './authenticator-app.ts';

const seed = newSeed();
const at = (step: number) => step * 30_000;
const codeAt = (step: number) => generate({ secret: seed, epoch: step * 30 });

test('the code of RFC 6238 for its test secret is right', async () => {
  // appendix B: SHA-1, 20-byte secret, at 59 s the eight digits 94287082
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
  expect(await stepOf('287082', secret, 0, 59_000)).toBe(1);
});

test('the present code, the one before and the one after are right; older and later ones are not', async () => {
  const now = 59_000_000;
  for (const delta of [-3, -2, -1, 0, 1, 2, 3]) {
    const step = await stepOf(await codeAt(now + delta), seed, 0, at(now));
    expect(step).toBe(Math.abs(delta) <= 1 ? now + delta : undefined);
  }
});

test('a code of a step that was used, or of one before, is not right again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1000, max: 10_000_000 }), fc.constantFrom(-1, 0, 1), async (now, delta) => {
      const code = await codeAt(now + delta);
      expect(await stepOf(code, seed, now + delta, at(now))).toBeUndefined();
      expect(await stepOf(code, seed, now + delta - 1, at(now))).toBe(now + delta);
    }),
    { numRuns: 20 },
  );
});

test('what is no code is right for nothing', async () => {
  for (const code of ['', '12345', '1234567', 'abcdef', '١٢٣٤٥٦'])
    expect(await stepOf(code, seed, 0, at(5_000_000))).toBeUndefined();
});

test('blanks in a typed code are nothing', () => {
  expect(codeOf(' 123 456 ')).toBe('123456');
});

test('the address for the app names us, the user and the seed', () => {
  const url = new URL(addressOfSeed(seed, '656005750104'));
  expect([url.protocol, url.host, decodeURIComponent(url.pathname)]).toEqual([
    'otpauth:',
    'totp',
    '/OpenSpine:656005750104',
  ]);
  expect(url.searchParams.get('secret')).toBe(seed);
});
