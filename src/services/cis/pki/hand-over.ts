import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '../../../platform/db/database.ts';
import { type HandOverRow, handOver, insertHandOver, spendHandOver } from './queries-hand-over.ts';

/** The log-on a secret belongs to: one attempt in one browser, and where that goes on. */
export type Bound = { readonly attemptId: string; readonly browser: string; readonly returnTo: string };

export type CardShown = { readonly userId: string; readonly cardNumber: string };

/** How long each leg of the way to the card port and back may take. */
export const handOverMillis = 60_000;

/** A ticket for the card port. Times in milliseconds. */
export function giveTicket(db: Queryable, bound: Bound, now: number): Promise<string> {
  return give(db, 'ticket', bound, undefined, now);
}

/** What the ticket was given for; undefined when it is unknown, used or over. It is used up by this. */
export async function takeTicket(db: Queryable, ticket: string, now: number): Promise<Bound | undefined> {
  const row = await spendHandOver(db, hashOf(ticket), 'ticket', now);
  return row && { attemptId: row.attempt_id, browser: row.browser, returnTo: row.return_to };
}

/** A proof that a card was shown, to be taken back to the attempt. */
export function giveProof(db: Queryable, bound: Bound, card: CardShown, now: number): Promise<string> {
  return give(db, 'proof', bound, card, now);
}

/** The card that was shown for this very attempt in this very browser; undefined otherwise. The proof stays good. */
export async function seeProof(db: Queryable, proof: string, of: Of, now: number): Promise<CardShown | undefined> {
  return cardFor(of, await handOver(db, hashOf(proof), 'proof', now));
}

/** The same, and the proof is used up, whatever attempt or browser it was for. */
export async function takeProof(db: Queryable, proof: string, of: Of, now: number): Promise<CardShown | undefined> {
  return cardFor(of, await spendHandOver(db, hashOf(proof), 'proof', now));
}

type Of = { readonly id: string; readonly browser: string };

function cardFor({ id, browser }: Of, row: HandOverRow | undefined): CardShown | undefined {
  if (row?.attempt_id !== id || row.browser !== browser || row.user_id === null || row.card_number === null)
    return undefined;
  return { userId: row.user_id, cardNumber: row.card_number };
}

async function give(
  db: Queryable,
  leg: string,
  bound: Bound,
  card: CardShown | undefined,
  now: number,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url');
  await insertHandOver(db, {
    secret_hash: hashOf(secret),
    leg,
    attempt_id: bound.attemptId,
    browser: bound.browser,
    return_to: bound.returnTo,
    user_id: card?.userId ?? null,
    card_number: card?.cardNumber ?? null,
    began_at: now,
    expires_at: now + handOverMillis,
  });
  return secret;
}

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
