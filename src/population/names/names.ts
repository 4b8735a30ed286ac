import { nameKey } from '../../services/pds/trace/keys.ts';
import { soundCode } from '../../services/pds/trace/soundex.ts';
import { draw, ranked, type Weighted, weighted } from '../random.ts';
import { britishBoys, britishGirls } from './given.ts';
import { type Heritage, heritages } from './heritages.ts';
import { british } from './surnames.ts';

/** A name as it is written, as the trace index keeps it (with its sound), and as it goes into a mail address. */
export type Name = { readonly text: string; readonly key: string; readonly sound: number; readonly mail: string };

export type Gender = 'm' | 'f';

function nameOf(text: string): Name {
  const key = nameKey(text);
  return { text, key, sound: soundCode(key), mail: key.replace(/[^a-z]/g, '') };
}

type Choice = { readonly names: readonly Name[]; readonly weights: Weighted };

function choice(names: readonly string[], exponent: number, shift: number): Choice {
  return { names: names.map(nameOf), weights: ranked(names.length, exponent, shift) };
}

const pick = (from: Choice, h: number): Name => from.names[draw(from.weights, h)]!;

const frequent = choice(british.frequent, 0.55, 0);
const placeNames: Name[][] = british.firsts.map((first) => british.lasts.map((last) => nameOf(joined(first, last))));
const firstWeights = ranked(british.firsts.length, 0.5, 4);
const lastWeights = ranked(british.lasts.length, 0.8, 2);

/** `Brad` and `dale` are Bradale: no letter three times, none doubled at the seam but where it is spoken so. */
function joined(first: string, last: string): string {
  return first.endsWith(last.charAt(0)) ? first + last.slice(1) : first + last;
}

const girls = britishGirls.map((names) => choice(names, 0.75, 3));
const boys = britishBoys.map((names) => choice(names, 0.75, 3));

const others = heritages.map((one) => ({
  surnames: choice(one.surnames, 0.4, 2),
  girls: choice(one.girls, 0.5, 2),
  boys: choice(one.boys, 0.5, 2),
}));

const shares = heritages.map((one) => one.share);
const fromElsewhere = shares.reduce((sum, share) => sum + share, 0);
const originWeights = weighted([1000 - fromElsewhere, ...shares]);

/** Where a family comes from: 0 is British, n the n-th of the heritages. */
export function drawOrigin(h: number): number {
  return draw(originWeights, h);
}

/** The heritage of an origin; undefined for 0. */
export function heritageOf(origin: number): Heritage | undefined {
  return heritages[origin - 1];
}

/** A surname of an origin. */
export function drawSurname(origin: number, h: number): Name {
  const other = others[origin - 1];
  if (other !== undefined) return pick(other.surnames, h);
  // the upper bits choose the tier, so the tier and the name in it are drawn from different bits
  if (h % 100 < 42) return pick(frequent, h);
  return placeNames[draw(firstWeights, h)]![draw(lastWeights, Math.imul(h, 0x9e3779b1) >>> 0)]!;
}

/** A given name of an origin, as parents chose in the year of birth. */
export function drawGiven(origin: number, gender: Gender, year: number, h: number): Name {
  const other = others[origin - 1];
  if (other !== undefined) return pick(gender === 'f' ? other.girls : other.boys, h);
  const decade = Math.max(0, Math.min(10, Math.floor((year - 1920) / 10)));
  return pick((gender === 'f' ? girls : boys)[decade]!, h);
}
