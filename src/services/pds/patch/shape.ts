import { isObject } from './json.ts';
import { additionalProperties, invalidValue } from './refusals.ts';

/**
 * What a JSON value must look like: gives the value back as a copy, its members in the order the service writes them,
 * or refuses it (INVALID_VALUE with the path; ADDITIONAL_PROPERTIES for members that do not belong). Shapes say
 * nothing of what is required or sensible: that is for the field rules.
 */
export type Shape<T> = (value: unknown, path: string) => T;

/** Longer texts have no place in a demographic record. */
const longestText = 255;

/** A text of at most 255 characters without control characters or unpaired surrogates; may be blank. */
export const text: Shape<string> = (value, path) => {
  if (typeof value !== 'string' || value.length > longestText || /[\p{Cc}\p{Cs}]/u.test(value)) {
    throw invalidValue(value, path);
  }
  return value;
};

/** A text with something in it. */
export const filledText: Shape<string> = (value, path) => {
  if (text(value, path).trim() === '') throw invalidValue(value, path);
  return value as string;
};

export const boolean: Shape<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw invalidValue(value, path);
  return value;
};

/** A text that may be absent in its place: `null` stands for none, as in lists of address lines. */
export const textOrNull: Shape<string | null> = (value, path) => (value === null ? null : text(value, path));

/** Accepts anything and keeps nothing: for what the server works out itself. */
export const ignored: Shape<undefined> = () => undefined;

export function listOf<T>(item: Shape<T>): Shape<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw invalidValue(value, path);
    return value.map((entry, index) => item(entry, `${path}/${index}`));
  };
}

/** An object with no other members than these, each optional. */
export function objectOf<T extends object>(
  members: {
    [K in keyof T]?: Shape<NonNullable<T[K]> | undefined>;
  },
): Shape<T> {
  const names = Object.keys(members) as (keyof T & string)[];
  return (value, path) => {
    if (!isObject(value)) throw invalidValue(value, path);
    const others = Object.keys(value).filter((name) => !Object.hasOwn(members, name));
    if (others.length > 0) throw additionalProperties(others);
    const copy: Partial<T> = {};
    for (const name of names) {
      if (!Object.hasOwn(value, name)) continue;
      const member = members[name]?.(value[name], `${path}/${name}`);
      if (member !== undefined) copy[name] = member as T[typeof name];
    }
    return copy as T;
  };
}
