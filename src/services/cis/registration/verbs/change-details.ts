import type { Queryable } from '../../../../platform/db/database.ts';
import type { Vault } from '../../../../platform/identity/vault.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { Done } from '../carry-out.ts';
import { loadPerson } from '../loaded.ts';
import { insertPersonKeys } from '../loading/queries.ts';
import { type Details, deletePersonKeys, updateDetails } from '../queries-people.ts';
import { demand, refusal } from '../refusals.ts';
import type { Actor } from '../rules/authority.ts';
import { mayNotTouch } from '../rules/identities.ts';
import type { ChangeDetails } from '../shapes.ts';
import { given, keysOf } from './create-identity.ts';

/** Changes personal details: what is named is set, null takes a value away. The user id and the evidence stay. */
export async function changeDetails(
  tx: Queryable,
  { vault, national }: { vault: Vault; national: NationalRoles },
  { actor, now }: { actor: Actor; now: number },
  userId: string,
  wanted: ChangeDetails,
): Promise<Done> {
  const { person, identity } = await loadPerson(tx, userId, national);
  demand(mayNotTouch(actor, 'change-details', identity));
  if (person.status === 'closed') throw refusal('state', 'The identity is closed.');
  const context = `national insurance number of ${userId}`;
  const sealed = person.national_insurance_sealed;
  const number =
    wanted.nationalInsuranceNumber === undefined
      ? sealed === null
        ? undefined
        : vault.open(sealed, context)
      : (wanted.nationalInsuranceNumber ?? undefined);
  const kept = <Value>(next: Value | undefined, before: Value): Value => (next === undefined ? before : next);
  const after: Details = {
    title: kept(wanted.title, person.title),
    given_name: kept(wanted.givenName, person.given_name),
    middle_names: kept(wanted.middleNames, person.middle_names),
    family_name: kept(wanted.familyName, person.family_name),
    email: kept(wanted.email, person.email),
    professional_ids: wanted.professionalIds ? given(wanted.professionalIds) : person.professional_ids,
    born_on: kept(wanted.bornOn, person.born_on),
    postcode: kept(wanted.postcode, person.postcode),
    nhs_number: kept(wanted.nhsNumber, person.nhs_number),
    national_insurance_sealed:
      wanted.nationalInsuranceNumber === undefined ? sealed : number === undefined ? null : vault.seal(number, context),
  };
  await updateDetails(tx, userId, after, now);
  await deletePersonKeys(tx, userId);
  const keys = keysOf(vault, {
    givenName: after.given_name,
    familyName: after.family_name,
    bornOn: after.born_on,
    nationalInsuranceNumber: number,
  });
  await insertPersonKeys(
    tx,
    keys.map((matchKey) => ({ matchKey, userId })),
  );
  const shown = ({ national_insurance_sealed: _, ...rest }: Details) => rest;
  const { title, given_name, middle_names, family_name, email, professional_ids, born_on, postcode, nhs_number } =
    person;
  const before = {
    title,
    given_name,
    middle_names,
    family_name,
    email,
    professional_ids,
    born_on,
    postcode,
    nhs_number,
  };
  return {
    status: 200,
    body: { userId, version: person.version + 1 },
    changes: [{ subjectId: userId, verb: 'identity-details-changed', before, after: shown(after), told: { userId } }],
  };
}
