import type { Refusal } from '../../../platform/http/refusal.ts';
import { pdsErrors, refuse } from '../errors.ts';
import { pythonRepr } from '../python-repr.ts';

/** Longer values are not repeated in an error; what stands for them is published. */
const longestShown = 1000;

/** A value as the published diagnostics show it: a text bare, anything else the way Python prints it. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : pythonRepr(value);
  return text.length > longestShown ? '<json too long to display>' : text;
}

/** 400 INVALID_UPDATE `Invalid update with error - {text}`. */
export function invalidUpdate(text: string): Refusal {
  return refuse(pdsErrors.invalidUpdate, printable(`Invalid update with error - ${text}`));
}

/** 403 FORBIDDEN_UPDATE `Forbidden update with error - {text}`. */
export function forbiddenUpdate(text: string): Refusal {
  return refuse(pdsErrors.forbiddenUpdate, printable(`Forbidden update with error - ${text}`));
}

/** 400 INVALID_VALUE `Invalid value - '{value}' in field '{path}'`. */
export function invalidValue(value: unknown, path: string): Refusal {
  return refuse(pdsErrors.invalidValue, printable(`Invalid value - '${shown(value)}' in field '${path}'`));
}

/** 400 MISSING_VALUE `Missing value - '{path}'`. */
export function missingValue(path: string): Refusal {
  return refuse(pdsErrors.missingValue, printable(`Missing value - '${path}'`));
}

/** 400 TOO_MANY_VALUES_SUBMITTED `Too many values submitted - {value} in field '{path}'`. */
export function tooManyValues(value: unknown, path: string): Refusal {
  return refuse(pdsErrors.tooManyValues, printable(`Too many values submitted - ${shown(value)} in field '${path}'`));
}

/** 400 ADDITIONAL_PROPERTIES, naming each member that does not belong. */
export function additionalProperties(names: readonly string[]): Refusal {
  const list = names.map((name) => `'${name}'`).join(', ');
  const shownList = list.length > longestShown ? `'${shown(list)}'` : list;
  return refuse(
    pdsErrors.additionalProperties,
    printable(
      `Invalid request with error - Additional properties are not allowed (${shownList} ${names.length > 1 ? 'were' : 'was'} unexpected)`,
    ),
  );
}

/** 400 UNSUPPORTED_CHARACTERS_IN_FIELD; its diagnostics are not published, these are ours. */
export function unsupportedCharacters(value: string, path: string): Refusal {
  return refuse(
    pdsErrors.unsupportedCharacters,
    printable(`Unsupported characters - '${shown(value)}' in field '${path}'`),
  );
}

/** 400 UNSUPPORTED_VALUE for a legacy value that may be read but no longer set; the diagnostics are ours. */
export function unsupportedValue(value: string, path: string): Refusal {
  return refuse(pdsErrors.unsupportedValue, printable(`Unsupported value - '${shown(value)}' in field '${path}'`));
}

/** The text with control characters and unpaired surrogates written as escapes, so that it can be sent and stored. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]/gu, (char) => {
    const code = char.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}
