import type { Queryable } from '../../../platform/db/database.ts';
import { type Statement, sql } from '../../../platform/db/sql.ts';
import type { TrackedResult } from './tracked-result.ts';

/** Writes what is to be followed; rows that are there already stay as they are. */
export function insertResults(results: readonly TrackedResult[]): Statement {
  const rows = JSON.stringify(
    results.map((one) => ({
      mailbox_id: one.mailboxId,
      message_id: one.messageId,
      side: one.side,
      other_mailbox: one.otherMailbox,
      workflow_id: one.workflowId,
      control_reference: one.controlReference,
      edi_sender: one.ediSender,
      edi_recipient: one.ediRecipient,
      is_acknowledgment_asked: one.isAcknowledgmentAsked,
      concern: one.concern,
      reports: JSON.stringify(one.reports),
      sent_at: new Date(one.sentAt),
      due_at: new Date(one.dueAt),
    })),
  );
  return sql`
    insert into mesh.result (
      mailbox_id, message_id, side, other_mailbox, workflow_id, control_reference, edi_sender, edi_recipient,
      is_acknowledgment_asked, concern, reports, sent_at, due_at, outcome, rejected, is_open)
    select mailbox_id, message_id, side, other_mailbox, workflow_id, control_reference, edi_sender, edi_recipient,
           is_acknowledgment_asked, concern, reports, sent_at, due_at, '', '{}', true
      from json_to_recordset(${rows}::json) as t(
        mailbox_id text, message_id text, side text, other_mailbox text, workflow_id text, control_reference text,
        edi_sender text, edi_recipient text, is_acknowledgment_asked boolean, concern text, reports text,
        sent_at timestamptz, due_at timestamptz)
    on conflict (mailbox_id, message_id, side) do nothing`;
}

/**
 * The message that an acknowledgment from a mailbox is about, by reference and both EDI addresses; references come round
 * again, so it is the latest that is open, or else the latest.
 */
export async function answeredBy(
  db: Queryable,
  answer: { from: string; to: string; controlReference: string; ediSender: string; ediRecipient: string },
): Promise<string | undefined> {
  const [row] = await db.query<{ message_id: string }>(sql`
    select message_id from mesh.result
     where mailbox_id = ${answer.from} and control_reference = ${answer.controlReference}
       and side = 'recipient' and other_mailbox = ${answer.to}
       and edi_sender = ${answer.ediSender} and edi_recipient = ${answer.ediRecipient}
     order by is_open desc, sent_at desc, message_id desc
     limit 1`);
  return row?.message_id;
}

/** What became of a result, on the side of one party. Times in milliseconds. */
export type Answer = {
  readonly mailboxId: string;
  readonly side: TrackedResult['side'];
  readonly messageId: string;
  readonly acknowledgmentId: string;
  readonly outcome: string;
  readonly rejected: readonly string[];
  readonly isOpen: boolean;
  readonly isDueNow: boolean;
  readonly now: number;
};

export const noteAnswer = (answer: Answer): Statement => sql`
  update mesh.result
     set answered_at = ${new Date(answer.now)}, acknowledgment_id = ${answer.acknowledgmentId},
         outcome = ${answer.outcome}, rejected = ${answer.rejected}::text[],
         is_open = ${answer.isOpen}::boolean and closed_at is null,
         due_at = case when ${answer.isDueNow}::boolean then least(due_at, ${new Date(answer.now)}::timestamptz) else due_at end
   where mailbox_id = ${answer.mailboxId} and message_id = ${answer.messageId} and side = ${answer.side}`;

/** The recipient has the message; where no acknowledgment was asked for, nor one given, that settles it. */
export const noteCollected = (
  mailboxIds: readonly string[],
  messageIds: readonly string[],
  side: TrackedResult['side'],
  now: number,
): Statement => sql`
  update mesh.result r
     set collected_at = coalesce(r.collected_at, ${new Date(now)}::timestamptz),
         is_open = r.is_open and (r.is_acknowledgment_asked or r.concern <> '' or r.outcome <> '')
    from unnest(${mailboxIds}::text[], ${messageIds}::text[]) as t(mailbox_id, message_id)
   where r.mailbox_id = t.mailbox_id and r.message_id = t.message_id and r.side = ${side}`;

