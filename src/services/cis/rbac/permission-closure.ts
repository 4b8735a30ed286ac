/** Which activity implies which others. */
export type Inclusions = ReadonlyMap<string, readonly string[]>;

/**
 * Effective activities: those given and everything they imply, however far; sorted. Ends on circular inclusions. Rule:
 * RBAC contract, includesRule.
 */
export function permissionClosure(given: Iterable<string>, inclusions: Inclusions): string[] {
  const reached = new Set<string>();
  const open = [...given];
  for (let activity = open.pop(); activity !== undefined; activity = open.pop()) {
    if (reached.has(activity)) continue;
    reached.add(activity);
    open.push(...(inclusions.get(activity) ?? []));
  }
  return [...reached].sort();
}
