/** True when the value holds a wildcard. */
export const hasWildcard = (value: string): boolean => value.includes('*');

/** What stands before the first wildcard. */
export const fixedStart = (pattern: string): string => pattern.split('*', 1)[0] as string;

/**
 * True when `text` as a whole is what `pattern` describes, `*` standing for any letters or none. Takes time in proportion
 * to the two lengths multiplied, whatever the pattern.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let p = 0;
  let star = -1;
  let resume = 0;
  for (let t = 0; t < text.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** The share of `text` that the wildcards of a matching `pattern` stand for, 0 to 1. */
export function shareUnsaid(pattern: string, text: string): number {
  if (text.length === 0) return 0;
  const said = pattern.replaceAll('*', '').length;
  return Math.max(0, text.length - said) / text.length;
}

/** The pattern in SQL's LIKE notation, with everything else that LIKE takes for special escaped. */
export const likePattern = (pattern: string): string => pattern.replace(/[\\%_]/g, '\\$&').replace(/\*+/g, '%');
