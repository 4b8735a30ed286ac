import type { HumanName, Period } from '../../../platform/fhir/types.ts';
import { invalidCreate, invalidValue, tooManyValues, unsupportedCharacters } from '../refused-values.ts';
import { list, object, oneOf, type Shape, text, under } from '../shape.ts';
import { parsePeriod, periodShape } from './period-rules.ts';

/** The one name of a new record. */
export const nameShape: Shape = object(
  {
    id: text,
    use: oneOf('usual'),
    period: periodShape,
    given: list(text, { max: 5 }),
    family: text,
    prefix: list(text, { max: 5 }),
    suffix: list(text, { max: 5 }),
  },
  { required: ['use', 'family'], isClosed: true },
);

type SentName = { period?: Period; given?: string[]; family: string; prefix?: string[]; suffix?: string[] };

/** Letters, digits, space, apostrophe, hyphen, full stop, and the published ranges of accented letters. */
const supported = /^[A-Za-z0-9 '.\-\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u017F]*$/;
const longestName = 35;
const mostGiven = 5;

/** Titles that must be written exactly so where they are used. */
const titles = ['Mr', 'Mrs', 'Ms', 'Dr', 'Rev', 'Sir', 'Lady', 'Lord'];
const titleOf = new Map(titles.map((title) => [title.toLowerCase(), title]));

/**
 * The name as it is kept, from one that has the shape. Blank parts are left out, further given names of several words
 * become several names, full stops at the end of a prefix go, a name without a period starts today.
 */
export function parseName(sent: unknown, path: string, today: string): HumanName {
  const { period, family, given, prefix, suffix } = sent as SentName;
  if (period?.end !== undefined) throw invalidCreate('An end date can not be provided on usual name');
  const name: HumanName = {
    use: 'usual',
    period: period ? parsePeriod(period, under(path, 'period'), today) : { start: today },
    family: namePart(family, under(path, 'family')),
  };
  if (name.family === '') throw invalidValue(family, under(path, 'family'));
  const givenNames = nameParts(given, under(path, 'given')).flatMap((one, i) => (i === 0 ? [one] : one.split(' ')));
  if (givenNames.length > mostGiven) throw tooManyValues(given, under(path, 'given'));
  if (givenNames.length > 0) name.given = givenNames;
  const prefixes = nameParts(prefix, under(path, 'prefix'), asTitle);
  if (prefixes.length > 0) name.prefix = prefixes;
  const suffixes = nameParts(suffix, under(path, 'suffix'), beginningWithCapital);
  if (suffixes.length > 0) name.suffix = suffixes;
  return name;
}

function nameParts(
  parts: readonly string[] = [],
  path: string,
  rule = (part: string, _path: string) => part,
): string[] {
  return parts
    .map((part, i) => {
      const clean = namePart(part, under(path, i));
      return clean === '' ? clean : rule(clean, under(path, i));
    })
    .filter((part) => part !== '');
}

/** Accents composed, blanks single, none at the ends. */
function namePart(part: string, path: string): string {
  const clean = part.normalize('NFC').replace(/ +/g, ' ').trim();
  if (!supported.test(clean)) throw unsupportedCharacters(part, path);
  if (clean.length > longestName) throw invalidValue(part, path);
  return clean;
}

function asTitle(prefix: string, path: string): string {
  const title = prefix.replace(/[. ]+$/, '');
  const right = titleOf.get(title.toLowerCase());
  if (right !== undefined && right !== title) throw invalidValue(prefix, path);
  return title;
}

function beginningWithCapital(suffix: string, path: string): string {
  if (!/^[A-Z]/.test(suffix)) throw invalidValue(suffix, path);
  return suffix;
}
