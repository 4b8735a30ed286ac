import { postcodeKey } from '../../services/pds/trace/keys.ts';
import { below, chance, draw, mix, next, ranked, weighted } from '../random.ts';
import { localities, streetKinds, streetNames } from './streets.ts';
import { type Town, towns } from './towns.ts';

/** A street with one postcode. */
export type Street = {
  readonly town: Town;
  readonly townIndex: number;
  readonly name: string;
  readonly postcode: string;
  readonly postcodeKey: string;
  /** Lines after the street: locality, post town, county; joined by `~`. */
  readonly rest: string;
  readonly isFlats: boolean;
  readonly firstNumber: number;
};

const townWeights = weighted(towns.map((town) => town.people));
const nameWeights = ranked(streetNames.length, 0.7, 4);
const kindWeights = ranked(streetKinds.length, 0.9, 1);
const unitLetters = 'ABDEFGHJLNPQRSTUWXYZ';

/** Street `index` of the nation. */
export function streetAt(seed: number, index: number): Street {
  let h = mix(seed, index, 11);
  const townIndex = draw(townWeights, h);
  const town = towns[townIndex]!;
  h = next(h);
  const first = streetNames[draw(nameWeights, h)]!;
  h = next(h);
  const name = chance(h, 8) ? 'High Street' : `${first} ${streetKinds[draw(kindWeights, h)]}`;
  h = next(h);
  const district = town.firstDistrict + below(h, town.districts);
  h = next(h);
  const unit = below(h, 4000);
  const letters = unitLetters.charAt(unit % 20) + unitLetters.charAt(Math.floor(unit / 20) % 20);
  const postcode = `${town.area}${district} ${Math.floor(unit / 400)}${letters}`;
  h = next(h);
  const locality = chance(h, 280) ? `${localities[below(next(h), localities.length)]}~` : '';
  h = next(h);
  const county = town.county !== '' && chance(h, 350) ? `~${town.county}` : '';
  h = next(h);
  return {
    town,
    townIndex,
    name,
    postcode,
    postcodeKey: postcodeKey(postcode),
    rest: `${locality}${town.name}${county}`,
    isFlats: chance(h, 140),
    firstNumber: 1 + below(next(h), 90),
  };
}

const houseNames = ['Rose Cottage', 'The Old Rectory', 'Ivy House', 'The Bungalow', 'Orchard House', 'Hillcrest'];

/** The lines of the n-th household of a street, joined by `~`. */
export function linesAt(street: Street, n: number, h: number): string {
  if (street.isFlats) return `Flat ${n + 1}~${street.firstNumber} ${street.name}~${street.rest}`;
  if (chance(h, 15)) return `${houseNames[n % houseNames.length]}~${street.name}~${street.rest}`;
  return `${street.firstNumber + 2 * n} ${street.name}~${street.rest}`;
}

/** A telephone number in the town, of the ranges kept free for fiction. */
export function landlineAt(town: Town, h: number): string {
  const missing = 11 - town.telephone.length;
  return town.telephone + String(below(h, 10 ** missing)).padStart(missing, '0');
}
