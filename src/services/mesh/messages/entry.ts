import type { Statement } from '../../../platform/db/sql.ts';
import type { SpineEvent } from '../../../platform/events/outbox.ts';
import type { Message } from './message.ts';
import type { Failing } from './report.ts';

/** What came of looking into a message that is whole: why it is not delivered, or what is written along with it. */
export type EntryOutcome =
  | { readonly failing: Failing }
  | { readonly statements: readonly Statement[]; readonly events: readonly SpineEvent[] };

export type Delivered = Pick<Message, 'mailboxId' | 'messageId' | 'sender' | 'workflowId'>;

/** What looks into messages of some workflows before they are accepted, and is told how they end. */
export type EntryCheck = {
  concerns(workflowId: string): boolean;
  /** `payload` is all of it, as sent. `now` in milliseconds. */
  check(message: Message, payload: AsyncIterable<Buffer>, now: number): Promise<EntryOutcome>;
  /** Statements for messages that their recipients have just acknowledged. */
  acknowledged(messages: readonly Delivered[], now: number): readonly Statement[];
  /** Statements for messages that have just ended without being collected. */
  undelivered(messages: readonly Delivered[], now: number): readonly Statement[];
};
