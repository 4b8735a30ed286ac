import type { Address, ContactPoint, HumanName } from '../../../platform/fhir/types.ts';
import type { StoredPatient } from '../patient.ts';
import { givenKey, nameKey, plainName, postcodeKey } from './keys.ts';

/** One name of a record as searches compare it. Former: superseded by an update, or of a use that isn't current. */
export type NameFacts = {
  readonly family: string;
  readonly familyKey: string;
  readonly given: readonly string[];
  readonly givenKeys: readonly string[];
  readonly isFormer: boolean;
};

export type Postcodes = { readonly current: readonly string[]; readonly former: readonly string[] };

const currentUses = new Set<string | undefined>(['usual', 'nickname', 'temp', undefined]);

/** The names of a record, current ones first. A name without a family or given name has those of the usual name. */
export function namesOf({ patient, former }: StoredPatient): NameFacts[] {
  const names = patient.name ?? [];
  const usual = names.find((name) => name.use === 'usual');
  const current = names.filter((name) => currentUses.has(name.use));
  const old = [...names.filter((name) => !currentUses.has(name.use)), ...(former?.name ?? [])];
  return [
    ...current.map((name) => nameFacts(name, usual, false)),
    ...old.map((name) => nameFacts(name, usual, true)),
  ].filter(({ familyKey, givenKeys }) => familyKey !== '' || givenKeys.length > 0);
}

function nameFacts(name: HumanName, usual: HumanName | undefined, isFormer: boolean): NameFacts {
  const family = name.family ?? usual?.family ?? '';
  const given = (name.given ?? usual?.given ?? []).filter((one) => one.trim() !== '');
  return {
    family: plainName(family),
    familyKey: nameKey(family),
    given: given.map(plainName),
    givenKeys: given.map(nameKey),
    isFormer,
  };
}

/** A name as the trace index knows it: its keys only. */
export function nameOfKeys(familyKey: string, given: string, isFormer: boolean): NameFacts {
  const givenKeys = given === '' ? [] : given.split(',');
  return { family: familyKey, familyKey, given: givenKeys, givenKeys, isFormer };
}

/** The key of all given names of a name. */
export const givenKeyOf = (name: NameFacts): string => givenKey(name.given);

/** The postcodes of all addresses, now and formerly; deleted ones are none. */
export function postcodesOf({ patient, former }: StoredPatient): Postcodes {
  const current = postcodeKeys(patient.address);
  return { current, former: postcodeKeys(former?.address).filter((key) => !current.includes(key)) };
}

function postcodeKeys(addresses: readonly Address[] | undefined): string[] {
  const keys = (addresses ?? []).map((address) => postcodeKey(address.postalCode ?? ''));
  return [...new Set(keys)].filter((key) => key !== '');
}

/** The genders of a record: now, and formerly. */
export function gendersOf({ patient, former }: StoredPatient): { current: string | undefined; former: string[] } {
  return { current: patient.gender, former: (former?.gender ?? []).filter((gender) => gender !== patient.gender) };
}

/** The contact points searches look at: the patient's own and those of emergency contacts; former ones on request. */
export function telecomsOf({ patient, former }: StoredPatient, withFormer: boolean): ContactPoint[] {
  const contacts = (patient.contact ?? []).flatMap((contact) => contact.telecom ?? []);
  return [...(patient.telecom ?? []), ...contacts, ...((withFormer && former?.telecom) || [])];
}
