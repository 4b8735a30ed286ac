import type { AuditNote } from '../../../platform/audit/entry.ts';
import type { Clock } from '../../../platform/clock/clock.ts';
import { Batch } from '../../../platform/db/batch.ts';
import type { EntryCheck } from './entry.ts';
import { messageEvent } from './events.ts';
import type { MessageIds } from './ids.ts';
import type { Message } from './message.ts';
import { acknowledgeMessages } from './queries.ts';
import { receiptOf } from './receipt.ts';
import { statementsOf } from './send.ts';
import type { Writer } from './writer.ts';

export type Acknowledgment = {
  readonly mailboxId: string;
  readonly messageId: string;
  readonly notes: readonly AuditNote[];
};

/** Acknowledges messages: those of many recipients in the same moment in one transaction. */
export class Acknowledgments {
  readonly #batch: Batch<Acknowledgment, boolean>;

  constructor(writer: Writer, clock: Clock, entry: EntryCheck, ids: MessageIds) {
    this.#batch = new Batch({ maxItems: 100, maxInFlight: 2 }, async (items) => {
      const now = clock.now();
      const { changed } = await writer.write(
        [
          acknowledgeMessages(
            items.map((item) => item.mailboxId),
            items.map((item) => item.messageId),
            now,
          ),
        ],
        ([rows = []]) => {
          // by mailbox too: somebody else may ask for the same message in the same moment
          const changed = new Set(rows.map((row) => placeOf(told(row))));
          const receipts = rows.filter(isReceiptWanted).map((row) => receiptOf(told(row), ids.next()));
          return {
            changed,
            statements: [
              ...entry.acknowledged(rows.map(told), now),
              ...(receipts.length === 0 ? [] : statementsOf(receipts.map(alone), now)),
            ],
            events: [
              ...rows.map((row) => messageEvent('mesh.message-acknowledged', told(row), now)),
              ...receipts.map((receipt) => messageEvent('mesh.message-accepted', receipt, now)),
            ],
            notes: items.filter((item) => changed.has(placeOf(item))).flatMap((item) => item.notes),
          };
        },
      );
      return items.map((item) => changed.has(placeOf(item)));
    });
  }

  /** Resolves when it is durable; false when no such message waits in this mailbox: nothing was changed, nor recorded. */
  acknowledge(item: Acknowledgment): Promise<boolean> {
    return this.#batch.add(item);
  }
}

/** Of a sender who asked, unless it is a report, which has none. */
const isReceiptWanted = (row: Record<string, unknown>) => row.is_receipt_wanted === true && row.sender !== '';
const alone = (message: Message) => ({ message, chunk: undefined, notes: [] });

const placeOf = ({ mailboxId, messageId }: Pick<Message, 'mailboxId' | 'messageId'>) => `${mailboxId} ${messageId}`;

const told = (row: Record<string, unknown>) => ({
  mailboxId: row.mailbox_id as string,
  messageId: row.message_id as string,
  sender: row.sender as string,
  workflowId: row.workflow_id as string,
  localId: row.local_id as string,
  messageType: row.message_type as Message['messageType'],
  subject: row.subject as string,
  fileName: row.file_name as string,
  partnerId: row.partner_id as string,
});
