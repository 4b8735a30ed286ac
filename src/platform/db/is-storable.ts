// in JSON text, NUL and a lone surrogate are written as escapes; an even number of backslashes before is text itself
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** Whether PostgreSQL can keep a value as text or JSON: no NUL and no lone surrogate in any text or member name of it. */
export function isStorable(value: unknown): boolean {
  return !unstorable.test(JSON.stringify(value) ?? '');
}
