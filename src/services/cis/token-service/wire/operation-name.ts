/** The name of an operation of the token service at this base; the second service of a sandbox has names of its own. */
export const operationName = (base: string, verb: string): string =>
  base === '/oauth2' ? `cis.${verb}` : `cis-mock.${verb}`;
