/** A JSON object of which nothing is known yet. */
export type JsonObject = { [member: string]: unknown };

/** True for a JSON object: no list, no null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy that shares nothing with the value. A member called `__proto__` must have been refused before. */
export function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const member of Object.keys(value)) copy[member] = copyOf(value[member]);
  return copy as T;
}

/** Equality of JSON values as RFC 6902 section 4.6 has it: the order of members does not count. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const members = Object.keys(a);
  return (
    members.length === Object.keys(b).length &&
    members.every((member) => Object.hasOwn(b, member) && isEqual(a[member], b[member]))
  );
}

/** False for a value nested deeper than `deepest`, or with a member called `__proto__`: neither can be handled safely. */
export function isHarmless(value: unknown, deepest: number): boolean {
  if (Array.isArray(value)) return deepest > 0 && value.every((item) => isHarmless(item, deepest - 1));
  if (!isObject(value)) return true;
  return (
    deepest > 0 &&
    Object.keys(value).every((member) => member !== '__proto__' && isHarmless(value[member], deepest - 1))
  );
}

/** The name Python has for the type of a JSON value. */
export function pythonType(value: unknown): string {
  if (value === null || value === undefined) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  return 'dict';
}
