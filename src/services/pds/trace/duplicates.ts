import type { HumanName } from '../../../platform/fhir/types.ts';
import type { StoredPatient } from '../patient.ts';
import { postcodeKey } from './keys.ts';
import { scoreCandidate } from './match.ts';
import { candidateNumbers, type SearchDeps } from './search.ts';
import { genders, type SearchCriteria } from './search-criteria.ts';

/** What a new record is compared by with those held. */
export type NewPerson = {
  readonly name: HumanName;
  readonly birthDate: string;
  readonly gender: string | undefined;
  readonly postcode: string | undefined;
};

/**
 * The records that a new person may already have: those a search on the names, birth date, gender and postcode finds
 * (published rule of create), by NHS number. None for a person without a family name, whom such a search can't ask for.
 */
export async function findDuplicates(deps: SearchDeps, person: NewPerson): Promise<StoredPatient[]> {
  const family = person.name.family?.trim() ?? '';
  if (family === '') return [];
  const postcode = postcodeKey(person.postcode ?? '');
  const criteria: SearchCriteria = {
    family: literal(family),
    given: (person.name.given ?? []).filter((given) => given.trim() !== '').map(literal),
    gender: genders.find((gender) => gender === person.gender),
    birth: { from: person.birthDate, to: person.birthDate },
    death: undefined,
    postcode: postcode === '' ? undefined : literal(postcode),
    generalPractitioner: undefined,
    email: undefined,
    phone: undefined,
    isFuzzy: false,
    isExactOnly: false,
    withHistory: false,
    maxResults: mostCompared,
  };
  // were there ever more, those looked at are duplicates enough to refuse the new one
  const { numbers } = await candidateNumbers(deps.db, criteria, mostCompared);
  const compared = await deps.loadPatients(numbers.slice(0, mostCompared));
  return compared
    .filter((stored) => scoreCandidate(criteria, stored) !== undefined)
    .sort((a, b) => (a.nhsNumber < b.nhsNumber ? -1 : 1));
}

const mostCompared = 200;

/** A name of a record is no pattern. */
const literal = (value: string): string => value.replaceAll('*', '');
