/** The most an application may keep with an account, as JSON in UTF-8, and how deep it may go. Ours. */
export const mostMetadataBytes = 4_096;
const mostDepth = 10;

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What to change, from the body `{client_user_metadata: {…}}`; words of what is wrong with it otherwise. */
export function wantedMetadata(body: string): { readonly patch: Members } | { readonly fault: string } {
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    return { fault: 'the body is not JSON' };
  }
  if (!isObject(given) || Object.keys(given).join() !== 'client_user_metadata')
    return { fault: "the body has one member, 'client_user_metadata'" };
  const patch = given.client_user_metadata;
  if (!isObject(patch)) return { fault: "'client_user_metadata' is not an object" };
  return depthOf(patch) > mostDepth ? { fault: `'client_user_metadata' is deeper than ${mostDepth}` } : { patch };
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** The object with a patch laid over it (JSON Merge Patch, RFC 7396): null removes, objects are merged, all else replaces. */
export function merged(target: unknown, patch: Members): Members {
  // names are taken as data whatever they are, `__proto__` too
  const members = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, isObject(value) ? merged(members.get(name), value) : value);
  }
  return Object.fromEntries(members);
}

/** What is wrong with the size of what is kept; undefined when nothing is. */
export function sizeFault(metadata: Members): string | undefined {
  const isTooLarge = Buffer.byteLength(JSON.stringify(metadata)) > mostMetadataBytes;
  return isTooLarge ? `'client_user_metadata' is larger than ${mostMetadataBytes} bytes` : undefined;
}