/** The message ended without being collected: it is due at once. */
export const noteUndelivered = (
  mailboxIds: readonly string[],
  messageIds: readonly string[],
  side: TrackedResult['side'],
  now: number,
): Statement => sql`
  update mesh.result r
     set concern = 'undelivered', due_at = least(r.due_at, ${new Date(now)}::timestamptz)
    from unnest(${mailboxIds}::text[], ${messageIds}::text[]) as t(mailbox_id, message_id)
   where r.mailbox_id = t.mailbox_id and r.message_id = t.message_id and r.side = ${side} and r.is_open`;

/** What of a worklist is asked for: where the page before ended, one clinician's, how many. */
export type DueFilter = {
  readonly after: { readonly dueAt: number; readonly messageId: string; readonly side: string } | undefined;
  readonly clinician: string | undefined;
  readonly limit: number;
};

/**
 * Open results of these mailboxes that are due, the longest due first; of each mailbox as many as are asked for are read. A
 * clinician's code is looked for in the text first, which costs less than to read it as JSON.
 */
export async function dueResults(
  db: Queryable,
  mailboxIds: readonly string[],
  now: number,
  { after, clinician, limit }: DueFilter,
): Promise<TrackedResult[]> {
  const rows = await db.query(sql`
    select r.* from unnest(${mailboxIds}::text[]) as t(mailbox)
     cross join lateral (
       select * from mesh.result
        where mailbox_id = t.mailbox and is_open and due_at <= ${new Date(now)}
          and (due_at, message_id, side) > (${new Date(after?.dueAt ?? 0)}::timestamptz, ${after?.messageId ?? ''}, ${after?.side ?? ''})
          and case when ${clinician ?? null}::text is null then true
                   when position(${`"${clinician ?? ''}"`}::text in reports) = 0 then false
                   else reports::jsonb @> jsonb_build_array(jsonb_build_object('clinician', ${clinician ?? null}::text)) end
        order by due_at, message_id, side
        limit ${limit}) r
     order by r.due_at, r.message_id, r.side
     limit ${limit}`);
  return rows.map(resultOf);
}

/** The rows of one interchange in one mailbox: two where a mailbox has sent to itself. */
export async function resultsOf(db: Queryable, mailboxId: string, messageId: string): Promise<TrackedResult[]> {
  const rows = await db.query(sql`
    select * from mesh.result where mailbox_id = ${mailboxId} and message_id = ${messageId} order by side`);
  return rows.map(resultOf);
}

/** Takes an open result off a worklist; the number of rows that were open. */
export async function closeResult(
  db: Queryable,
  { mailboxId, messageId }: Pick<TrackedResult, 'mailboxId' | 'messageId'>,
  { by, reason, now }: { by: string; reason: string; now: number },
): Promise<number> {
  const rows = await db.query(sql`
    update mesh.result
       set is_open = false, closed_at = ${new Date(now)}, closed_by = ${by}, closed_reason = ${reason}
     where mailbox_id = ${mailboxId} and message_id = ${messageId} and is_open
    returning side`);
  return rows.length;
}

/** Forgets what was sent before this moment (milliseconds) and is settled. */
export const forgetSettledResults = (before: number): Statement => sql`
  delete from mesh.result where sent_at < ${new Date(before)} and not is_open`;

export const emptyResults = (): Statement => sql`delete from mesh.result`;

function resultOf(row: Record<string, unknown>): TrackedResult {
  const millis = (value: unknown) => (value === null ? undefined : (value as Date).getTime());
  return {
    mailboxId: row.mailbox_id,
    messageId: row.message_id,
    side: row.side,
    otherMailbox: row.other_mailbox,
    workflowId: row.workflow_id,
    controlReference: row.control_reference,
    ediSender: row.edi_sender,
    ediRecipient: row.edi_recipient,
    isAcknowledgmentAsked: row.is_acknowledgment_asked,
    concern: row.concern,
    reports: JSON.parse(row.reports as string),
    sentAt: millis(row.sent_at),
    dueAt: millis(row.due_at),
    collectedAt: millis(row.collected_at),
    answeredAt: millis(row.answered_at),
    outcome: row.outcome,
    rejected: row.rejected,
    isOpen: row.is_open,
  } as TrackedResult;
}
