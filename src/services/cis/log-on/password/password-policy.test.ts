import { expect, test } from 'vitest';
import { passwordPolicy } from './password-policy.ts';

const rolesIn = (...codes: string[]) => ({
  roles: codes.map((odsCode) => ({ roleProfileId: '1', odsCode, roleCode: 'R8000', activities: [] })),
});

test('passwords are for everybody, for nobody, or for those who work in the organisations named and nowhere else', () => {
  expect(passwordPolicy('on')(rolesIn())).toBe(true);
  expect(passwordPolicy('off')(rolesIn('A83002'))).toBe(false);
  const some = passwordPolicy(['A83002', 'RR1']);
  expect(some(rolesIn('A83002'))).toBe(true);
  expect(some(rolesIn('a83002', 'RR1'))).toBe(true);
  expect(some(rolesIn('A83002', 'X26'))).toBe(false);
  expect(some(rolesIn())).toBe(false);
});
