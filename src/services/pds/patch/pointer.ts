/** Longer paths lead nowhere in a Patient. */
const longestPath = 255;

/**
 * The reference tokens of a JSON Pointer (RFC 6901), unescaped; undefined for what is no pointer, is longer than any
 * path of a Patient or names `__proto__`.
 */
export function parsePointer(path: unknown): string[] | undefined {
  if (typeof path !== 'string' || path.length > longestPath || !path.isWellFormed()) return undefined;
  if (path === '') return [];
  if (!path.startsWith('/') || /~(?![01])/.test(path)) return undefined;
  const tokens = path
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return tokens.includes('__proto__') ? undefined : tokens;
}

/** The list index a token stands for (digits without leading zeros), or undefined. */
export function indexOf(token: string | undefined): number | undefined {
  return token !== undefined && /^(0|[1-9][0-9]{0,8})$/.test(token) ? Number(token) : undefined;
}
