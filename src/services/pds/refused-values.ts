import type { Refusal } from '../../platform/http/refusal.ts';
import { pdsErrors, refuse } from './errors.ts';
import { pythonRepr } from './python-repr.ts';

/** Nothing longer is repeated in a refusal; the published text says so in its place. */
const longest = 1000;
const tooLong = '<json too long to display>';

/** `path` is a place in the body with slashes, e.g. `name/0/given`. */
export function missingValue(path: string): Refusal {
  return refuse(pdsErrors.missingValue, `Missing value - '${path}'`);
}

export function invalidValue(value: unknown, path: string): Refusal {
  return refuse(pdsErrors.invalidValue, `Invalid value - '${shown(value)}' in field '${path}'`);
}

export function tooManyValues(value: unknown, path: string): Refusal {
  return refuse(pdsErrors.tooManyValues, `Too many values submitted - ${shown(value)} in field '${path}'`);
}

export function tooFewValues(value: unknown, path: string): Refusal {
  return refuse(pdsErrors.tooFewValues, `Too few values submitted - ${shown(value)} in field '${path}'`);
}

export function additionalProperties(names: readonly string[]): Refusal {
  const list = isShort(names) ? names.map(pythonRepr).join(', ') : tooLong;
  const verb = names.length === 1 ? 'was' : 'were';
  return refuse(
    pdsErrors.additionalProperties,
    `Invalid request with error - Additional properties are not allowed (${list} ${verb} unexpected)`,
  );
}

/** The code is published, its words are ours. */
export function unsupportedCharacters(value: unknown, path: string): Refusal {
  return refuse(pdsErrors.unsupportedCharacters, `Unsupported characters - '${shown(value)}' in field '${path}'`);
}

/** A value that may be read but no longer set. The code is published, its words are ours. */
export function unsupportedValue(value: unknown, path: string): Refusal {
  return refuse(pdsErrors.unsupportedValue, `Unsupported value - '${shown(value)}' in field '${path}'`);
}

export function invalidCreate(why: string): Refusal {
  return refuse(pdsErrors.invalidCreate, `Invalid patient create data provided - '${why}'`);
}

/** A text as it is, anything else in Python notation, as `str()` gives it. */
function shown(value: unknown): string {
  if (!isShort(value)) return tooLong;
  return typeof value === 'string' ? value : pythonRepr(value);
}

/** Told without writing the value out, so that neither a large nor a deep one costs anything. */
function isShort(value: unknown): boolean {
  return spare(value, longest) > 0;
}

/** What is left of `room` characters when the value is written, roughly; 0 or less when it does not fit. */
function spare(value: unknown, room: number): number {
  if (room <= 0) return 0;
  if (typeof value === 'string') return room - value.length - 2;
  if (typeof value !== 'object' || value === null) return room - 4;
  let left = room - 2;
  if (Array.isArray(value)) {
    for (const item of value) {
      left = spare(item, left);
      if (left <= 0) return 0;
    }
    return left;
  }
  for (const key in value) {
    left = spare((value as Record<string, unknown>)[key], left - key.length - 6);
    if (left <= 0) return 0;
  }
  return left;
}
