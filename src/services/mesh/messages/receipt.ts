import type { MessageStamp } from './ids.ts';
import type { Message } from './message.ts';
import { reportOf } from './report.ts';

/** The workflow of delivery receipts: ours, and sent only to those who asked. */
export const receiptWorkflowId = 'OPENSPINE_DELIVERY_RECEIPT';

const acknowledgedByRecipient = { event: 'RECEIPT', code: '00', text: 'Acknowledged by recipient' } as const;

/** The receipt for a message that was acknowledged: a report of success in its sender's own mailbox. */
export function receiptOf(acknowledged: Parameters<typeof reportOf>[0], stamp: MessageStamp): Message {
  return {
    ...reportOf(acknowledged, acknowledgedByRecipient, stamp),
    workflowId: receiptWorkflowId,
    isSuccess: true,
  };
}
