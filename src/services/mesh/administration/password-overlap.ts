import type { SealedPassword } from '../mailboxes/queries.ts';

/** So many passwords may hold beside the newest; each is tried with every token that is wrong. */
export const mostEarlier = 4;

/**
 * Which passwords hold beside a new one: those that do already, each until its time, and the one it takes the place of,
 * until the time said. A change without overlap ends them all at once. `fullUntil`: there would be too many; when the next
 * of them ends (milliseconds since 1970).
 */
export function earlierPasswords(
  earlier: readonly SealedPassword[],
  replaced: SealedPassword,
  now: number,
): readonly SealedPassword[] | { readonly fullUntil: number } {
  if (replaced.until <= now) return [];
  const holding = earlier.filter(({ until }) => until > now);
  if (holding.length >= mostEarlier) return { fullUntil: Math.min(...holding.map(({ until }) => until)) };
  return [...holding, replaced];
}
