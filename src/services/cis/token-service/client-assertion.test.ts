import { createLocalJWKSet, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { clientKey } from '../../../../test/support/token-service.ts';
import { clientAssertion } from './client-assertion.ts';

const key = await clientKey('k1');
const now = 1_760_000_000_500;
const make = () =>
  clientAssertion({
    privateKeyPem: key.pem,
    kid: 'k1',
    appId: 'app',
    audience: 'https://spine.example/oauth2/token',
    now,
  });

test('an independent library accepts the assertion', async () => {
  const { payload, protectedHeader } = await jwtVerify(make(), createLocalJWKSet({ keys: [key.publicJwk] }), {
    algorithms: ['RS512'],
    issuer: 'app',
    subject: 'app',
    audience: 'https://spine.example/oauth2/token',
    currentDate: new Date(now),
  });
  expect(protectedHeader).toEqual({ alg: 'RS512', typ: 'JWT', kid: 'k1' });
  expect(payload.exp).toBe(1_760_000_300);
});

test('no two assertions have the same jti', () => {
  const jtis = Array.from(
    { length: 20 },
    () => JSON.parse(Buffer.from(make().split('.')[1] as string, 'base64url').toString()).jti,
  );
  expect(new Set(jtis).size).toBe(20);
});
