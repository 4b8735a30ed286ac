import type { Queryable } from '../../../../platform/db/database.ts';
import type { Done } from '../carry-out.ts';
import { personsById } from '../directory/queries.ts';
import { insertPersonKeys, insertPersons, takeIds } from '../loading/queries.ts';
import { nameKey, nationalInsuranceKey } from '../person-keys.ts';
import { usersWithKeys } from '../queries-people.ts';
import { demand, refusal } from '../refusals.ts';
import type { RegistrationParts } from '../registration-parts.ts';
import { type Actor, mayNot } from '../rules/authority.ts';
import { evidenceFault } from '../rules/evidence.ts';
import type { CreateIdentity } from '../shapes.ts';

const mostCandidates = 10;

/**
 * Creates an identity at assurance level 3, after the search for one the person may have already: the same name and date
 * of birth, or the same national insurance number, is 409 with the candidates unless it is said why it is not them.
 */
export async function createIdentity(
  tx: Queryable,
  { vault }: Pick<RegistrationParts, 'vault'>,
  { actor, now }: { actor: Actor; now: number },
  wanted: CreateIdentity,
): Promise<Done> {
  demand(mayNot(actor, 'create-identity', undefined));
  demand(evidenceFault(wanted.evidence));
  if (wanted.bornOn > new Date(now).toISOString().slice(0, 10))
    throw refusal('value', 'bornOn: is in the future', 'bornOn');
  // the counter is locked until this transaction ends: of two registrations of one person the second sees the first
  const [userId] = (await takeIds(tx, 'user')) as [string];
  const keys = keysOf(vault, wanted);
  const candidates = await usersWithKeys(tx, keys, mostCandidates);
  if (candidates.length > 0 && wanted.notADuplicateBecause === undefined)
    throw refusal(
      'duplicate',
      'The person may have an identity already; if it is not one of these, say why in notADuplicateBecause.',
      'notADuplicateBecause',
      { candidates: (await personsById(tx, candidates)).map(candidateOf) },
    );
  const row = {
    userId,
    status: 'active',
    registeredBy: actor.odsCode,
    title: wanted.title ?? null,
    givenName: wanted.givenName,
    middleNames: wanted.middleNames ?? null,
    familyName: wanted.familyName,
    email: wanted.email ?? null,
    professionalIds: given(wanted.professionalIds),
    idAssuranceLevel: 3,
    evidence: { ...wanted.evidence, checkedBy: actor.userId },
    bornOn: wanted.bornOn,
    postcode: wanted.postcode ?? null,
    nhsNumber: wanted.nhsNumber ?? null,
    nationalInsuranceSealed: wanted.nationalInsuranceNumber
      ? vault.seal(wanted.nationalInsuranceNumber, `national insurance number of ${userId}`)
      : null,
  };
  await insertPersons(tx, [row], now);
  await insertPersonKeys(
    tx,
    keys.map((matchKey) => ({ matchKey, userId })),
  );
  const { nationalInsuranceSealed: _, ...after } = row;
  return {
    status: 201,
    body: { userId, status: 'active', idAssuranceLevel: 3 },
    changes: [
      {
        subjectId: userId,
        verb: 'identity-created',
        before: null,
        after: { ...after, notADuplicateBecause: wanted.notADuplicateBecause, candidates },
        told: { userId },
      },
    ],
  };
}

/** The keys under which a person is found again. */
export function keysOf(
  vault: RegistrationParts['vault'],
  person: Pick<CreateIdentity, 'givenName' | 'familyName' | 'bornOn' | 'nationalInsuranceNumber'>,
): string[] {
  const { nationalInsuranceNumber: number } = person;
  return [nameKey(person), ...(number ? [nationalInsuranceKey(vault, number)] : [])];
}

/** Without those that are not there. */
export const given = (ids: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(ids).filter((pair): pair is [string, string] => pair[1] !== undefined));

const candidateOf = (row: Awaited<ReturnType<typeof personsById>>[number]) => ({
  userId: row.user_id,
  name: [row.title, row.given_name, row.middle_names, row.family_name].filter(Boolean).join(' '),
  bornOn: row.born_on,
  status: row.status,
  registeredBy: row.registered_by_ods,
});
