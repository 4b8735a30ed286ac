import type { StoredPatient } from '../patient.ts';
import { gendersOf, type NameFacts, namesOf, postcodesOf } from './facts.ts';
import { type AskedName, askedName, familyLikeness, givenLikeness, type NameLikeness } from './likeness-of-names.ts';
import { type PostcodeLikeness, postcodeLikeness } from './likeness-of-postcodes.ts';
import { dayOfDeath, isRegisteredAt } from './match-plain.ts';
import { formerLoss, type Reason, reason, scored } from './score.ts';
import { isWithin, type SearchCriteria } from './search-criteria.ts';

/** The names of a fuzzy search, made once and compared with many. */
export type FuzzyNames = { readonly family: AskedName | undefined; readonly given: readonly AskedName[] };

export const fuzzyNames = ({ family, given }: SearchCriteria): FuzzyNames => ({
  family: family === undefined ? undefined : askedName(family),
  given: given.map(askedName),
});

/** Below this a fuzzy match says nothing any more. */
const leastScore = 0.5;

/**
 * The reasons why a record matches a fuzzy search, one of the published combinations of which must agree: both names
 * (like, or exchanged); or one name, gender and postcode. The rest only moves the score. Undefined when none agrees.
 */
export function matchFuzzy(criteria: SearchCriteria, stored: StoredPatient): Reason[] | undefined {
  const asked = fuzzyNames(criteria);
  const gender = genderReason(criteria, stored);
  if (gender === 'disagrees') return undefined;
  const postcode =
    criteria.postcode === undefined ? undefined : postcodeLikeness(criteria.postcode, postcodesOf(stored));
  const rest = restOfReasons(criteria, stored, gender, postcode);
  let best: { reasons: Reason[]; score: number } | undefined;
  for (const name of namesOf(stored)) {
    const fit = fuzzyFit(asked, name, gender !== undefined, postcode);
    if (!fit) continue;
    const reasons = [...fit, ...rest];
    const { score } = scored(reasons);
    if (score >= leastScore && (!best || score > best.score)) best = { reasons, score };
  }
  return best?.reasons;
}

/**
 * The reasons of the names when one of the published combinations agrees; undefined when none does. `isGenderRight`:
 * gender was asked and agrees.
 */
export function fuzzyFit(
  asked: FuzzyNames,
  name: NameFacts,
  isGenderRight: boolean,
  postcode: PostcodeLikeness | undefined,
): Reason[] | undefined {
  const direct = straight(asked, name);
  const isPlaced = isGenderRight && (postcode?.how === 'same' || postcode?.how === 'former');
  const isFamilyLike = direct.family !== undefined && direct.family.how !== 'unlike';
  const areBothLike = isFamilyLike && asked.given.length > 0 && direct.isGivenFound;
  if (areBothLike && (postcode?.how !== 'elsewhere' || isPlain(direct, name))) return nameReasons(asked, direct, name);
  if (isPlaced && (isFamilyLike || (asked.given.length > 0 && direct.isGivenFound)))
    return nameReasons(asked, direct, name);
  const crossed = exchanged(asked, name);
  return crossed && postcode?.how !== 'elsewhere' ? nameReasons(asked, crossed, name) : undefined;
}

type Likeness = { readonly how: string; readonly loss: number };
type Comparison = {
  readonly family: Likeness | undefined;
  readonly given: Likeness | undefined;
  /** Each given name asked for is among those held, loosely. */
  readonly isGivenFound: boolean;
};

/** Both names as held today but for accents: then a removal to another place is thinkable. */
const isPlain = ({ family, given }: Comparison, name: NameFacts): boolean =>
  !name.isFormer && isSame(family?.how) && (given === undefined || isSame(given.how));
const isSame = (how: string | undefined): boolean => how === 'same' || how === 'accents';

