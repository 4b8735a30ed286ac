import type { PatientAddress } from './patient-address.ts';

/** What PDS says of the patient of an address. */
export type RoutingFacts = {
  readonly state: 'active' | 'invalidated';
  readonly confidentiality: 'U' | 'R' | 'V';
  readonly bornOn: string;
  /** Former ones too. */
  readonly familyNames: readonly string[];
  /** ODS code of the practice the patient is registered with today. */
  readonly practice: string | undefined;
};

/** The published failures of routing (contract, sections 8 and 10), each with its text. */
export const routingFailures = {
  'EPL-150': 'Multiple mailboxes matches',
  'EPL-151': 'No mailbox matched',
  'EPL-152': 'Invalid NHS Number',
  'EPL-153': 'NHS Number not found',
  'EPL-154': 'NHS Number supplied does not match the demographics',
} as const;
export type RoutingFailure = keyof typeof routingFailures;

/**
 * Whether the address is one patient's and which practice that is: the number is valid (152), PDS holds it (153), birth
 * date and family name agree with it (154), and there is a practice (151). An invalidated or very restricted record is
 * nobody's. Of a restricted one the practice is a place that must not be told, and the answer to a routed message tells
 * it: so there is no mailbox, as for a patient without practice.
 */
export function judgePatientAddress(
  address: PatientAddress,
  facts: RoutingFacts | undefined,
  nameKey: (name: string) => string,
): { readonly practice: string } | { readonly failure: RoutingFailure } {
  if (!address.isNumberValid) return { failure: 'EPL-152' };
  if (!facts || facts.state === 'invalidated' || facts.confidentiality === 'V') return { failure: 'EPL-153' };
  // between systems, apostrophes, hyphens and blanks of a name get lost or become something else
  const key = (name: string) => nameKey(name).replace(/[^\p{L}\p{N}]/gu, '');
  const wanted = key(address.familyName);
  const isSameName = wanted !== '' && facts.familyNames.some((name) => key(name) === wanted);
  if (!isSameName || address.bornOn === undefined || address.bornOn !== facts.bornOn) return { failure: 'EPL-154' };
  if (facts.practice === undefined || facts.confidentiality === 'R') return { failure: 'EPL-151' };
  return { practice: facts.practice };
}

/** The one mailbox of the practice for the workflow: none is 151, several are 150. */
export function judgeMailboxes(
  mailboxIds: readonly string[],
): { readonly mailboxId: string } | { readonly failure: RoutingFailure } {
  const [first, ...more] = mailboxIds;
  if (first === undefined) return { failure: 'EPL-151' };
  return more.length > 0 ? { failure: 'EPL-150' } : { mailboxId: first };
}
