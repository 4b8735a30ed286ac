import type { Queryable } from '../../../platform/db/database.ts';
import type { Message } from './message.ts';
import { messageOf, selectAddress, selectMessage } from './queries.ts';

/** Whose message this is, by its id; undefined where there is none. */
export async function addressOf(
  db: Queryable,
  messageId: string,
): Promise<{ recipient: string; sender: string } | undefined> {
  const [row] = await db.query<{ recipient: string; sender: string }>(selectAddress(messageId));
  return row;
}

/** The message of this id in a mailbox. */
export async function messageIn(db: Queryable, mailboxId: string, messageId: string): Promise<Message | undefined> {
  const [row] = await db.query(selectMessage(mailboxId, messageId));
  return row && messageOf(row);
}
