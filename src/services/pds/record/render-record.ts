import type { NhsNumber } from '../../../platform/nhs/nhs-number.ts';
import { extensionUrls, odsSystem, type Security } from '../patient.ts';
import { numberIdentifier, recordMeta } from './constants.ts';
import { extensionIn } from './dense-extensions.ts';
import { addressKey, contactIn, telecomIn } from './dense-items.ts';
import { idSeed, objectId } from './object-id.ts';
import { unpackDate, unpackDateTime } from './packed-date.ts';
import { decodeRecord } from './record-codec.ts';
import { absent, tag, wordOf } from './tags.ts';

/** Whatever JSON would have to escape; JSON kept in a record always has a quote. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const needsCare = /["\\\u0000-\u001f]/;

/** The member each list's tag belongs to; extensions have a tag each. Parts kept as JSON have none. */
const memberOf: (string | undefined)[] = new Array(128).fill(undefined);
for (const extension of 'PSMXLKBZ') memberOf[extension.charCodeAt(0)] = '"extension":[';
memberOf[tag.name] = '"name":[';
memberOf[tag.practice] = '"generalPractitioner":[';
memberOf[tag.telecom] = '"telecom":[';
memberOf[tag.contact] = '"contact":[';
memberOf[tag.address] = '"address":[';

/** A placeholder number cannot occur in the constant parts, so they are split at it once. */
const place = '0000000000';
const [opening, beforeNumber, beforeVersion] = opened();

function opened(): [string, string, string] {
  const identifier = JSON.stringify(numberIdentifier(place)).split(place) as [string, string];
  return [
    '{"resourceType":"Patient","id":"',
    `","identifier":${identifier[0]}`,
    `${identifier[1]},"meta":{"versionId":"`,
  ];
}

const metaEnds: Readonly<Record<Security, string>> = { U: metaEnd('U'), R: metaEnd('R'), V: metaEnd('V') };

function metaEnd(security: Security): string {
  return `",${JSON.stringify(recordMeta(0, security)).slice('{"versionId":"0",'.length)}`;
}

/**
 * The record as JSON text, the very text `JSON.stringify(decodeRecord(…))` gives, in some two thirds of the time: nothing is
 * built that is not sent. Records kept partly as JSON or holding characters to escape take the long way.
 */
export function renderRecord(text: string, nhsNumber: NhsNumber, version: number, security: Security): string {
  const rendered = needsCare.test(text) ? undefined : render(text, nhsNumber, version, security);
  return rendered ?? JSON.stringify(decodeRecord(text, nhsNumber, version, security));
}

function render(text: string, nhsNumber: NhsNumber, version: number, security: Security): string | undefined {
  const seed = idSeed(nhsNumber);
  let out = opening + nhsNumber + beforeNumber + nhsNumber + beforeVersion + version + metaEnds[security];
  let open: string | undefined;
  let index = 0;
  for (let at = 0; at < text.length; ) {
    const bar = text.indexOf('|', at);
    const end = bar < 0 ? text.length : bar;
    const item = text.slice(at, end);
    at = end + 1;
    const letter = item.charCodeAt(0);
    if (letter === tag.person || letter === tag.managing) {
      if (open !== undefined) out += ']';
      open = undefined;
      out += letter === tag.person ? person(item) : `,"managingOrganization":${practice(item, seed, 0)}`;
      continue;
    }
    const member = memberOf[letter];
    if (member === undefined) return undefined;
    if (member === open) {
      index++;
      out += ',';
    } else {
      out += open === undefined ? ',' : '],';
      out += member;
      open = member;
      index = 0;
    }
    switch (letter) {
      case tag.name:
        out += name(item, seed, index);
        break;
      case tag.telecom:
        out += telecom(item, seed, index);
        break;
      case tag.address:
        out += address(item, seed, index);
        break;
      case tag.practice:
        out += practice(item, seed, index);
        break;
      case tag.contact:
        out += JSON.stringify(contactIn(item, seed, index));
        break;
      default:
        out += extension(item, letter);
    }
  }
  return open === undefined ? `${out}}` : `${out}]}`;
}

function reference(url: string): string {
  return `{"url":"${url}","valueReference":{"identifier":{"system":"${odsSystem}","value":"`;
}

const references: Readonly<Record<number, string>> = {
  [tag.pharmacy]: reference(extensionUrls.NominatedPharmacy),
  [tag.dispenser]: reference(extensionUrls.PreferredDispenserOrganization),
  [tag.appliances]: reference(extensionUrls.MedicalApplianceSupplier),
};

