import type { SpineEvent } from '../../../platform/events/outbox.ts';
import type { Message } from './message.ts';

type Told = Pick<Message, 'mailboxId' | 'messageId' | 'sender' | 'workflowId' | 'localId' | 'messageType'>;

/** What has happened to a message, told of the mailbox it is in. `now` in milliseconds. */
export function messageEvent(
  kind: `mesh.message-${string}`,
  message: Told,
  now: number,
  more: object = {},
): SpineEvent {
  const { mailboxId, messageId, sender, workflowId, localId, messageType } = message;
  return {
    subject: mailboxId,
    kind,
    happenedAt: now,
    body: { messageId, sender, recipient: mailboxId, workflowId, localId, messageType, ...more },
  };
}
