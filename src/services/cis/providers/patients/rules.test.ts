import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isOf, patientRealm, staffRealm } from '../../log-on/realm.ts';
import { merged, mostMetadataBytes, sizeFault, wantedMetadata } from './client-metadata.ts';
import { hasTwoFactors, isEnough, vectorOf, waysFor } from './vectors.ts';

const vector = fc
  .tuple(fc.constantFrom('P0', 'P5', 'P9'), fc.uniqueArray(fc.constantFrom('Cp', 'Cd', 'Ck', 'Cm'), { minLength: 1 }))
  .map(([proofing, credentials]) => [proofing, ...credentials].join('.'));

test('a way is offered exactly where somebody proofed who uses it is let through', () => {
  fc.assert(
    fc.property(fc.array(vector, { minLength: 1 }), (asked) => {
      for (const amr of ['FIDO2', 'TOTP'])
        expect(waysFor(asked).includes(amr)).toBe(isEnough(asked, vectorOf('P9', [amr]) as string));
    }),
  );
});

test('what is no way of patients is no vector', () => {
  for (const amr of [[], ['N3_SMARTCARD'], ['FIDO2', 'N3_SMARTCARD'], ['constructor']])
    expect(vectorOf('P9', amr)).toBeUndefined();
  expect([vectorOf('P9', ['FIDO2']), vectorOf('P5', ['TOTP'])]).toEqual(['P9.Cm', 'P5.Cp.Ck']);
});

test('two factors are a key of its own, or a password with something besides', () => {
  expect(['P9.Cm', 'P0.Cp.Ck', 'P5.Cp.Cd'].map(hasTwoFactors)).toEqual([true, true, true]);
  expect(['P9.Cp', 'P9.Ck', 'P9.Cd', '', 'P9'].map(hasTwoFactors)).toEqual([false, false, false, false, false]);
});

test('a user id is of one realm, never of both', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.uuid().map((id) => `patient:${id}`),
      ),
      (userId) => {
        expect(isOf(staffRealm, userId)).toBe(!isOf(patientRealm, userId));
      },
    ),
  );
});

const members = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));

test('a patch laid over twice is the same as once, and laid over nothing leaves no null at its own level', () => {
  fc.assert(
    fc.property(members, members, (target, patch) => {
      const once = merged(target, patch);
      expect(merged(once, patch)).toEqual(once);
      expect(Object.values(merged({}, patch))).not.toContain(null);
    }),
  );
});

test('a name that means something to JavaScript is data', () => {
  const patch = JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": 1}') as Record<string, unknown>;
  const kept = merged({}, patch);
  expect(JSON.stringify(kept)).toBe('{"__proto__":{"isAdmin":true},"constructor":1}');
  expect((kept as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

test('bodies of another shape are refused, whatever they are', () => {
  const deep = `${'{"a":'.repeat(12)}1${'}'.repeat(12)}`;
  for (const body of [
    '',
    'null',
    '[]',
    '1',
    '{}',
    '{"client_user_metadata":[]}',
    '{"client_user_metadata":{},"sub":"x"}',
  ])
    expect(wantedMetadata(body)).toHaveProperty('fault');
  expect(wantedMetadata(`{"client_user_metadata":${deep}}`)).toHaveProperty('fault');
  fc.assert(
    fc.property(fc.string(), (body) => {
      wantedMetadata(body);
    }),
  );
});

test('what is kept is bounded in bytes, not in letters', () => {
  expect(sizeFault({ a: 'x'.repeat(mostMetadataBytes - 8) })).toBeUndefined();
  expect(sizeFault({ a: 'é'.repeat(mostMetadataBytes / 2) })).toContain('larger');
});
