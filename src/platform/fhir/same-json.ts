/**
 * Whether two JSON values are the same: same types, same members whatever their order, same items in order. A member that
 * is there as undefined differs from one that is absent. Several times faster than the general deep comparison of Node,
 * which must think of cycles, prototypes and maps.
 */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameJson(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const members = Object.keys(a);
  if (members.length !== Object.keys(b).length) return false;
  for (const member of members) {
    if (!Object.hasOwn(b, member)) return false;
    if (!sameJson((a as Record<string, unknown>)[member], (b as Record<string, unknown>)[member])) return false;
  }
  return true;
}