function extension(item: string, letter: number): string {
  const start = references[letter];
  return start === undefined ? JSON.stringify(extensionIn(item)) : `${start}${item.slice(1)}"}}}`;
}

function person(item: string): string {
  const gender = wordOf('gender', item.charCodeAt(1));
  const birthDate = unpackDate(item, 2);
  let out = '';
  if (gender !== undefined) out += `,"gender":"${gender}"`;
  if (birthDate !== undefined) out += `,"birthDate":"${birthDate}"`;
  const separator = item.indexOf('^');
  if (separator < 0) return out;
  const part = item.slice(separator + 1).split('^');
  if (part[0]) out += `,"multipleBirthInteger":${part[0]}`;
  if (part[1]) out += `,"deceasedDateTime":"${unpackDateTime(part[1])}"`;
  return out;
}

/** `"id":"…"` or nothing. */
function id(field: string | undefined, list: number, seed: number, index: number): string {
  if (field === undefined || field === '') return `"id":"${objectId(seed, list, index)}"`;
  return field === absent ? '' : `"id":"${field}"`;
}

/** `"period":{…}` or nothing. */
function period(field: string, from: number): string {
  switch (field.length - from) {
    case 3:
      return `"period":{"start":"${unpackDate(field, from)}"}`;
    case 6:
      return `"period":{"start":"${unpackDate(field, from)}","end":"${unpackDate(field, from + 3)}"}`;
    case 4:
      return `"period":{"end":"${unpackDate(field, from + 1)}"}`;
    default:
      return '';
  }
}

function use(letter: number): string {
  const word = wordOf('use', letter);
  return word === undefined ? '' : `"use":"${word}"`;
}

/** A member of one text or none. */
function text(member: string, value: string | undefined): string {
  return value ? `"${member}":"${value}"` : '';
}

/** A member that is a list of texts, or none. */
function list(member: string, field: string | undefined): string {
  if (!field) return '';
  return field.includes('~') ? `"${member}":["${field.replaceAll('~', '","')}"]` : `"${member}":["${field}"]`;
}

/** An object begun with `{`, and one more member if there is one. Never looks into what was written: that costs. */
function and(object: string, member: string): string {
  if (member === '') return object;
  return object.length === 1 ? object + member : `${object},${member}`;
}

function name(item: string, seed: number, index: number): string {
  const part = item.split('^');
  let out = and('{', id(part[5], tag.name, seed, index));
  out = and(out, use(item.charCodeAt(1)));
  out = and(out, period(part[0]!, 2));
  out = and(out, list('given', part[2]));
  out = and(out, text('family', part[1]));
  out = and(out, list('prefix', part[3]));
  return `${and(out, list('suffix', part[4]))}}`;
}

function telecom(item: string, seed: number, index: number): string {
  const system = wordOf('system', item.charCodeAt(1));
  if (system === undefined) return JSON.stringify(telecomIn(item, seed, index));
  const part = item.split('^');
  let out = and('{', id(part[2], tag.telecom, seed, index));
  out = and(out, period(part[0]!, 3));
  out = and(out, text('system', system));
  out = and(out, text('value', part[1]));
  return `${and(out, use(item.charCodeAt(2)))}}`;
}

function address(item: string, seed: number, index: number): string {
  const part = item.split('^');
  let out = and('{', id(part[3], tag.address, seed, index));
  out = and(out, period(part[0]!, 2));
  out = and(out, use(item.charCodeAt(1)));
  out = and(out, text('text', part[4]));
  out = and(out, list('line', part[2]));
  out = and(out, text('postalCode', part[1]));
  const keys: string[] = [];
  if (part[5]) keys.push(JSON.stringify(addressKey('PAF', part[5])));
  if (part[6]) keys.push(JSON.stringify(addressKey('UPRN', part[6])));
  return `${keys.length === 0 ? out : and(out, `"extension":[${keys.join(',')}]`)}}`;
}

function practice(item: string, seed: number, index: number): string {
  const part = item.split('^');
  const own = item.charCodeAt(0) === tag.managing ? '' : id(part[2], tag.practice, seed, index);
  const identifier = `{"system":"${odsSystem}","value":"${part[1] ?? ''}"`;
  return `${and(and('{', own), '"type":"Organization"')},"identifier":${and(identifier, period(part[0]!, 1))}}}`;
}
