import { dayBits } from '../services/pds/record/packed-date.ts';
import { drawGiven, drawOrigin, drawSurname, type Gender, type Name } from './names/names.ts';
import { landlineAt, linesAt, type Street, streetAt } from './places/places.ts';
import { below, chance, draw, mix, next, weighted } from './random.ts';

/** The year in which the nation is counted; nobody is born and nothing happens after it. */
export const countedIn = 2025;

/** One of a household, as far as it concerns the others. */
export type Member = {
  readonly gender: Gender;
  readonly given: Name;
  readonly family: Name;
  /** The family name before marriage, where it was another. */
  readonly maiden: Name | undefined;
  readonly isMarried: boolean;
  /** Day of birth (dayBits) and year. */
  readonly born: number;
  readonly bornIn: number;
  readonly origin: number;
  /** Place among twins, from 1; 0 for others. */
  readonly twin: number;
};

export type Household = {
  readonly street: Street;
  /** Address lines, joined by `~`. */
  readonly lines: string;
  readonly movedIn: number;
  /** Which of the town's practices the family goes to. */
  readonly practice: number;
  readonly landline: string;
  readonly members: readonly Member[];
};

/** Sixteen people in households, as sixteen neighbours may be; sizes and how often (one in the sum of the weights). */
const patterns: readonly (readonly [weight: number, sizes: readonly number[]])[] = [
  [6, [1, 2, 4, 1, 2, 3, 2, 1]],
  [6, [2, 3, 1, 5, 2, 1, 2]],
  [5, [2, 2, 1, 4, 3, 2, 2]],
  [5, [1, 1, 2, 2, 4, 1, 3, 2]],
  [4, [4, 2, 2, 4, 1, 3]],
  [4, [1, 3, 1, 2, 1, 2, 2, 1, 3]],
  [3, [2, 1, 1, 2, 1, 2, 2, 1, 4]],
  [3, [5, 2, 3, 2, 4]],
  [3, [2, 6, 1, 2, 3, 2]],
  [2, [3, 4, 5, 4]],
  [2, [1, 1, 2, 1, 1, 2, 1, 2, 1, 2, 1, 1]],
  [1, [2, 7, 2, 1, 4]],
];

const patternWeights = weighted(patterns.map(([weight]) => weight));

/** For each pattern and place in it: which household, where it begins, how many are in it. */
const placesIn = patterns.map(([, sizes]) =>
  sizes.flatMap((size, n) => {
    const start = sizes.slice(0, n).reduce((sum, one) => sum + one, 0);
    return Array.from({ length: size }, () => ({ n, start, size }));
  }),
);

export const clusterSize = 16;

/** Where person `index` lives: the index of the first of the household, its number in the street, its size. */
export function homeOf(seed: number, index: number): { first: number; n: number; size: number } {
  const cluster = Math.floor(index / clusterSize);
  const pattern = draw(patternWeights, mix(seed, cluster, 3));
  const { n, start, size } = placesIn[pattern]![index - cluster * clusterSize]!;
  return { first: cluster * clusterSize + start, n: (cluster & 1) * 12 + n, size };
}

/** The household that begins with person `first`. Two clusters of sixteen make a street. */
export function householdAt(seed: number, first: number, n: number, size: number): Household {
  const street = streetAt(seed, Math.floor(first / (2 * clusterSize)));
  const h0 = mix(seed, first, 5);
  let h = next(h0);
  const movedIn = dayBits(
    countedIn - 1 - Math.min(below(h, 30), below(next(h), 40)),
    1 + (h % 12),
    1 + ((h >>> 8) % 28),
  );
  h = next(h);
  return {
    street,
    lines: linesAt(street, n, h),
    movedIn,
    practice: h % 3,
    landline: chance(next(h), 420) ? landlineAt(street.town, h) : '',
    members: membersAt(seed, first, size),
  };
}

function bornAround(age: number, h: number): number {
  return dayBits(countedIn - age, 1 + (h % 12), 1 + ((h >>> 8) % 28));
}

const yearOf = (born: number): number => (born >> 9) + 1700;

function person(
  origin: number,
  gender: Gender,
  family: Name,
  born: number,
  h: number,
  more: Partial<Member> = {},
): Member {
  const bornIn = yearOf(born);
  const given = drawGiven(origin, gender, bornIn, h);
  return { gender, given, family, maiden: undefined, isMarried: false, born, bornIn, origin, twin: 0, ...more };
}

