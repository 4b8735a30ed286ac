import type { Proofing } from '../providers/patients/vectors.ts';

export type AccountState = 'active' | 'suspended' | 'closed';

/** What was seen when somebody's identity was checked. */
export type IdentityEvidence = {
  readonly method: 'face-to-face' | 'video';
  readonly documents: readonly { readonly kind: 'photo-identity' | 'other'; readonly name: string }[];
  readonly note?: string | undefined;
};

/** The account by which a patient logs on. */
export type KeptAccount = {
  /** `sub` of the identity provider. */
  readonly sub: string;
  readonly nhsNumber: string;
  readonly state: AccountState;
  readonly proofing: Proofing;
  readonly evidence: IdentityEvidence | undefined;
  /** User id and ODS code of who vouched, and when (milliseconds since 1970). */
  readonly proofedBy: string;
  readonly proofedIn: string;
  readonly proofedAt: number;
  readonly openedAt: number;
};

/** What is wrong with the evidence for a level of proof, in words; undefined when it does. */
export function evidenceFault(proofing: Proofing, evidence: IdentityEvidence | undefined): string | undefined {
  if (proofing !== 'P9') return undefined;
  if (!evidence) return 'P9 needs evidence: how the identity was checked, and the documents that were seen';
  const distinct = new Set(evidence.documents.map(({ name }) => name.trim().toLowerCase()));
  if (distinct.size < 2) return 'P9 needs two different documents';
  if (!evidence.documents.some(({ kind }) => kind === 'photo-identity')) return 'One document must be a photo identity';
  return undefined;
}

export const verbs = ['suspend', 'reinstate', 'close'] as const;
export type Verb = (typeof verbs)[number];

const changes: Readonly<Record<Verb, { readonly from: readonly AccountState[]; readonly to: AccountState }>> = {
  suspend: { from: ['active'], to: 'suspended' },
  reinstate: { from: ['suspended'], to: 'active' },
  close: { from: ['active', 'suspended'], to: 'closed' },
};

/** The state an account comes to; undefined where the verb does not apply. What is closed stays closed. */
export function stateAfter(state: AccountState, verb: Verb): AccountState | undefined {
  return changes[verb].from.includes(state) ? changes[verb].to : undefined;
}
