import type { Postcodes } from './facts.ts';
import { slips } from './likeness.ts';

/** How a postcode asked for agrees with those of a record, and what that costs (0 to 1). */
export type PostcodeLikeness = {
  readonly how: 'same' | 'former' | 'slip' | 'near' | 'elsewhere';
  readonly loss: number;
};

const likenesses = {
  same: { how: 'same', loss: 0 },
  former: { how: 'former', loss: 0.3 },
  slip: { how: 'slip', loss: 0.4 },
  near: { how: 'near', loss: 0.6 },
  elsewhere: { how: 'elsewhere', loss: 1 },
} as const satisfies Record<string, PostcodeLikeness>;

/** A postcode asked in a fuzzy search: held now, formerly, with one slip, in the same outward code, or elsewhere. */
export function postcodeLikeness(asked: string, { current, former }: Postcodes): PostcodeLikeness {
  if (current.includes(asked)) return likenesses.same;
  if (former.includes(asked)) return likenesses.former;
  if (isPseudo(asked)) return likenesses.elsewhere;
  const held = [...current, ...former].filter((key) => !isPseudo(key));
  const plain = unconfused(asked);
  if (held.some((key) => slips(plain, unconfused(key), 1) <= 1)) return likenesses.slip;
  const outward = outwardOf(asked);
  return outward !== '' && held.some((key) => outwardOf(key) === outward) ? likenesses.near : likenesses.elsewhere;
}

/** ZZ99 and what follows: no place, but a country of residence or none fixed. */
const isPseudo = (key: string): boolean => key.startsWith('zz99');

/** Letters and figures commonly taken for each other made one. */
const unconfused = (key: string): string => key.replaceAll('o', '0').replaceAll('i', '1').replaceAll('l', '1');

const outwardOf = (key: string): string => (key.length >= 5 ? key.slice(0, -3) : '');