const genderOf = (h: number): Gender => (h & 0x400 ? 'f' : 'm');

/** Younger and older grown-ups alike live alone or with one other; the old more often. */
function grownUpAge(h: number): number {
  return h & 0x10 ? 20 + below(next(h), 50) : 50 + Math.max(below(next(h), 47), below(h, 28));
}

function membersAt(seed: number, first: number, size: number): Member[] {
  let h = mix(seed, first, 7);
  const origin = drawOrigin(h);
  h = next(h);
  const family = drawSurname(origin, h);
  h = next(h);
  if (size === 1) return [person(origin, genderOf(h), family, bornAround(grownUpAge(h), next(h)), next(next(h)))];
  const kind = h;
  h = next(h);
  if (size === 2 && chance(kind, 720)) return couple(origin, family, grownUpAge(h), h);
  if (size <= 4 && chance(kind, 120 + (size === 2 ? 720 : 0))) return sharers(size, h);
  const isCouple = size > 2 && !chance(next(kind), 190);
  const grownUps = isCouple ? 2 : 1;
  const motherAge = 20 + 3 * (size - grownUps) + below(h, 36 - 2 * (size - grownUps));
  h = next(h);
  const parents = isCouple
    ? couple(origin, family, motherAge, h)
    : [person(origin, chance(h, 880) ? 'f' : 'm', family, bornAround(motherAge, next(h)), next(next(h)))];
  const bearer = parents[0]!;
  return [...parents, ...children(origin, bearer.family, size - grownUps, motherAge, next(next(h)))];
}

/** Two partners; the first bears the name the children get. Most wives bear the husband's name. */
function couple(origin: number, family: Name, age: number, h0: number): Member[] {
  let h = next(h0 ^ 0x5bd1e995);
  const first: Gender = chance(h, 12) ? 'f' : 'm';
  const second: Gender = chance(next(h), 988) || first === 'f' ? 'f' : 'm';
  const elder = Math.min(100, age + below(h, 9) - 3);
  h = next(h);
  const isMarried = chance(h, age < 30 ? 380 : 720);
  h = next(h);
  const partnerOrigin = chance(h, 60) ? 0 : origin;
  h = next(h);
  const own = drawSurname(partnerOrigin, h);
  const takes = isMarried && second === 'f' && first === 'm' && chance(next(h), 860);
  h = next(h);
  return [
    person(origin, first, family, bornAround(Math.max(18, elder), h), next(h), { isMarried }),
    person(partnerOrigin, second, takes ? family : own, bornAround(age, next(next(h))), next(next(next(h))), {
      isMarried,
      maiden: takes ? own : undefined,
    }),
  ];
}

/** People who live together without being a family. */
function sharers(size: number, h0: number): Member[] {
  let h = h0;
  return Array.from({ length: size }, () => {
    h = next(h);
    const origin = drawOrigin(h);
    h = next(h);
    const family = drawSurname(origin, h);
    h = next(h);
    return person(origin, genderOf(h), family, bornAround(18 + below(h, 24), next(h)), next(next(h)));
  });
}

/** Children two to four years apart, the youngest first; a few of them twins. */
function children(origin: number, family: Name, count: number, motherAge: number, h0: number): Member[] {
  let h = h0;
  const room = Math.max(1, motherAge - 17 - 3 * (count - 1));
  let age = below(h, Math.min(room, 26));
  let born = bornAround(age, next(h));
  const all: Member[] = [];
  for (let i = 0; i < count; i++) {
    h = next(next(h));
    const isTwin = i > 0 && (chance(h, 16) || motherAge - age < 19) && (all[i - 1] as Member).twin < 3;
    if (i > 0 && !isTwin) {
      age = Math.min(age + 2 + below(h, 3), Math.max(age + 1, motherAge - 16));
      born = bornAround(age, next(h));
    }
    const twin = isTwin ? Math.max(2, (all[i - 1] as Member).twin + 1) : 0;
    if (isTwin && twin === 2) all[i - 1] = { ...(all[i - 1] as Member), twin: 1 };
    all.push(person(origin, genderOf(h), family, born, next(h), { twin }));
  }
  return all;
}
