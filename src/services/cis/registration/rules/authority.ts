import type { Role } from '../../../../platform/identity/principal.ts';
import { effectiveActivities, type NationalRoles } from '../../rbac/national-roles.ts';
import type { PositionContent } from '../position-content.ts';

/** Roles in a Registration Authority (published: ra-roles-matrix). */
export type RaRole = 'RAM' | 'AAA' | 'RAA' | 'SPO' | 'IDC' | 'LSA';

/** Who may do what; rows as published, but for those marked ours. */
export const matrix = {
  'create-identity': ['RAM', 'AAA', 'RAA', 'IDC'],
  'change-details': ['RAM', 'AAA', 'RAA', 'IDC'],
  /** Close, reopen; ours: suspend, resume. */
  'close-identity': ['RAM', 'AAA', 'RAA'],
  /** Ours: renewing and resetting too, while cards are software and whoever renews one holds its keys. */
  'issue-card': ['RAM', 'AAA', 'RAA'],
  /** Ours: locking too. */
  'unlock-card': ['RAM', 'AAA', 'RAA', 'SPO', 'LSA'],
  'cancel-card': ['RAM', 'AAA', 'RAA'],
  /** The holder registers their own on the account pages; here somebody else's. */
  'change-authenticators': ['RAM', 'AAA', 'RAA'],
  'propose-position': ['RAM', 'AAA'],
  /** Ours: the published approval in advance by manager and Caldicott Guardian is a second manager's decision here. */
  'decide-position': ['RAM'],
  'request-assignment': ['RAM', 'AAA', 'RAA', 'SPO'],
  /** Ours: what a sponsor may assign by the published row, a sponsor asks for here, and the RA grants. */
  'grant-assignment': ['RAM', 'AAA', 'RAA'],
  'end-assignment': ['RAM', 'AAA', 'RAA', 'SPO'],
  report: ['RAM', 'AAA'],
  /** Ours: whoever acts on an identity may look at it. */
  'view-identity': ['RAM', 'AAA', 'RAA', 'SPO', 'IDC', 'LSA'],
  'view-positions': ['RAM', 'AAA', 'RAA', 'SPO'],
} as const satisfies Record<string, readonly RaRole[]>;
export type Task = keyof typeof matrix;

/** Roles that reach no further than their own organisation (sponsors as published, the others ours). */
const narrow: ReadonlySet<RaRole> = new Set(['SPO', 'LSA']);

/** Somebody acting for a Registration Authority, in one role of theirs. */
export type Actor = {
  readonly userId: string;
  readonly roleProfileId: string;
  readonly odsCode: string;
  readonly standing: ReadonlySet<RaRole>;
};

/** Why something may not be done: our name for the rule, one sentence, the field where it is about one. */
export type Fault = {
  readonly rule: FaultRule;
  readonly words: string;
  readonly field?: string | undefined;
};
export type FaultRule =
  | 'task'
  | 'organisation'
  | 'own-access'
  | 'four-eyes'
  | 'manager-only'
  | 'assignable'
  | 'state'
  | 'version'
  | 'validity'
  | 'value'
  | 'duplicate'
  | 'unknown';

export const fault = (rule: FaultRule, words: string, field?: string): Fault => ({ rule, words, field });

/** An organisation and those above it whose Registration Authority serves it too, nearest first. */
export type Chain = readonly string[];

const managers = new Set(['R5080', 'R5072']);

/**
 * What a role is in a Registration Authority. R5080, R5090, B1300 and B0267 are published; ours: the root manager (R5072)
 * counts as manager, B0062 makes an agent an advanced one and anybody else a local smartcard administrator.
 */
export function standingOf(role: Pick<Role, 'roleCode' | 'activities'>): ReadonlySet<RaRole> {
  const job = role.roleCode.slice(role.roleCode.lastIndexOf(':') + 1);
  const has = (activity: string) => role.activities.includes(activity);
  const standing = new Set<RaRole>();
  if (managers.has(job)) standing.add('RAM');
  if (job === 'R5090') standing.add(has('B0062') ? 'AAA' : 'RAA');
  else if (has('B0062')) standing.add('LSA');
  if (has('B1300')) standing.add('SPO');
  if (has('B0267')) standing.add('IDC');
  return standing;
}

/** The roles of the actor that count for a task in an organisation. */
function rolesFor(actor: Actor, task: Task, chain: Chain | undefined): RaRole[] {
  const may: readonly RaRole[] = matrix[task];
  return [...actor.standing].filter(
    (role) =>
      may.includes(role) &&
      (chain === undefined || (narrow.has(role) ? chain[0] === actor.odsCode : chain.includes(actor.odsCode))),
  );
}

/** Why the actor may not do this in the organisation (undefined: anywhere); undefined when they may. */
export function mayNot(actor: Actor, task: Task, chain: Chain | undefined): Fault | undefined {
  if (rolesFor(actor, task, chain).length > 0) return undefined;
  if (rolesFor(actor, task, undefined).length === 0)
    return fault('task', `This is for ${matrix[task].join(', ')}; your role is none of them.`);
  return fault('organisation', `Your Registration Authority does not serve ${chain?.[0] ?? 'this organisation'}.`);
}

/** Whether the actor does this as a sponsor and nothing more. */
export function isOnlySponsor(actor: Actor, task: Task, chain: Chain): boolean {
  return rolesFor(actor, task, chain).every((role) => role === 'SPO');
}

/** Job roles that only a manager gives; ours. Restricted activities are marked in the national role data. */
const restrictedJobRoles = new Set([...managers, 'R5090', 'R0001', 'R5105', 'R1987', 'R1988']);

/** Whether a position holds what only a manager may give. */
export function isRestricted(
  content: Pick<PositionContent, 'roleCode' | 'activities'>,
  national: Pick<NationalRoles, 'activities' | 'baselines' | 'inclusions'>,
): boolean {
  return (
    restrictedJobRoles.has(content.roleCode) ||
    effectiveActivities(national, content.roleCode, content.activities).some(
      (activity) => national.activities.get(activity)?.isRestricted !== false,
    )
  );
}

/** A manager of an organisation that serves this one. */
export function isManagerOf(actor: Actor, chain: Chain): boolean {
  return actor.standing.has('RAM') && chain.includes(actor.odsCode);
}

export const managerOnly = fault(
  'manager-only',
  'The position holds restricted activities: only a Registration Authority manager decides on it.',
);
