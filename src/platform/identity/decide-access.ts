import {
  type AccessBasis,
  type AccessDecision,
  type AccessFacts,
  type AccessRequirement,
  type AccessRule,
  type Permission,
  type Relationship,
  type Remedy,
  relationshipKinds,
} from './access.ts';
import type { Principal, Role } from './principal.ts';

type Fault = { readonly detail: string; readonly remedy?: Remedy };
type Rule = (need: AccessRequirement, facts: Known) => Fault | undefined;
type Known = AccessFacts & { readonly principal: Principal };

const known: ReadonlySet<string> = new Set([
  'modes',
  'scopes',
  'level',
  'attributes',
  'subject',
  'role',
  'activities',
  'confidentiality',
  'relationship',
  'permissionToView',
]);

const knownWithin: ReadonlySet<string> = new Set(['anyOf', 'allOf', 'orJobRoles', 'staff', 'patient']);

const confidentialities = ['U', 'R', 'V'];
const proofings = ['P0', 'P5', 'P9'];

/** What an operation declares, whichever way: a list of modes asks for nothing else, of any patient. */
export function requirementOf(access: readonly AccessRequirement['modes'][number][] | AccessRequirement) {
  return 'modes' in access ? access : ({ modes: access, subject: 'none' } as const);
}

/**
 * May this caller do this? Pure: the same facts always get the same answer, and nothing counts that is not stated.
 * Rules are tried in the order of `accessRules`. The access model is that of the CIS contract: mode, scope and level of
 * the token, role with effective activities, legitimate relationship, permission to view.
 */
export function decideAccess(need: AccessRequirement, facts: AccessFacts): AccessDecision {
  const unknown = unknownIn(need);
  if (unknown !== undefined) return refused('requirement', { detail: `Nobody knows the requirement '${unknown}'` });
  if (!facts.principal) return refused('token', { detail: 'A valid access token is needed', remedy: 'log-on' });
  const of = { ...facts, principal: facts.principal };
  for (const [rule, judge] of rules) {
    const fault = judge(need, of);
    if (fault) return refused(rule, fault);
  }
  const basis = basisOf(need, of);
  return { is: 'allowed', why: purposeOf(basis) || basis.by, basis };
}

/** What a declaration says that no rule here reads: a slip of the pen must not open a door. */
function unknownIn(need: AccessRequirement): string | undefined {
  const strange = Object.keys(need).find((key) => !known.has(key));
  if (strange !== undefined) return strange;
  const { activities, level: least } = need;
  if (activities && Object.keys(activities).length === 0) return 'activities';
  const inner = { ...activities, ...least };
  return Object.keys(inner).find((key) => !knownWithin.has(key));
}

const refused = (rule: AccessRule, fault: Fault): AccessDecision => ({ is: 'refused', rule, ...fault });

const rules: readonly (readonly [AccessRule, Rule])[] = [
  ['mode', mode],
  ['scope', scope],
  ['level', level],
  ['attribute', attribute],
  ['own-record', ownRecord],
  ['role', role],
  ['activity', activity],
  ['confidentiality', confidentiality],
  ['relationship', relationship],
  ['permission-to-view', permissionToView],
];

function mode({ modes }: AccessRequirement, { principal }: Known): Fault | undefined {
  if (modes.includes(principal.mode)) return undefined;
  return { detail: `This is not open to ${principal.mode} access` };
}

function scope({ scopes }: AccessRequirement, { principal }: Known): Fault | undefined {
  if (scopes === undefined || scopes.some((one) => principal.scopes.includes(one))) return undefined;
  return { detail: 'The access token has none of the scopes that this needs' };
}

function level({ level: least }: AccessRequirement, { principal }: Known): Fault | undefined {
  if (least === undefined) return undefined;
  if (principal.mode === 'healthcare-worker' && least.staff !== undefined && staffLevelOf(principal) < least.staff)
    return { detail: `This needs log-on at level AAL${least.staff}`, remedy: 'log-on-stronger' };
  if (principal.mode === 'patient-access' && least.patient !== undefined) {
    if (proofings.indexOf(principal.proofing ?? '') < proofings.indexOf(least.patient))
      return { detail: `This needs an identity proved at level ${least.patient}`, remedy: 'log-on-stronger' };
  }
  return undefined;
}

/** The authentication assurance level of a member of staff: as the token says, or as its scopes prove; 0 unknown. */
function staffLevelOf(principal: Principal): number {
  const stated = /^aal([123])$/.exec(principal.level ?? '')?.[1];
  if (stated !== undefined) return Number(stated);
  return Math.max(0, ...principal.scopes.map((one) => Number(/:aal([123]):/.exec(one)?.[1] ?? 0)));
}

function attribute({ attributes }: AccessRequirement, { principal }: Known): Fault | undefined {
  const missing = Object.entries(attributes ?? {}).find(([name, value]) => principal.attributes[name] !== value);
  return missing && { detail: `The application is not registered with ${missing[0]} = ${missing[1]}` };
}

