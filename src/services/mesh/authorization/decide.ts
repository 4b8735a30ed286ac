import type { Mailbox } from '../mailboxes/mailbox.ts';
import { instantOf, isHashRight, type MeshToken, readToken } from './token.ts';

/** Why a token is refused: event, code and text as published. */
export type TokenRefusal = { readonly event: string; readonly code: string; readonly text: string };

const refusal = (text: string, event = '', code = ''): TokenRefusal => ({ event, code, text });

export const unreadable: TokenRefusal = refusal('Error reading from Authorization header');
export const otherMailbox: TokenRefusal = refusal('Mailbox id does not match token');
export const noMailbox: TokenRefusal = refusal('No mailbox matched', 'SEND', 'EPL-151');
export const inactive: TokenRefusal = refusal('Request Received from Inactive Mailbox');
export const invalid: TokenRefusal = refusal('Invalid Authentication Token');
export const duplicated: TokenRefusal = refusal('Error Duplicated Authentication Token');

const windowMillis = 2 * 3_600_000;

export type TokenQuestion = {
  readonly header: string | undefined;
  /** The mailbox of the path, upper case. */
  readonly mailboxId: string;
  readonly find: (mailboxId: string) => Mailbox | undefined;
  readonly sharedKey: string;
  /** Instants in milliseconds that count as now: a sandbox whose clock was moved also takes the time of the wall. */
  readonly nows: readonly number[];
};

/**
 * The checks of a token but the last, in the published order (contract, section 2): readable, of the path's mailbox, which
 * is there, and active; its time within two hours; its hash right. What remains is that it was not used before.
 */
export function decideToken(question: TokenQuestion): TokenRefusal | { readonly token: MeshToken; mailbox: Mailbox } {
  const { mailboxId } = question;
  const token = readToken(question.header);
  if (token === undefined) return unreadable;
  if ('onlyMailbox' in token) return token.onlyMailbox === mailboxId ? unreadable : otherMailbox;
  if (token.mailboxId !== mailboxId) return otherMailbox;
  const mailbox = question.find(mailboxId);
  if (!mailbox) return noMailbox;
  if (!mailbox.isActive) return inactive;
  const instant = instantOf(token.timestamp);
  if (instant === undefined || !question.nows.some((now) => Math.abs(now - instant) <= windowMillis)) return invalid;
  const passwords = [mailbox.password];
  for (const { password, until } of mailbox.earlier ?? [])
    if (question.nows.every((now) => now < until)) passwords.push(password);
  if (!passwords.some((password) => isHashRight(token, password, question.sharedKey))) return invalid;
  return { token, mailbox };
}
