import { nameKey, plainName } from './keys.ts';
import { jaro, slips } from './likeness.ts';
import { areFormsOfOneName } from './short-names.ts';
import { soundex } from './soundex.ts';

/** How a name asked for is like one held, and what that costs (0 to 1). `unlike` doesn't make a match. */
export type NameLikeness = {
  readonly how: 'same' | 'accents' | 'sound' | 'short' | 'slip' | 'elsewhere' | 'unlike';
  readonly loss: number;
};

const same: NameLikeness = { how: 'same', loss: 0 };
const accents: NameLikeness = { how: 'accents', loss: 0.05 };
const sound: NameLikeness = { how: 'sound', loss: 0.15 };
const short: NameLikeness = { how: 'short', loss: 0.15 };
const slip: NameLikeness = { how: 'slip', loss: 0.2 };

/** A name asked for, in the forms in which it is compared; made once a search. */
export type AskedName = { readonly plain: string; readonly key: string; readonly sound: string };

export const askedName = (name: string): AskedName => ({
  plain: plainName(name),
  key: nameKey(name),
  sound: soundex(name),
});

/** Family names in a fuzzy search: equal but for accents, or of one Soundex. */
export function familyLikeness(asked: AskedName, plain: string, key: string): NameLikeness {
  if (asked.plain === plain) return same;
  if (asked.key === key) return accents;
  if (asked.sound !== '' && asked.sound === soundex(key)) return sound;
  return unlike(asked.key, key);
}

/** Given names in a fuzzy search: as family names, and short forms, beginnings and slips of the pen. */
export function givenLikeness(asked: AskedName, plain: string, key: string): NameLikeness {
  const likeness = familyLikeness(asked, plain, key);
  if (likeness.how !== 'unlike' || asked.key === '' || key === '') return likeness;
  const isBeginning =
    Math.min(asked.key.length, key.length) >= 2 && (asked.key.startsWith(key) || key.startsWith(asked.key));
  if (isBeginning || areFormsOfOneName(asked.key, key)) return short;
  const length = Math.max(asked.key.length, key.length);
  const most = length >= 8 ? 2 : length >= 4 ? 1 : 0;
  return slips(asked.key, key, most) <= most ? slip : likeness;
}

function unlike(a: string, b: string): NameLikeness {
  return { how: 'unlike', loss: 0.78 * (1 - jaro(a, b)) };
}
