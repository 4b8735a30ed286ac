import { sameJson } from '../../../platform/fhir/same-json.ts';
import type { Extension } from '../../../platform/fhir/types.ts';
import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import type { Patient, Security } from '../patient.ts';
import { numberIdentifier, recordMeta } from './constants.ts';
import { denseExtension, extensionIn } from './dense-extensions.ts';
import {
  addressIn,
  contactIn,
  denseAddress,
  denseContact,
  denseName,
  densePractice,
  denseTelecom,
  nameIn,
  type Place,
  practiceIn,
  telecomIn,
} from './dense-items.ts';
import { idSeed } from './object-id.ts';
import { packDate, packDateTime, unpackDate, unpackDateTime } from './packed-date.ts';
import { absent, letterOf, tag, wordOf } from './tags.ts';

/*
 * A stored record is a line of parts separated by `|`, each beginning with a tag (tags.ts): a name, the person (gender,
 * birth, multiple birth, death), a practice, an extension, a telecom, a contact, an address. A part's fields are
 * separated by `^`, the values of a field by `~`, dates are three characters. NHS number, version, confidentiality and
 * whatever every record says alike are not stored. A part is dense only if it comes back exactly as it was; otherwise
 * it is kept as JSON under its small-letter tag, and a whole member that is no list of objects under `*`.
 *
 *   NuKBF^Smith^Jane~Mary^Mrs|DfJcb|GMBh^A20047|TpbMBh^07700900123|AhMBh^LS1 6AE^1 Boar Lane~Leeds
 */

/**
 * The text that is stored for a patient: nothing of any patient JSON is lost. Version and confidentiality are left to
 * their columns when `meta` says just these two.
 */
export function encodeRecord(patient: Patient): string {
  const seed = idSeed(patient.id);
  const members: [string, unknown][] = [];
  const parts: string[] = [];
  const list = (member: keyof Patient, raw: string, dense: Dense, read: Read): void => {
    const value: unknown = patient[member];
    if (value === undefined) return;
    if (!Array.isArray(value) || value.length === 0) members.push([member, value]);
    else
      value.forEach((one, index) => {
        parts.push(densely(one, { seed, index }, dense, read) ?? raw + json(one));
      });
  };

  list('name', 'n', denseName, nameIn);
  encodePerson(patient, parts, members);
  list('generalPractitioner', 'g', (one, place) => densePractice('G', one, place), practiceIn);
  if (patient.managingOrganization !== undefined) {
    const dense: Dense = (one, place) => densePractice('R', one, place);
    const text = densely(patient.managingOrganization, { seed, index: 0 }, dense, practiceIn);
    if (text !== undefined) parts.push(text);
    else members.push(['managingOrganization', patient.managingOrganization]);
  }
  list('extension', 'e', denseExtension, extensionIn);
  list('telecom', 't', denseTelecom, telecomIn);
  list('contact', 'c', denseContact, contactIn);
  list('address', 'a', denseAddress, addressIn);

  let missing = '';
  if (patient.identifier === undefined) missing += 'i';
  else if (!sameJson(patient.identifier, numberIdentifier(patient.id))) {
    members.push(['identifier', patient.identifier]);
  }
  if (patient.meta === undefined) missing += 'm';
  else if (!isPlainMeta(patient.meta)) members.push(['meta', patient.meta]);
  for (const member of Object.keys(patient)) {
    if (!known.has(member)) members.push([member, (patient as Record<string, unknown>)[member]]);
  }
  if (missing !== '') parts.push(`!${missing}`);
  if (members.length > 0) parts.push(`*${json(Object.fromEntries(members))}`);
  return parts.join('|');
}

const known = new Set([
  'resourceType',
  'id',
  'identifier',
  'meta',
  'name',
  'gender',
  'birthDate',
  'multipleBirthInteger',
  'deceasedDateTime',
  'generalPractitioner',
  'managingOrganization',
  'extension',
  'telecom',
  'contact',
  'address',
]);

// biome-ignore lint/suspicious/noExplicitAny: the objects come from anywhere; what does not come back the same is kept raw
type Dense = (one: any, place: Place) => string | undefined;
type Read = (item: string, seed: number, index: number) => unknown;

/** The dense form of an object, when reading it gives exactly that object again and a text column can hold it. */
function densely(one: unknown, place: Place, dense: Dense, read: Read): string | undefined {
  if (typeof one !== 'object' || one === null || Array.isArray(one)) return undefined;
  const text = dense(one, place);
  if (text === undefined || !isStorable(text)) return undefined;
  return sameJson(read(text, place.seed, place.index), one) ? text : undefined;
}

/** No separator of parts, no NUL (PostgreSQL has none in text), no surrogates (a lone one is not UTF-8). */
function isStorable(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
  return !/[|\u0000\ud800-\udfff]/.test(text);
}

