import fc from 'fast-check';
import { CompactSign, generateKeyPair } from 'jose';
import { expect, test } from 'vitest';
import { decodeJwt } from './jwt.ts';

const { privateKey } = await generateKeyPair('EdDSA');
const json = fc.dictionary(fc.string(), fc.jsonValue());

test('whatever was written as header and claims is read back', async () => {
  await fc.assert(
    fc.asyncProperty(json, async (claims) => {
      const token = await new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: 'EdDSA', kid: 'k' })
        .sign(privateKey);
      const jwt = decodeJwt(token);
      expect(jwt?.header).toEqual({ alg: 'EdDSA', kid: 'k' });
      expect(JSON.stringify(jwt?.claims)).toBe(JSON.stringify(JSON.parse(JSON.stringify(claims))));
      expect(jwt && `${jwt.signed}.${jwt.signature.toString('base64url')}`).toBe(token);
    }),
    { numRuns: 50 },
  );
});

test('anything else is no JWT, and never an exception', () => {
  const part = fc.oneof(
    fc.string(),
    fc.base64String(),
    json.map((value) => Buffer.from(JSON.stringify(value)).toString('base64')),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const token = parts.join('.');
      const jwt = decodeJwt(token);
      if (jwt) expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]*$/);
    }),
  );
});

test.each([
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['a number', Buffer.from('5')],
  ['null', Buffer.from('null')],
  ['two values', Buffer.from('{}{}')],
])('claims that are %s are none', (_what, claims) => {
  expect(
    decodeJwt(`${Buffer.from('{"alg":"RS512"}').toString('base64url')}.${claims.toString('base64url')}.AA`),
  ).toBeUndefined();
});
