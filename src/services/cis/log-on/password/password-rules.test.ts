import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commonestPasswords } from './commonest-passwords.ts';
import { faultOf } from './password-rules.ts';

const owner = {
  userId: '656005750104',
  displayName: 'Kapoor, Nandini',
  organisations: ['A83002', 'Wearside Medical Practice'],
};
const fault = (password: string) => faultOf(password, owner, commonestPasswords);

test.each([
  ['too short', 'kettle-moss'],
  ['one of the commonest', 'supercalifragilistic'],
  ['one of the commonest with digits around it', 'Liverpool1892!'],
  ['one of the commonest written with digits', 'P@ssw0rd12345!'],
  ['two of the commonest', 'LondonMonday99'],
  ['two of the commonest with a sign between', 'summer-holiday-2026'],
  ['repeated', 'xk4xk4xk4xk4xk4'],
  ['a row of digits', '123456789012345'],
  ['a row of the keyboard', 'qwertyuiopasdfg'],
  ['a row of the alphabet, backwards', 'zyxwvutsrqponm'],
  ['the user id with something', 'my-656005750104-id'],
  ['the name with something', 'nandini.kapoor.1'],
  ['the organisation with something', 'Wearside-medical-A83002'],
])('a password that is %s is refused: %s', (_why, password) => {
  expect(fault(password)).toBeDefined();
});

test.each(['kettle moss violin quay', 'gR7#tuvLq9!mzw', 'Übergang Fjord Zwölf', 'damp teapots argue loudly'])(
  'a password that nobody would guess is taken: %s',
  (password) => {
    expect(fault(password)).toBeUndefined();
  },
);

test('nothing shorter than twelve characters is ever taken', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 11 }), (text) => {
      if ([...text].length < 12) expect(fault(text)).toBeDefined();
    }),
  );
});

test('a piece over and over is never taken, however long the piece', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20 }), fc.integer({ min: 2, max: 12 }), (piece, times) => {
      expect(fault(piece.repeat(times))).toBeDefined();
    }),
  );
});

test('whatever is typed is judged without failing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 250 }), (text) => {
      expect(['string', 'undefined']).toContain(typeof fault(text));
    }),
  );
});
