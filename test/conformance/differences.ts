/** Where two JSON values differ: one line a place, `path: wanted … got …`. Members may stand in any order. */
export function differences(got: unknown, wanted: unknown, path = ''): string[] {
  if (isObject(got) && isObject(wanted)) {
    const members = [...new Set([...Object.keys(wanted), ...Object.keys(got)])];
    return members.flatMap((member) => differences(got[member], wanted[member], `${path}/${member}`));
  }
  if (Array.isArray(got) && Array.isArray(wanted)) {
    const places = Array.from({ length: Math.max(got.length, wanted.length) }, (_, index) => index);
    return places.flatMap((index) => differences(got[index], wanted[index], `${path}/${index}`));
  }
  return Object.is(got, wanted) ? [] : [`${path || '/'}: wanted ${brief(wanted)}, got ${brief(got)}`];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** The object without some of its members. */
export function without(value: object, ...members: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([member]) => !members.includes(member)));
}

/** The value without any member of that name, however deep. */
export function withoutAll(value: unknown, member: string): unknown {
  if (Array.isArray(value)) return value.map((one) => withoutAll(one, member));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== member)
      .map(([name, one]) => [name, withoutAll(one, member)]),
  );
}