/** A patient reaches their own record and nobody else's, whatever an operation declares. */
function ownRecord({ subject }: AccessRequirement, { principal, nhsNumber }: Known): Fault | undefined {
  if (principal.mode !== 'patient-access') return undefined;
  if (nhsNumber === undefined && subject === 'none') return undefined;
  if (nhsNumber !== undefined && nhsNumber === principal.nhsNumber) return undefined;
  return { detail: 'A patient has access to their own record only' };
}

const isStaff = ({ principal }: Known): boolean => principal.mode === 'healthcare-worker';

function role(need: AccessRequirement, facts: Known): Fault | undefined {
  if (need.role === undefined || !isStaff(facts)) return undefined;
  const isOwn = facts.principal.roles?.some((one) => one.roleProfileId === facts.role?.roleProfileId);
  return isOwn ? undefined : { detail: 'This needs a role of the user, chosen for the request', remedy: 'choose-role' };
}

function activity({ activities }: AccessRequirement, facts: Known): Fault | undefined {
  if (activities === undefined || !isStaff(facts)) return undefined;
  const { anyOf, allOf, orJobRoles = [] } = activities;
  if (facts.role && orJobRoles.includes(jobRoleOf(facts.role))) return undefined;
  const held = new Set(facts.role?.activities);
  if (anyOf !== undefined && !anyOf.some((one) => held.has(one)))
    return { detail: `This needs one of the activities ${anyOf.join(', ')}`, remedy: 'choose-role' };
  const missing = allOf?.find((one) => !held.has(one));
  if (missing !== undefined) return { detail: `This needs the activity ${missing}`, remedy: 'choose-role' };
  // job roles alone: nothing else opens it
  if (anyOf === undefined && allOf === undefined && activities.orJobRoles !== undefined)
    return { detail: `This needs the job role ${orJobRoles.join(' or ')}`, remedy: 'choose-role' };
  return undefined;
}

/** The job role (R code): the last part of a role code such as `S8000:G8000:R8000`. */
export function jobRoleOf({ roleCode }: Pick<Role, 'roleCode'>): string {
  return roleCode.slice(roleCode.lastIndexOf(':') + 1);
}

function confidentiality({ confidentiality: most }: AccessRequirement, facts: Known): Fault | undefined {
  if (most === undefined || facts.principal.mode === 'patient-access') return undefined;
  const level = confidentialities.indexOf(facts.confidentiality ?? '');
  if (level >= 0 && level <= confidentialities.indexOf(most)) return undefined;
  return { detail: 'The record is not open to this request' };
}

function relationship({ relationship: need = 'none' }: AccessRequirement, facts: Known): Fault | undefined {
  if (need === 'none' || facts.principal.mode === 'patient-access') return undefined;
  const strongest = strongestOf(facts.relationships);
  if (need === 'wanted' && strongest) return undefined;
  if (need === 'required' && strongest && strongest.kind !== 'self-claimed') return undefined;
  return need === 'wanted'
    ? { detail: 'There is no legitimate relationship with the patient', remedy: 'claim-relationship' }
    : { detail: 'This needs a legitimate relationship with the patient that somebody else established' };
}

function strongestOf(relationships: readonly Relationship[] = []): Relationship | undefined {
  for (const kind of relationshipKinds) {
    const found = relationships.find((one) => one.kind === kind);
    if (found) return found;
  }
  return undefined;
}

function permissionToView({ permissionToView: need }: AccessRequirement, facts: Known): Fault | undefined {
  if (!need || facts.principal.mode === 'patient-access') return undefined;
  const value = facts.permission?.value;
  if (value === 'asked-and-given' || value === 'standing' || value === 'emergency') return undefined;
  return value === 'refused'
    ? { detail: 'The patient has refused permission to view', remedy: 'ask-permission' }
    : { detail: 'The patient was not asked for permission to view', remedy: 'ask-permission' };
}

function basisOf(need: AccessRequirement, facts: Known): AccessBasis {
  if (facts.principal.mode === 'patient-access') return { by: 'own-record' };
  const wanted = need.relationship ?? 'none';
  return {
    by: !isStaff(facts) ? 'application' : facts.role ? 'role' : 'staff',
    relationship: wanted === 'none' ? undefined : strongestOf(facts.relationships),
    permission: need.permissionToView ? facts.permission : undefined,
  };
}

const permissionWords: Record<Permission['value'], string> = {
  'asked-and-given': 'permission asked and given',
  standing: 'standing permission',
  emergency: 'emergency access',
  refused: '',
};

/**
 * The basis in words for the audit and for the patient, e.g. `self-claimed relationship; emergency access (law)`. Never
 * what somebody typed: patients read this, and staff stay unnamed.
 */
export function purposeOf({ by, relationship: held, permission }: AccessBasis): string {
  const words = [
    by === 'own-record' ? 'own record' : '',
    held ? `${held.kind} relationship`.replace('registration relationship', 'registered here') : '',
    permission ? `${permissionWords[permission.value]}${permission.reason ? ` (${permission.reason})` : ''}` : '',
  ];
  return words.filter((one) => one !== '').join('; ');
}
