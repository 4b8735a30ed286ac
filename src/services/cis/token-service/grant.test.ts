import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Application, applicationOf } from '../../../platform/identity/applications.ts';
import { identityProduct } from '../../../platform/identity/products.ts';
import { accessMillis, admitApplication, expiresIn, shortened } from './grant.ts';

const lifeOf = (wanted: string | undefined) => shortened(accessMillis, wanted);

test('a form may shorten the life of a token, never lengthen it', () => {
  fc.assert(
    fc.property(
      fc.option(fc.oneof(fc.string(), fc.integer().map(String), fc.bigInt().map(String)), { nil: undefined }),
      (wanted) => {
        const life = lifeOf(wanted);
        expect(life).toBeGreaterThanOrEqual(1);
        expect(life).toBeLessThanOrEqual(600_000);
      },
    ),
  );
  fc.assert(fc.property(fc.integer({ min: 1, max: 600_000 }), (millis) => lifeOf(String(millis)) === millis));
});

test('expires_in never promises more than the token lasts, and less than a second and a millisecond less', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 600_000 }), (millis) => {
      const promised = Number(expiresIn(millis)) * 1000;
      expect(promised).toBeLessThan(millis);
      expect(promised).toBeGreaterThanOrEqual(millis - 1000);
    }),
  );
});

test.each(['constructor', 'toString', '__proto__', 'suspended', ''])('the status %j is not an approval', (status) => {
  const row = { app_id: 'a', name: 'a', ods_code: null, asid: null, jwks: null, jwks_url: null, redirect_uris: [] };
  const rest = { attributes: {}, secret_hash: null, registered_by: null };
  const client: Application = applicationOf({ ...row, ...rest, status, products: [identityProduct] });
  expect(() => admitApplication(client)).toThrow('access_denied');
});
