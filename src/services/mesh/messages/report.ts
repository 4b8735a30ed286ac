import type { MessageStamp } from './ids.ts';
import { expiryMillis, type Message, plainMessage } from './message.ts';

/** What went wrong: event, code and words as published (`data/error-codes`). */
export type Failing = { readonly event: string; readonly code: string; readonly text: string };

export const notCollected: Failing = {
  event: 'SEND',
  code: '14',
  text: 'Message not collected by recipient after 5 days',
};
export const mailboxDeactivated: Failing = {
  event: 'SEND',
  code: '14',
  text: 'Message was not collected as the mailbox is deactivated',
};
export const neverComplete: Failing = { event: 'COLLECT', code: '02', text: 'Data file is missing or inaccessible.' };
export const unregisteredTo: Failing = { event: 'SEND', code: '12', text: 'Unregistered to address' };
export const unregisteredWorkflow: Failing = {
  event: 'SEND',
  code: '17',
  text: 'Workflow ID not registered for mailbox',
};

/** The report to the sender of a message that failed: an empty message that waits in the sender's own mailbox. */
export function reportOf(
  failed: Pick<Message, 'messageId' | 'sender' | 'workflowId' | 'localId' | 'subject' | 'fileName' | 'partnerId'>,
  { event, code, text }: Failing,
  { messageId, order }: MessageStamp,
): Message {
  return {
    ...plainMessage,
    mailboxId: failed.sender,
    messageId,
    state: 'accepted',
    messageType: 'REPORT',
    sender: '',
    workflowId: failed.workflowId,
    localId: failed.localId,
    partnerId: failed.partnerId,
    subject: failed.subject,
    fileName: failed.fileName,
    totalChunks: 0,
    sentOrder: order,
    acceptedOrder: order,
    expiresAt: Math.floor(order / 1000) + expiryMillis,
    isSuccess: false,
    statusEvent: event,
    statusCode: code,
    statusDescription: text,
    linkedMessageId: failed.messageId,
  };
}
