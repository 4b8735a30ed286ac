import { describe, expect, test } from 'vitest';
import { organisations } from './organisations.ts';

describe('the organisations of the synthetic nation', () => {
  const all = organisations();

  test('are some hundred practices and pharmacies and some trusts', () => {
    const count = (kind: string) => all.filter((one) => one.kind === kind).length;
    expect(count('practice')).toBeGreaterThan(300);
    expect(count('pharmacy')).toBeGreaterThan(300);
    expect(count('trust')).toBeGreaterThan(20);
  });

  test('have each a code of its own, in the form of its kind', () => {
    expect(new Set(all.map((one) => one.odsCode)).size).toBe(all.length);
    const forms = { practice: /^[A-Z][0-9]{5}$/, pharmacy: /^F[0-9A-Z]{4}$/, trust: /^R[0-9A-Z]{2}$/ };
    for (const one of all) expect(one.odsCode).toMatch(forms[one.kind]);
  });

  test('have an address and a telephone number of eleven digits', () => {
    for (const one of all) {
      expect(one.postcode).toMatch(/^[A-Z]{1,2}[0-9]{1,2} [0-9][A-Z]{2}$/);
      expect(one.telephone).toMatch(/^0[0-9]{10}$/);
    }
  });

  test('are the same each time', () => {
    expect(organisations()).toEqual(all);
  });
});
