import type { Queryable } from '../../../../platform/db/database.ts';
import { type Card, CardError, type CardKeys } from '../../pki/cards.ts';
import type { NationalRoles } from '../../rbac/national-roles.ts';
import type { Done } from '../carry-out.ts';
import { displayName } from '../directory/user-info.ts';
import { loadPerson } from '../loaded.ts';
import { demand, refusal } from '../refusals.ts';
import type { CardDesk } from '../registration-parts.ts';
import type { Actor, Task } from '../rules/authority.ts';
import { mayNotTouch, type Reach } from '../rules/identities.ts';

type Parts = { readonly national: NationalRoles; readonly desk: CardDesk | undefined };
type By = { readonly actor: Actor; readonly now: number };

function desk({ desk: given }: Parts): CardDesk {
  if (!given) throw refusal('not-there', 'This installation issues no cards.');
  return given;
}

/** Issues a card with two certificates; the key files and the passcode are in this answer and nowhere else. */
export async function issueCard(
  tx: Queryable,
  parts: Parts,
  { actor, now }: By,
  userId: string,
  isLocked: boolean,
): Promise<Done> {
  const holder = await touch(tx, parts, actor, userId, 'issue-card', 'home');
  const { card, keys } = await refusing(() =>
    desk(parts).issue(tx, holder, { actor: actor.userId, now }, { isLocked }),
  );
  return done(201, 'card-issued-by-authority', undefined, card, keys);
}

/** Unlocks a card, its passcode stays. The holder must be present, or have asked by their own e-mail (published note). */
export async function unlockCard(tx: Queryable, parts: Parts, { actor, now }: By, of: CardOf): Promise<Done> {
  await touch(tx, parts, actor, of.userId, 'unlock-card', 'one');
  const before = await theirCard(tx, parts, of, now);
  const card = await refusing(() => desk(parts).unlock(tx, of.cardNumber, { actor: actor.userId, now }));
  return done(200, 'card-unlocked-by-authority', before, card);
}

/** Locks a card that was mislaid, until it is found; whoever may unlock it may (ours). Sessions and tokens of its holder end. */
export async function lockCard(tx: Queryable, parts: Parts, { actor, now }: By, of: CardOf): Promise<Done> {
  await touch(tx, parts, actor, of.userId, 'unlock-card', 'one');
  const before = await theirCard(tx, parts, of, now);
  const card = await refusing(() => desk(parts).lock(tx, of.cardNumber, { actor: actor.userId, now }));
  return done(200, 'card-locked-by-authority', before, card);
}

/** Sets a new passcode. It is told to whoever asks, so that it takes what issuing a card takes. */
export async function resetCard(tx: Queryable, parts: Parts, { actor, now }: By, of: CardOf): Promise<Done> {
  const holder = await touch(tx, parts, actor, of.userId, 'issue-card', 'home');
  const before = await theirCard(tx, parts, of, now);
  const { card, keys } = await refusing(() =>
    desk(parts).resetPasscode(tx, of.cardNumber, holder.displayName, { actor: actor.userId, now }),
  );
  return done(200, 'card-passcode-reset-by-authority', before, card, keys);
}

/**
 * Renews the certificates: their holder while they last, an agent or manager at any time. The published rows let sponsors
 * and local administrators renew and reset too; that is for cards whose keys never leave them. Ours are software, and
 * whoever renews one holds its keys.
 */
export async function renewCard(tx: Queryable, parts: Parts, { actor, now }: By, of: CardOf): Promise<Done> {
  const before = await theirCard(tx, parts, of, now);
  const isExpired = before.notAfter !== undefined && before.notAfter <= now;
  const isSelf = actor.userId === of.userId && !isExpired;
  const holder = isSelf
    ? await holderOf(tx, parts, of.userId)
    : await touch(tx, parts, actor, of.userId, 'issue-card', 'home');
  const { card, keys } = await refusing(() =>
    desk(parts).renew(tx, of.cardNumber, holder.displayName, { actor: actor.userId, now }),
  );
  return done(200, 'card-renewed-by-authority', before, card, keys);
}

/** Cancels a card for good. */
export async function cancelCard(
  tx: Queryable,
  parts: Parts,
  { actor, now }: By,
  of: CardOf,
  why: Parameters<CardDesk['cancel']>[2],
): Promise<Done> {
  await touch(tx, parts, actor, of.userId, 'cancel-card', 'one');
  const before = await theirCard(tx, parts, of, now);
  const card = await refusing(() => desk(parts).cancel(tx, of.cardNumber, why, { actor: actor.userId, now }));
  return done(200, 'card-cancelled-by-authority', before, card);
}

export type CardOf = { readonly userId: string; readonly cardNumber: string };

/** The person as a holder, after the rules; cards are given to active identities only. */
async function touch(tx: Queryable, parts: Parts, actor: Actor, userId: string, task: Task, reach: Reach) {
  desk(parts);
  const { person, identity } = await loadPerson(tx, userId, parts.national);
  demand(mayNotTouch(actor, task, identity, reach));
  if (person.status !== 'active' && task !== 'cancel-card') throw refusal('state', `The identity is ${person.status}.`);
  return { userId, displayName: displayName(person) };
}

async function holderOf(tx: Queryable, parts: Parts, userId: string) {
  const { person } = await loadPerson(tx, userId, parts.national);
  if (person.status !== 'active') throw refusal('state', `The identity is ${person.status}.`);
  return { userId, displayName: displayName(person) };
}

async function theirCard(tx: Queryable, parts: Parts, { userId, cardNumber }: CardOf, now: number): Promise<Card> {
  const card = /^[0-9]{12}$/.test(cardNumber) ? await desk(parts).find(tx, cardNumber, now) : undefined;
  if (card?.userId !== userId)
    throw refusal('unknown', `The person has no card ${cardNumber.slice(0, 40).toWellFormed()}.`, 'cardNumber');
  return card;
}

async function refusing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CardError)) throw error;
    if (error.rule === 'unknown-card') throw refusal('unknown', error.message, 'cardNumber');
    throw refusal('state', error.message, 'cardNumber');
  }
}

export const shownCard = (card: Card) => ({
  cardNumber: card.cardNumber,
  state: card.standing,
  notAfter: card.notAfter === undefined ? undefined : new Date(card.notAfter).toISOString(),
  certificates: card.certificates.map(({ serial, usage, notAfter, revokedAt, revocationReason }) => ({
    serial,
    usage,
    notAfter: new Date(notAfter).toISOString(),
    revokedAt: revokedAt === undefined ? undefined : new Date(revokedAt).toISOString(),
    revocationReason,
  })),
});

function done(status: 200 | 201, verb: string, before: Card | undefined, card: Card, keys?: CardKeys): Done {
  const { userId, cardNumber } = card;
  const secrets = keys && {
    passcode: keys.passcode,
    authentication: keys.authentication.toString('base64'),
    contentCommitment: keys.contentCommitment.toString('base64'),
  };
  return {
    status,
    body: { userId, ...shownCard(card), ...(secrets ? { keys: secrets } : {}) },
    isSecret: keys !== undefined,
    changes: [
      {
        subjectId: userId,
        verb,
        before: before ? shownCard(before) : null,
        after: shownCard(card),
        told: { userId, cardNumber, state: card.standing },
      },
    ],
  };
}
