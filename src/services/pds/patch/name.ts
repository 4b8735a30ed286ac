import type { HumanName } from '../../../platform/fhir/types.ts';
import { isTouched, type Touched } from './field.ts';
import { settledPeriod } from './period.ts';
import {
  forbiddenUpdate,
  invalidUpdate,
  invalidValue,
  missingValue,
  tooManyValues,
  unsupportedCharacters,
} from './refusals.ts';
import { chosen, published } from './texts.ts';

const uses: ReadonlySet<unknown> = new Set(['usual', 'temp', 'nickname', 'old', 'maiden']);
const mostGiven = 5;
const longestName = 35;

/** The published ranges: letters with accents up to U+017F but the signs × and ÷, digits, space, ' - and full stop. */
const permitted = /^[A-Za-z0-9 '.\-\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f]*$/;

/** Titles that must be written in exactly this case. */
const titles = ['Mr', 'Mrs', 'Ms', 'Dr', 'Rev', 'Sir', 'Lady', 'Lord'];
const titleByLowerCase = new Map(titles.map((title) => [title.toLowerCase(), title]));

/** A touched name by the published rules of the field, with its defaults. */
export function settledName(touched: Touched<HumanName>): HumanName {
  const { after, before, path } = touched;
  if (after.use === undefined) throw missingValue(`${path}/use`);
  if (before && before.use !== after.use) throw invalidUpdate(chosen.nameUseChanged());
  if (isTouched(touched, 'use') && !uses.has(after.use)) throw invalidValue(after.use, `${path}/use`);
  const period = settledPeriod(touched);
  const given = isTouched(touched, 'given') ? settledGiven(after.given ?? [], `${path}/given`) : after.given;
  if (after.family === undefined) throw missingValue(`${path}/family`);
  const family = isTouched(touched, 'family') ? namePart(after.family, `${path}/family`) : after.family;
  const prefix = isTouched(touched, 'prefix') ? settledPrefix(after.prefix ?? [], `${path}/prefix`) : after.prefix;
  const suffix = isTouched(touched, 'suffix') ? settledSuffix(after.suffix ?? [], `${path}/suffix`) : after.suffix;
  return {
    ...(after.id === undefined ? {} : { id: after.id }),
    use: after.use,
    ...(period && { period }),
    ...(given?.length && { given }),
    family,
    ...(prefix?.length && { prefix }),
    ...(suffix?.length && { suffix }),
  };
}

/** Refuses a second usual name or nickname that the request brought. */
export function checkNames(names: readonly HumanName[], added: readonly HumanName[]): void {
  const count = (use: string) => names.filter((name) => name.use === use).length;
  const isAdded = (use: string) => added.some((name) => name.use === use);
  if (isAdded('usual') && count('usual') > 1) throw forbiddenUpdate(published.secondUsualName());
  if (isAdded('nickname') && count('nickname') > 1) throw invalidUpdate(chosen.secondNickname());
}

/** The words of given names after the first stand by themselves. */
function settledGiven(given: readonly string[], path: string): string[] {
  if (given.length > mostGiven) throw tooManyValues(given, path);
  const parts = given.map((name, index) => namePart(name, `${path}/${index}`));
  const split = parts.flatMap((name, index) => (index === 0 ? [name] : name.split(/ +/)));
  if (split.length > mostGiven) throw tooManyValues(split, path);
  return split;
}

function settledPrefix(prefix: readonly string[], path: string): string[] {
  return prefix.flatMap((given, index) => {
    const title = permittedPart(given, `${path}/${index}`).replace(/[. ]+$/, '');
    const fixed = titleByLowerCase.get(title.toLowerCase());
    if (fixed !== undefined && fixed !== title) throw invalidValue(given, `${path}/${index}`);
    return title === '' ? [] : [title];
  });
}

function settledSuffix(suffix: readonly string[], path: string): string[] {
  return suffix.flatMap((given, index) => {
    const part = permittedPart(given, `${path}/${index}`);
    if (part !== '' && !/^[A-Z]/.test(part)) throw invalidValue(given, `${path}/${index}`);
    return part === '' ? [] : [part];
  });
}

function namePart(value: string, path: string): string {
  const part = permittedPart(value, path);
  if (part === '' || part.length > longestName) throw invalidValue(value, path);
  return part;
}

function permittedPart(value: string, path: string): string {
  if (!permitted.test(value)) throw unsupportedCharacters(value, path);
  return value.trim();
}
