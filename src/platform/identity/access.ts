import type { AccessMode, Principal, Role } from './principal.ts';

/** How confidential a record is: unrestricted, restricted (no location), very restricted. */
export type Confidentiality = 'U' | 'R' | 'V';

/**
 * What an operation asks of a caller; an operation declares one, and `decideAccess` judges by it. Everything but `modes`
 * narrows. Rules about a person's role concern staff only: a patient is held to their own record, an application by its
 * modes, scopes and attributes.
 */
export type AccessRequirement = {
  readonly modes: readonly AccessMode[];
  /** One of these scopes, letter for letter. */
  readonly scopes?: readonly string[];
  /** The least level of log-on: authentication assurance of staff, identity proofing of patients. */
  readonly level?: { readonly staff?: 1 | 2 | 3; readonly patient?: 'P0' | 'P5' | 'P9' };
  /** Application attributes that must be registered with these values. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** `patient` (default): it concerns one patient's record; `none`: it concerns no patient. */
  readonly subject?: 'patient' | 'none';
  /** A role must have been settled (the `NHSD-Session-URID` step). */
  readonly role?: 'session-urid';
  /** Effective activities of the role; a job role of `orJobRoles` (last part of the role code) does instead of them. */
  readonly activities?: {
    readonly anyOf?: readonly string[];
    readonly allOf?: readonly string[];
    readonly orJobRoles?: readonly string[];
  };
  /** The most confidential record it may open. */
  readonly confidentiality?: Confidentiality;
  /** `wanted`: any, a self-claimed one too; `required`: one that somebody else established. */
  readonly relationship?: 'none' | 'wanted' | 'required';
  /** The patient's permission to view, or an emergency in its place. */
  readonly permissionToView?: boolean;
};

/** Relationships between a patient and a member of staff or their organisation, the strongest first. */
export const relationshipKinds = ['registration', 'referral', 'episode', 'colleague-entered', 'self-claimed'] as const;
export type RelationshipKind = (typeof relationshipKinds)[number];

/** A relationship that holds now. */
export type Relationship = {
  readonly kind: RelationshipKind;
  /** Our name for it; a registration has none: it is PDS's. */
  readonly id?: string | undefined;
};

/** Reasons for which a record may be viewed without asking (published). */
export const emergencyReasons = ['public interest', 'law', 'patient unable to consent, in their interest'] as const;

/** The patient's permission to view as it stands for this caller. */
export type Permission = {
  readonly value: 'asked-and-given' | 'standing' | 'emergency' | 'refused';
  readonly reason?: (typeof emergencyReasons)[number] | undefined;
};

/** All that the decision looks at. What is not known is left out, and never counts in the caller's favour. */
export type AccessFacts = {
  readonly principal: Principal | undefined;
  /** The role settled for this request, with its effective activities. */
  readonly role?: Role | undefined;
  /** Whose record is concerned. */
  readonly nhsNumber?: string | undefined;
  readonly confidentiality?: Confidentiality | undefined;
  readonly relationships?: readonly Relationship[] | undefined;
  readonly permission?: Permission | undefined;
};

/** The rules in the order in which they are tried; the first that fails is the one a refusal names. */
export const accessRules = [
  'requirement',
  'token',
  'mode',
  'scope',
  'level',
  'attribute',
  'own-record',
  'role',
  'activity',
  'confidentiality',
  'relationship',
  'permission-to-view',
] as const;
export type AccessRule = (typeof accessRules)[number];

/** On what an allowed access rests, for the audit. */
export type AccessBasis = {
  readonly by: 'own-record' | 'role' | 'staff' | 'application';
  readonly relationship?: Relationship | undefined;
  readonly permission?: Permission | undefined;
};

/** What the caller might do about a refusal; undefined where nothing helps. */
export type Remedy = 'log-on' | 'log-on-stronger' | 'choose-role' | 'claim-relationship' | 'ask-permission';

export type AccessDecision =
  | { readonly is: 'allowed'; readonly why: string; readonly basis: AccessBasis }
  | {
      readonly is: 'refused';
      readonly rule: AccessRule;
      /** One sentence for a person; nothing about the patient. */
      readonly detail: string;
      readonly remedy?: Remedy | undefined;
    };
