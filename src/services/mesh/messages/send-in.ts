import { Readable } from 'node:stream';
import type { Queryable } from '../../../platform/db/database.ts';
import { insertEvents } from '../../../platform/events/outbox.ts';
import { secretOf } from '../payloads/payloads.ts';
import { messageEvent } from './events.ts';
import { expiryMillis, type Message, plainMessage } from './message.ts';
import type { MessageParts } from './parts.ts';
import { statementsOf } from './send.ts';

/** What another service of this Spine sends: from a mailbox to a mailbox, in one piece. */
export type ServiceMessage = {
  readonly from: string;
  readonly to: string;
  readonly workflowId: string;
  readonly payload: Buffer;
  readonly localId?: string;
  readonly subject?: string;
  readonly fileName?: string;
  readonly contentType?: string;
};

const mostBytes = 100 * 2 ** 20;

/**
 * Sends in the caller's transaction: the message is there exactly when the transaction is committed; its id. The mailboxes are
 * the caller's to know (`find`): nothing is checked, nothing audited. Throws for an empty payload, and beyond 100 MB.
 */
export async function sendIn(parts: MessageParts, tx: Queryable, sending: ServiceMessage): Promise<string> {
  const { messageId, order } = parts.ids.next();
  const { key, sealedKey } = parts.payloads.newKey(messageId);
  const secret = secretOf(key, messageId, 1);
  const chunk = await parts.payloads.receive(Readable.from([sending.payload]), mostBytes, secret, 1);
  if (!chunk) throw new RangeError('A message has a payload.');
  const now = Math.floor(order / 1000);
  const { from, to, payload: _payload, ...said } = sending;
  const message: Message = {
    ...plainMessage,
    fileName: `${messageId}.dat`,
    ...said,
    mailboxId: to,
    messageId,
    sender: from,
    state: 'accepted',
    fileSize: chunk.length,
    sentOrder: order,
    acceptedOrder: order,
    expiresAt: now + expiryMillis,
    sealedKey,
  };
  for (const statement of statementsOf([{ message, chunk, notes: [] }], now)) await tx.query(statement);
  await tx.query(insertEvents([messageEvent('mesh.message-accepted', message, now)]));
  return messageId;
}
