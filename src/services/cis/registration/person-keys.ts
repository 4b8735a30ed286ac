import { createHash, createHmac } from 'node:crypto';
import type { Vault } from '../../../platform/identity/vault.ts';

/** Letters alone, without accents or case: `O’Brien-Núñez` and `OBRIEN NUNEZ` are one name. */
export const plainName = (name: string): string =>
  name
    .normalize('NFD')
    .replace(/[^\p{L}]/gu, '')
    .toLowerCase();

/** The key of a name with a date of birth, hexadecimal: equal for the same person written in two ways. */
export function nameKey(person: { givenName: string; familyName: string; bornOn: string }): string {
  return createHash('sha256')
    .update(`${plainName(person.familyName)}|${plainName(person.givenName)}|${person.bornOn}`)
    .digest('hex');
}

/** The key of a national insurance number: so few are possible that only a keyed hash hides them. */
export function nationalInsuranceKey(vault: Vault, number: string): string {
  return createHmac('sha256', vault.derive('staff national insurance numbers')).update(number).digest('hex');
}
