import type { Queryable } from '../../../platform/db/database.ts';
import type { Statement } from '../../../platform/db/sql.ts';
import type { SpineEvent } from '../../../platform/events/outbox.ts';
import type { Delivered, EntryCheck, EntryOutcome } from '../messages/entry.ts';
import type { Message } from '../messages/message.ts';
import { UnreadablePayload, withoutGzip } from '../messages/read-payload.ts';
import { checkOnEntry, isAcknowledgmentWorkflow, isResultWorkflow } from './check-on-entry.ts';
import { EdifactFault } from './edifact.ts';
import { type Acknowledgment, readAcknowledgments } from './nhsack.ts';
import { answeredBy, insertResults, noteAnswer, noteCollected, noteUndelivered } from './queries-results.ts';
import { afterAnswer, ediAddress, type Side, trackedFrom } from './tracked-result.ts';

export type ResultParts = {
  readonly db: Queryable;
  /** ODS codes that a mailbox is of; empty where it isn't known. */
  readonly odsCodesOf: (mailboxId: string) => readonly string[];
  /** How long a result may wait for its acknowledgment before it is on the worklist, in milliseconds. */
  readonly dueMillis: number;
};

/** Results larger than this are none; acknowledgments are small, and are read whole. */
const mostResultBytes = 64 * 2 ** 20;
const mostAcknowledgmentBytes = 2 ** 20;

/** Carried by a report; the published code for a message that is not of the type it travels as. */
const invalidType = { event: 'SEND', code: '11' } as const;
const invalidTypeText = 'Invalid Message Type for the transfer';

const nothing: EntryOutcome = { statements: [], events: [] };

/**
 * Looks into laboratory results as they come in, follows each to its clinician, and reads the acknowledgments that go
 * back. A file that is encrypted is carried as it is, unseen; an acknowledgment that cannot be read is carried too, and
 * settles nothing.
 */
export class Results implements EntryCheck {
  readonly #parts: ResultParts;

  constructor(parts: ResultParts) {
    this.#parts = parts;
  }

  concerns(workflowId: string): boolean {
    return isResultWorkflow(workflowId) || isAcknowledgmentWorkflow(workflowId);
  }

  async check(message: Message, payload: AsyncIterable<Buffer>, now: number): Promise<EntryOutcome> {
    if (message.isEncrypted) return nothing;
    return isResultWorkflow(message.workflowId)
      ? this.#takeResult(message, payload, now)
      : this.#takeAcknowledgment(message, payload, now);
  }

  acknowledged(messages: readonly Delivered[], now: number): readonly Statement[] {
    return ofBothSides(messages, (mailboxes, ids, side) => noteCollected(mailboxes, ids, side, now));
  }

  undelivered(messages: readonly Delivered[], now: number): readonly Statement[] {
    return ofBothSides(messages, (mailboxes, ids, side) => noteUndelivered(mailboxes, ids, side, now));
  }

  async #takeResult(message: Message, payload: AsyncIterable<Buffer>, now: number): Promise<EntryOutcome> {
    const { mailboxId, messageId, sender, workflowId } = message;
    let verdict: Awaited<ReturnType<typeof checkOnEntry>>;
    try {
      verdict = await checkOnEntry(workflowId, withoutGzip(payload, mostResultBytes));
    } catch (error) {
      if (!(error instanceof UnreadablePayload)) throw error;
      return { failing: { ...invalidType, text: `${invalidTypeText}: ${error.message}` } };
    }
    if (!verdict.isAccepted) return { failing: { ...invalidType, text: `${invalidTypeText}: ${verdict.fault.text}` } };
    const { interchange } = verdict;
    // what says of itself that it is a test is for no clinician
    if (interchange.isTest) return nothing;
    const odsCodes = this.#parts.odsCodesOf(mailboxId);
    const tracked = trackedFrom(
      interchange,
      { messageId, mailboxId, sender, workflowId, odsCodes },
      now,
      this.#parts.dueMillis,
    );
    const { controlReference } = interchange;
    return {
      statements: [insertResults(tracked)],
      events: [eventOf('mesh.result-sent', message, now, { controlReference, reports: interchange.messages.length })],
    };
  }

  async #takeAcknowledgment(message: Message, payload: AsyncIterable<Buffer>, now: number): Promise<EntryOutcome> {
    let answers: Acknowledgment[];
    try {
      const pieces = await Array.fromAsync(withoutGzip(payload, mostAcknowledgmentBytes));
      answers = readAcknowledgments(Buffer.concat(pieces));
    } catch (error) {
      if (error instanceof UnreadablePayload || error instanceof EdifactFault) return nothing;
      throw error;
    }
    const statements: Statement[] = [];
    const events: SpineEvent[] = [];
    for (const answer of answers) {
      const resultId = await answeredBy(this.#parts.db, {
        from: message.sender,
        to: message.mailboxId,
        controlReference: answer.controlReference,
        ediSender: ediAddress(answer.sender),
        ediRecipient: ediAddress(answer.recipient),
      });
      if (resultId === undefined) continue;
      const { outcome, rejected } = answer;
      const note = {
        messageId: resultId,
        acknowledgmentId: message.messageId,
        outcome,
        rejected,
        ...afterAnswer(outcome),
        now,
      };
      statements.push(
        noteAnswer({ ...note, mailboxId: message.sender, side: 'recipient' }),
        noteAnswer({ ...note, mailboxId: message.mailboxId, side: 'sender' }),
      );
      events.push(eventOf('mesh.result-answered', message, now, { resultId, outcome }));
    }
    return { statements, events };
  }
}

/** The statement for each side of those messages that are results. */
function ofBothSides(
  messages: readonly Delivered[],
  statement: (mailboxIds: readonly string[], messageIds: readonly string[], side: Side) => Statement,
): readonly Statement[] {
  const results = messages.filter(({ workflowId }) => isResultWorkflow(workflowId));
  if (results.length === 0) return [];
  const ids = results.map((one) => one.messageId);
  const recipients = results.map((one) => one.mailboxId);
  const senders = results.map((one) => one.sender);
  return [statement(recipients, ids, 'recipient'), statement(senders, ids, 'sender')];
}

const eventOf = (kind: string, message: Message, now: number, more: object): SpineEvent => ({
  subject: message.mailboxId,
  kind,
  happenedAt: now,
  body: { messageId: message.messageId, sender: message.sender, recipient: message.mailboxId, ...more },
});
