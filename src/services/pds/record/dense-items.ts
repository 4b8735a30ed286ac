import type {
  Address,
  ContactPoint,
  Extension,
  HumanName,
  PatientContact,
  Period,
  Reference,
} from '../../../platform/fhir/types.ts';
import { extensionUrls, odsSystem } from '../patient.ts';
import { concept, systems } from './constants.ts';
import { objectId } from './object-id.ts';
import { packDate, unpackDate } from './packed-date.ts';
import { absent, letterOf, tag, wordOf } from './tags.ts';

/** Where an object stands: what its patient's ids start from, and its place in the list. */
export type Place = { readonly seed: number; readonly index: number };

/** The strings of a list joined by `~`; anything else is left out (and then does not come back the same). */
function joined(list: unknown): string {
  return Array.isArray(list) && list.every((one) => typeof one === 'string') ? list.join('~') : '';
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Nothing, a start, a start and an end, or `-` and an end. */
export function densePeriod(period: Period | undefined): string {
  if (period === undefined || period === null) return '';
  const start = packDate(period.start) ?? '';
  const end = packDate(period.end) ?? '';
  return start === '' && end !== '' ? absent + end : start + end;
}

/** The period written in `field` from `from` on. */
export function periodIn(field: string, from: number): Period | undefined {
  switch (field.length - from) {
    case 3:
      return { start: unpackDate(field, from)! };
    case 6:
      return { start: unpackDate(field, from)!, end: unpackDate(field, from + 3)! };
    case 4:
      return { end: unpackDate(field, from + 1)! };
    default:
      return undefined;
  }
}

/** Nothing for the id an object was given by its place, `-` for none, otherwise the id. */
function denseId(id: unknown, list: number, place: Place): string {
  if (id === undefined) return absent;
  return id === objectId(place.seed, list, place.index) ? '' : textOf(id);
}

function idIn(field: string | undefined, list: number, seed: number, index: number): string | undefined {
  if (field === undefined || field === '') return objectId(seed, list, index);
  return field === absent ? undefined : field;
}

/** Fields with the empty ones at the end dropped. */
export function fields(...values: string[]): string {
  let end = values.length;
  while (end > 1 && values[end - 1] === '') end--;
  return values.slice(0, end).join('^');
}

export function denseName(name: HumanName, place: Place): string {
  const head = `N${letterOf('use', name.use)}${densePeriod(name.period)}`;
  const id = denseId(name.id, tag.name, place);
  return fields(head, textOf(name.family), joined(name.given), joined(name.prefix), joined(name.suffix), id);
}

export function nameIn(item: string, seed: number, index: number): HumanName {
  const part = item.split('^');
  const name: HumanName = {};
  const id = idIn(part[5], tag.name, seed, index);
  if (id !== undefined) name.id = id;
  const use = wordOf('use', item.charCodeAt(1));
  if (use !== undefined) name.use = use;
  const period = periodIn(part[0]!, 2);
  if (period !== undefined) name.period = period;
  if (part[2]) name.given = listIn(part[2]);
  if (part[1]) name.family = part[1];
  if (part[3]) name.prefix = listIn(part[3]);
  if (part[4]) name.suffix = listIn(part[4]);
  return name;
}

function listIn(field: string): string[] {
  return field.includes('~') ? field.split('~') : [field];
}

function textphone(): Extension {
  const valueCoding = { system: systems.otherContact, code: 'textphone', display: 'Minicom (Textphone)' };
  return { url: extensionUrls.OtherContactSystem, valueCoding };
}

/** `x` stands for the system "other" that is a textphone. */
const isTextphone = 120;

export function denseTelecom(telecom: ContactPoint, place: Place): string {
  const system =
    telecom.system === 'other' && telecom.extension !== undefined ? 'x' : letterOf('system', telecom.system);
  const head = `T${system}${letterOf('use', telecom.use)}${densePeriod(telecom.period)}`;
  return fields(head, textOf(telecom.value), denseId(telecom.id, tag.telecom, place));
}

export function telecomIn(item: string, seed: number, index: number): ContactPoint {
  const part = item.split('^');
  const telecom: ContactPoint = {};
  const id = idIn(part[2], tag.telecom, seed, index);
  if (id !== undefined) telecom.id = id;
  const period = periodIn(part[0]!, 3);
  if (period !== undefined) telecom.period = period;
  const letter = item.charCodeAt(1);
  const system = letter === isTextphone ? 'other' : wordOf('system', letter);
  if (system !== undefined) telecom.system = system;
  if (part[1]) telecom.value = part[1];
  const use = wordOf('use', item.charCodeAt(2));
  if (use !== undefined) telecom.use = use;
  if (letter === isTextphone) telecom.extension = [textphone()];
  return telecom;
}

/** An emergency contact with one number. */
export function denseContact(contact: PatientContact, place: Place): string {
  const reached = contact.telecom?.[0];
  const head = `C${letterOf('system', reached?.system)}${densePeriod(contact.period)}`;
  return fields(head, textOf(reached?.value), denseId(contact.id, tag.contact, place));
}

export function contactIn(item: string, seed: number, index: number): PatientContact {
  const part = item.split('^');
  const contact: PatientContact = {};
  const id = idIn(part[2], tag.contact, seed, index);
  if (id !== undefined) contact.id = id;
  const period = periodIn(part[0]!, 2);
  if (period !== undefined) contact.period = period;
  contact.relationship = [concept({ system: systems.relationship, code: 'C', display: 'Emergency Contact' })];
  const reached: ContactPoint = {};
  const system = wordOf('system', item.charCodeAt(1));
  if (system !== undefined) reached.system = system;
  if (part[1]) reached.value = part[1];
  contact.telecom = [reached];
  return contact;
}

/** An AddressKey extension: the PAF key or the UPRN of an address. */
export function addressKey(type: string, value: string): Extension {
  return {
    url: extensionUrls.AddressKey,
    extension: [
      { url: 'type', valueCoding: { system: systems.addressKeyType, code: type } },
      { url: 'value', valueString: value },
    ],
  };
}

function keyOf(address: Address, type: string): string {
  if (!Array.isArray(address.extension)) return '';
  const key = address.extension.find((one) => one?.extension?.[0]?.valueCoding?.code === type);
  return textOf(key?.extension?.[1]?.valueString);
}

export function denseAddress(address: Address, place: Place): string {
  const head = `A${letterOf('use', address.use)}${densePeriod(address.period)}`;
  const id = denseId(address.id, tag.address, place);
  const [paf, uprn] = [keyOf(address, 'PAF'), keyOf(address, 'UPRN')];
  return fields(head, textOf(address.postalCode), joined(address.line), id, textOf(address.text), paf, uprn);
}

export function addressIn(item: string, seed: number, index: number): Address {
  const part = item.split('^');
  const address: Address = {};
  const id = idIn(part[3], tag.address, seed, index);
  if (id !== undefined) address.id = id;
  const period = periodIn(part[0]!, 2);
  if (period !== undefined) address.period = period;
  const use = wordOf('use', item.charCodeAt(1));
  if (use !== undefined) address.use = use;
  if (part[4]) address.text = part[4];
  if (part[2]) address.line = listIn(part[2]);
  if (part[1]) address.postalCode = part[1];
  if (part[5] || part[6]) {
    address.extension = [];
    if (part[5]) address.extension.push(addressKey('PAF', part[5]));
    if (part[6]) address.extension.push(addressKey('UPRN', part[6]));
  }
  return address;
}

/** A general practitioner (`G`), or without an id the managing organisation (`R`). */
export function densePractice(letter: 'G' | 'R', practice: Reference, place: Place): string {
  const code = textOf(practice.identifier?.value);
  const id = letter === 'R' ? '' : denseId(practice.id, tag.practice, place);
  return fields(`${letter}${densePeriod(practice.identifier?.period)}`, code, id);
}

export function practiceIn(item: string, seed: number, index: number): Reference {
  const part = item.split('^');
  const practice: Reference = {};
  const id = item.charCodeAt(0) === tag.managing ? undefined : idIn(part[2], tag.practice, seed, index);
  if (id !== undefined) practice.id = id;
  practice.type = 'Organization';
  practice.identifier = { system: odsSystem, value: part[1] ?? '' };
  const period = periodIn(part[0]!, 1);
  if (period !== undefined) practice.identifier.period = period;
  return practice;
}