function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('|', '\\u007c');
}

function isPlainMeta(meta: Patient['meta']): boolean {
  const version = Number(meta?.versionId);
  const security = meta?.security?.[0]?.code as Security | undefined;
  if (!Number.isSafeInteger(version) || (security !== 'U' && security !== 'R' && security !== 'V')) return false;
  return sameJson(meta, recordMeta(version, security));
}

function encodePerson(patient: Patient, parts: string[], members: [string, unknown][]): void {
  const given: Record<string, unknown> = {};
  for (const member of ['gender', 'birthDate', 'multipleBirthInteger', 'deceasedDateTime'] as const) {
    if (patient[member] !== undefined) given[member] = patient[member];
  }
  if (Object.keys(given).length === 0) return;
  const { gender, birthDate, multipleBirthInteger, deceasedDateTime } = patient;
  let text = `D${letterOf('gender', gender)}${packDate(birthDate) ?? absent}`;
  if (multipleBirthInteger !== undefined || deceasedDateTime !== undefined) text += `^${multipleBirthInteger ?? ''}`;
  if (deceasedDateTime !== undefined) text += `^${packDateTime(deceasedDateTime) ?? ''}`;
  const read = {} as Patient;
  if (isStorable(text)) personIn(text, read);
  if (sameJson(read, given)) parts.push(text);
  else members.push(...Object.entries(given));
}

function personIn(item: string, patient: Patient): void {
  const gender = wordOf('gender', item.charCodeAt(1));
  if (gender !== undefined) patient.gender = gender;
  const birthDate = unpackDate(item, 2);
  if (birthDate !== undefined) patient.birthDate = birthDate;
  const separator = item.indexOf('^');
  if (separator < 0) return;
  const part = item.slice(separator + 1).split('^');
  if (part[0]) patient.multipleBirthInteger = Number(part[0]);
  const died = part[1] ? unpackDateTime(part[1]) : undefined;
  if (died !== undefined) patient.deceasedDateTime = died;
}

/**
 * The patient a stored text says, a fresh object the caller may change. Version and confidentiality are the row's.
 */
export function decodeRecord(text: string, nhsNumber: NhsNumber, version: number, security: Security): Patient {
  const patient: Patient = {
    resourceType: 'Patient',
    id: nhsNumber,
    identifier: numberIdentifier(nhsNumber),
    meta: recordMeta(version, security),
  };
  if (text === '') return patient;
  const seed = idSeed(nhsNumber);
  for (const item of text.split('|')) {
    switch (item.charCodeAt(0)) {
      case tag.name: {
        patient.name ??= [];
        patient.name.push(nameIn(item, seed, patient.name.length));
        break;
      }
      case tag.person:
        personIn(item, patient);
        break;
      case tag.practice: {
        patient.generalPractitioner ??= [];
        patient.generalPractitioner.push(practiceIn(item, seed, patient.generalPractitioner.length));
        break;
      }
      case tag.managing:
        patient.managingOrganization = practiceIn(item, seed, 0);
        break;
      case tag.telecom: {
        patient.telecom ??= [];
        patient.telecom.push(telecomIn(item, seed, patient.telecom.length));
        break;
      }
      case tag.contact: {
        patient.contact ??= [];
        patient.contact.push(contactIn(item, seed, patient.contact.length));
        break;
      }
      case tag.address: {
        patient.address ??= [];
        patient.address.push(addressIn(item, seed, patient.address.length));
        break;
      }
      case tag.rawName:
      case tag.rawPractice:
      case tag.rawExtension:
      case tag.rawTelecom:
      case tag.rawContact:
      case tag.rawAddress:
        addRaw(patient, item);
        break;
      case tag.members:
        addMembers(patient, JSON.parse(item.slice(1)) as Record<string, unknown>);
        break;
      case tag.absent:
        if (item.includes('i')) delete patient.identifier;
        if (item.includes('m')) delete patient.meta;
        break;
      default:
        patient.extension ??= [];
        patient.extension.push(extensionIn(item));
    }
  }
  return patient;
}

const listOfRaw = {
  n: 'name',
  g: 'generalPractitioner',
  e: 'extension',
  t: 'telecom',
  c: 'contact',
  a: 'address',
} as const;

function addRaw(patient: Patient, item: string): void {
  const member = listOfRaw[item.charAt(0) as keyof typeof listOfRaw];
  patient[member] ??= [];
  (patient[member] as Extension[]).push(JSON.parse(item.slice(1)) as Extension);
}

/** Defined, not assigned: a member may be called `__proto__`. */
function addMembers(patient: Patient, members: Record<string, unknown>): void {
  for (const member of Object.keys(members)) {
    Object.defineProperty(patient, member, {
      value: members[member],
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
}
