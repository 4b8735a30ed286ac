import { type Call, header } from '../../../platform/http/operation.ts';

/** The two forms in which MESH answers. */
export type Version = 1 | 2;

export const v2Type = 'application/vnd.mesh.v2+json';

/** Which form the `Accept` header asks for (contract, section 3); undefined for a form there is not. */
export function versionAsked(accept: string | undefined): Version | undefined {
  const match = /application\/vnd\.mesh([^,;\s]*)/i.exec(accept ?? '');
  if (!match) return 1;
  const [, rest = ''] = match;
  if (/^\.v1\+json$/i.test(rest)) return 1;
  return /^\.v2\+json$/i.test(rest) ? 2 : undefined;
}

/** The form to answer in; version 1 where another was asked for than there is. */
export function versionOf(call: Call): Version {
  return versionAsked(header(call, 'accept')) ?? 1;
}
