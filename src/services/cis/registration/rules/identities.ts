import type { PersonStatus } from './assignments.ts';
import { type Actor, type Chain, type Fault, fault, mayNot, type Task } from './authority.ts';

/** An identity as rules about it see it. */
export type Identity = {
  readonly userId: string;
  readonly status: PersonStatus;
  /** Organisations in which they hold a position, each with those above it; the first they came to first. */
  readonly chains: readonly Chain[];
  /** Organisations that asked for a position for them. */
  readonly requested: readonly Chain[];
  /** The organisation they came to first of those they are in, else the one that registered them. */
  readonly home: Chain;
  /** They hold a position with restricted activities. */
  readonly isRestricted: boolean;
};

/**
 * How much of a person's work the actor's Registration Authority must serve: one organisation of theirs (any RA, while
 * they have none), all of them, or the one they came to first.
 */
export type Reach = 'one' | 'all' | 'home';

/**
 * Why the actor may not act on an identity itself (details, standing, cards, authenticators); undefined when they may.
 * The reach is ours: who gives out means of log-on can act in the person's name everywhere, so that needs the home
 * organisation, which nobody becomes by giving somebody a position. One who holds restricted activities is dealt with by
 * a manager.
 */
export function mayNotTouch(actor: Actor, task: Task, person: Identity, reach: Reach = 'one'): Fault | undefined {
  if (actor.userId === person.userId) return fault('own-access', 'Nobody changes their own access.');
  const unable = outOfReach(actor, task, person, reach);
  if (unable) return unable;
  if (person.isRestricted && !actor.standing.has('RAM'))
    return fault('manager-only', 'The person holds restricted activities: only a manager acts on their identity.');
  return undefined;
}

/** Why the actor may not look at an identity; undefined when they may. Whoever shall decide on a request may look. */
export function mayNotLook(actor: Actor, task: 'view-identity' | 'report', person: Identity): Fault | undefined {
  const chains = [...person.chains, ...person.requested];
  return outOfReach(actor, task, { ...person, chains }, 'one');
}

function outOfReach(actor: Actor, task: Task, person: Identity, reach: Reach): Fault | undefined {
  if (reach === 'home') return mayNot(actor, task, person.home);
  const faults = (person.chains.length === 0 ? [undefined] : person.chains).map((chain) => mayNot(actor, task, chain));
  const hindering = faults.filter((one) => one !== undefined);
  const isHindered = reach === 'all' ? hindering.length > 0 : hindering.length === faults.length;
  return isHindered ? hindering[0] : undefined;
}

const follows: Readonly<
  Record<'suspend' | 'resume' | 'close' | 'reopen', readonly [readonly PersonStatus[], PersonStatus]>
> = {
  suspend: [['active'], 'suspended'],
  resume: [['suspended'], 'active'],
  close: [['active', 'suspended'], 'closed'],
  reopen: [['closed'], 'active'],
};
export type StandingVerb = keyof typeof follows;

/** The identity's status after the verb, or why it may not follow. */
export function statusAfter(verb: StandingVerb, status: PersonStatus): PersonStatus | Fault {
  const [from, to] = follows[verb];
  return from.includes(status) ? to : fault('state', `The identity is ${status}: "${verb}" may not follow.`);
}
