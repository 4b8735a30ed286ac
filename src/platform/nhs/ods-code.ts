/** An ODS organisation code, e.g. `A81001`, `RR8`, `X26`. */
export type OdsCode = string & { readonly __brand: 'OdsCode' };

/** The value as an ODS code (3 to 10 letters and digits, the general check the services publish), or undefined. */
export function parseOdsCode(value: unknown): OdsCode | undefined {
  return typeof value === 'string' && /^[0-9A-Za-z]{3,10}$/.test(value) ? (value as OdsCode) : undefined;
}