function straight(asked: FuzzyNames, name: NameFacts): Comparison {
  const family = asked.family && familyLikeness(asked.family, name.family, name.familyKey);
  if (asked.given.length === 0) return { family, given: undefined, isGivenFound: false };
  let lost = 0;
  let how = 'same';
  let isGivenFound = true;
  asked.given.forEach((given, i) => {
    const likeness = likenessAt(given, name, i);
    if (likeness.how === 'unlike') isGivenFound = false;
    if (!isSame(likeness.how) || how === 'same') how = likeness.how;
    lost += likeness.loss;
  });
  const unasked = Math.max(0, name.given.length - asked.given.length);
  return { family, given: { how, loss: lost / asked.given.length + Math.min(2, unasked) * 0.1 }, isGivenFound };
}

/** A given name is weighed against the one in its place; one found in another place counts, as less. */
function likenessAt(asked: AskedName, name: NameFacts, place: number): NameLikeness {
  const likeness = (i: number) => givenLikeness(asked, name.given[i] ?? '', name.givenKeys[i] ?? '');
  const here = likeness(place);
  if (here.how !== 'unlike') return here;
  const isElsewhere = name.given.some((_, i) => i !== place && likeness(i).how !== 'unlike');
  return isElsewhere ? { how: 'elsewhere', loss: Math.min(0.4, here.loss) } : here;
}

function exchanged(asked: FuzzyNames, name: NameFacts): Comparison | undefined {
  const [given] = asked.given;
  if (!asked.family || !given || name.givenKeys[0] === undefined) return undefined;
  const asGiven = givenLikeness(asked.family, name.given[0] as string, name.givenKeys[0]);
  const asFamily = familyLikeness(given, name.family, name.familyKey);
  if (asGiven.how === 'unlike' || asFamily.how === 'unlike') return undefined;
  const cost = (likeness: NameLikeness) => ({ how: `exchanged ${likeness.how}`, loss: 0.3 + likeness.loss });
  return { family: cost(asGiven), given: cost(asFamily), isGivenFound: true };
}

function nameReasons(asked: FuzzyNames, { family, given }: Comparison, name: NameFacts): Reason[] {
  const was = name.isFormer ? 'former ' : '';
  const extra = name.isFormer ? formerLoss.name : 0;
  const because: Reason[] = [];
  if (asked.family && family) because.push(reason('family', asked.family.plain, was + family.how, family.loss + extra));
  if (given) {
    const value = asked.given.map(({ plain }) => plain).join(' ');
    because.push(reason('given', value, was + given.how, given.loss + extra));
  }
  return because;
}

function genderReason({ gender }: SearchCriteria, stored: StoredPatient): Reason | 'disagrees' | undefined {
  if (gender === undefined) return undefined;
  const held = gendersOf(stored);
  if (held.current === gender) return reason('gender', gender, 'same', 0);
  return held.former.includes(gender) ? reason('gender', gender, 'former', formerLoss.gender) : 'disagrees';
}

function restOfReasons(
  { birth, postcode: askedPostcode, generalPractitioner, death }: SearchCriteria,
  stored: StoredPatient,
  gender: Reason | undefined,
  postcode: PostcodeLikeness | undefined,
): Reason[] {
  const rest = [reason('birthDate', stored.patient.birthDate ?? '', birth.from === birth.to ? 'same' : 'range', 0)];
  if (gender) rest.push(gender);
  if (postcode) rest.push(reason('postcode', askedPostcode as string, postcode.how, postcode.loss));
  if (generalPractitioner !== undefined) {
    const isRight = isRegisteredAt(stored, generalPractitioner);
    rest.push(reason('generalPractitioner', generalPractitioner, isRight ? 'same' : 'unlike', isRight ? 0 : 1));
  }
  if (death !== undefined) {
    const diedOn = dayOfDeath(stored);
    const isRight = diedOn !== undefined && isWithin(diedOn, death);
    rest.push(reason('deathDate', diedOn ?? '', isRight ? 'same' : 'unlike', isRight ? 0 : 1));
  }
  return rest;
}
