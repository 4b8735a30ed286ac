import type { StoredPatient } from '../patient.ts';
import { telecomsOf } from './facts.ts';
import { matchFuzzy } from './match-fuzzy.ts';
import { matchPlain } from './match-plain.ts';
import { type Scored, scored } from './score.ts';
import { isWithin, type SearchCriteria } from './search-criteria.ts';

/**
 * Whether a record matches a search, how well, and why (published matching table); undefined when it doesn't. Never
 * matched: superseded and invalidated records, very restricted ones, restricted ones where the search tells a place
 * (postcode or practice), and a birth date other than the current one.
 */
export function scoreCandidate(criteria: SearchCriteria, stored: StoredPatient): Scored | undefined {
  if (stored.state !== 'active' || stored.security === 'V') return undefined;
  const tellsPlace = criteria.postcode !== undefined || criteria.generalPractitioner !== undefined;
  if (stored.security === 'R' && tellsPlace) return undefined;
  const { birthDate } = stored.patient;
  if (birthDate === undefined || !isWithin(birthDate, criteria.birth)) return undefined;
  if (!isReachedBy(criteria, stored)) return undefined;
  const because = criteria.isFuzzy ? matchFuzzy(criteria, stored) : matchPlain(criteria, stored);
  if (!because) return undefined;
  const result = scored(because);
  return criteria.isExactOnly && result.score !== 1 ? undefined : result;
}

/** Phone and e-mail agree exactly where asked: a phone digit for digit but for blanks, an e-mail but for case. */
function isReachedBy({ phone, email, withHistory }: SearchCriteria, stored: StoredPatient): boolean {
  if (phone === undefined && email === undefined) return true;
  const telecoms = telecomsOf(stored, withHistory);
  const hasEmail = () =>
    telecoms.some(({ system, value }) => system === 'email' && value?.trim().toLowerCase() === email);
  const hasPhone = () =>
    telecoms.some(({ system, value }) => system !== 'email' && value?.replace(/\s+/g, '') === phone);
  return (email === undefined || hasEmail()) && (phone === undefined || hasPhone());
}
