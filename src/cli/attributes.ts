/** `name=value` arguments as an object; undefined when one of them is not written so. */
export function attributesOf(pairs: readonly string[]): Record<string, string> | undefined {
  const attributes: Record<string, string> = {};
  for (const pair of pairs) {
    const mark = pair.indexOf('=');
    if (mark < 1) return undefined;
    attributes[pair.slice(0, mark)] = pair.slice(mark + 1);
  }
  return attributes;
}
