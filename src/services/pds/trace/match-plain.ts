import type { StoredPatient } from '../patient.ts';
import { gendersOf, type NameFacts, namesOf, postcodesOf } from './facts.ts';
import { plainName } from './keys.ts';
import { formerLoss, type Reason, reason } from './score.ts';
import { isWithin, type SearchCriteria } from './search-criteria.ts';
import { hasWildcard, matchesWildcard, shareUnsaid } from './wildcard.ts';

/** The reasons why a record matches a search that isn't fuzzy, every part of which must agree; undefined when it doesn't. */
export function matchPlain(criteria: SearchCriteria, stored: StoredPatient): Reason[] | undefined {
  const because = bestName(criteria, stored);
  if (!because) return undefined;
  const { birth, gender, postcode, generalPractitioner, death } = criteria;
  because.push(reason('birthDate', stored.patient.birthDate ?? '', birth.from === birth.to ? 'same' : 'range', 0));
  if (gender !== undefined) {
    const held = gendersOf(stored);
    if (held.current === gender) because.push(reason('gender', gender, 'same', 0));
    else if (criteria.withHistory && held.former.includes(gender)) {
      because.push(reason('gender', gender, 'former', formerLoss.gender));
    } else return undefined;
  }
  if (postcode !== undefined) {
    const found = bestPostcode(postcode, stored, criteria.withHistory);
    if (!found) return undefined;
    because.push(found);
  }
  if (generalPractitioner !== undefined) {
    if (!isRegisteredAt(stored, generalPractitioner)) return undefined;
    because.push(reason('generalPractitioner', generalPractitioner, 'same', 0));
  }
  if (death !== undefined) {
    const diedOn = dayOfDeath(stored);
    if (diedOn === undefined || !isWithin(diedOn, death)) return undefined;
    because.push(reason('deathDate', diedOn, death.from === death.to ? 'same' : 'range', 0));
  }
  return because;
}

/** True when one of the record's general practitioners has this ODS code (upper case). */
export function isRegisteredAt({ patient }: StoredPatient, odsCode: string): boolean {
  return (patient.generalPractitioner ?? []).some((gp) => gp.identifier?.value?.toUpperCase() === odsCode);
}

export const dayOfDeath = ({ patient }: StoredPatient): string | undefined => patient.deceasedDateTime?.slice(0, 10);

type Names = { readonly family: string; readonly given: readonly string[] };

function bestName(criteria: SearchCriteria, stored: StoredPatient): Reason[] | undefined {
  const asked: Names = { family: plainName(criteria.family ?? ''), given: criteria.given.map(plainName) };
  let best: Reason[] | undefined;
  for (const name of namesOf(stored)) {
    if (name.isFormer && !criteria.withHistory) continue;
    const reasons = nameReasons(asked, name);
    if (reasons && (!best || cost(reasons) < cost(best))) best = reasons;
  }
  return best;
}

function nameReasons(asked: Names, name: NameFacts): Reason[] | undefined {
  const family = textLoss(asked.family, name.family);
  if (family === undefined) return undefined;
  const extra = name.isFormer ? formerLoss.name : 0;
  const how = (isWild: boolean) => `${name.isFormer ? 'former ' : ''}${isWild ? 'wildcard' : 'same'}`;
  const because = [reason('family', asked.family, how(hasWildcard(asked.family)), family + extra)];
  if (asked.given.length === 0) return because;
  let lost = 0;
  for (const given of asked.given) {
    const loss = givenLoss(given, name.given);
    if (loss === undefined) return undefined;
    lost += loss;
  }
  const value = asked.given.join(' ');
  because.push(reason('given', value, how(hasWildcard(value)), lost / asked.given.length + extra));
  return because;
}

/** A wildcard is compared with the first given name, anything else with all of them. */
function givenLoss(asked: string, held: readonly string[]): number | undefined {
  if (!hasWildcard(asked)) return held.includes(asked) ? 0 : undefined;
  return held[0] === undefined ? undefined : textLoss(asked, held[0]);
}

/** What a text costs: nothing when equal, a little for a wildcard, more the more it stands for. */
function textLoss(asked: string, held: string): number | undefined {
  if (!hasWildcard(asked)) return asked === held ? 0 : undefined;
  return matchesWildcard(asked, held) ? Math.max(0.05, 0.35 * shareUnsaid(asked, held)) : undefined;
}

function bestPostcode(asked: string, stored: StoredPatient, withHistory: boolean): Reason | undefined {
  const { current, former } = postcodesOf(stored);
  const kind = hasWildcard(asked) ? 'wildcard' : 'same';
  const now = least(current.map((held) => textLoss(asked, held)));
  if (now !== undefined) return reason('postcode', asked, kind, now);
  const then = withHistory ? least(former.map((held) => textLoss(asked, held))) : undefined;
  return then === undefined ? undefined : reason('postcode', asked, `former ${kind}`, then + formerLoss.postcode);
}

function least(losses: readonly (number | undefined)[]): number | undefined {
  const found = losses.filter((loss) => loss !== undefined);
  return found.length === 0 ? undefined : Math.min(...found);
}

const cost = (reasons: readonly Reason[]): number => reasons.reduce((sum, { weight, loss }) => sum + weight * loss, 0);
