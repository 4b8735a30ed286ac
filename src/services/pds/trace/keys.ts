/**
 * A name as the trace index holds it: accents and case gone, blanks single. Candidates are found by these keys; whether
 * a candidate really matches is decided on the record itself.
 */
export function nameKey(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** A postcode without blanks and case: `LS1 6AE` and `ls16ae` are one. */
export function postcodeKey(postcode: string): string {
  return postcode.replace(/\s+/g, '').toLowerCase();
}
