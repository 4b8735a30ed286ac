import { type Statement, sql } from '../../../platform/db/sql.ts';
import type { Failing } from './report.ts';

/** Ends messages that have waited too long, up to a limit. Times in milliseconds. */
export const endOverdue = (
  state: 'accepted' | 'uploading',
  becomes: 'undeliverable' | 'error',
  { event, code, text }: Failing,
  now: number,
  limit: number,
): Statement => sql`
  update mesh.message m
     set state = ${becomes}, ended_at = ${new Date(now)}, is_success = false, status_event = ${event},
         status_code = ${code}, status_description = ${text}
    from (select mailbox_id, message_id from mesh.message
           where state = ${state} and expires_at <= ${new Date(now)} order by expires_at limit ${limit}) as due
   where m.mailbox_id = due.mailbox_id and m.message_id = due.message_id and m.state = ${state}
  returning m.*`;

/** Ends what waits in mailboxes that were deactivated, up to a limit. */
export const endInMailboxes = (
  mailboxIds: readonly string[],
  { event, code, text }: Failing,
  now: number,
  limit: number,
): Statement => sql`
  update mesh.message m
     set state = 'undeliverable', ended_at = ${new Date(now)}, is_success = false, status_event = ${event},
         status_code = ${code}, status_description = ${text}
    from (select mailbox_id, message_id from mesh.message
           where mailbox_id = any(${mailboxIds}::text[]) and state = 'accepted' limit ${limit}) as due
   where m.mailbox_id = due.mailbox_id and m.message_id = due.message_id and m.state = 'accepted'
  returning m.*`;

/** Deletes messages that have had their time, up to a limit. */
export const deleteMessages = (before: number, limit: number): Statement => sql`
  delete from mesh.message m
   using (select mailbox_id, message_id from mesh.message where sent_at < ${new Date(before)} limit ${limit}) as due
   where m.mailbox_id = due.mailbox_id and m.message_id = due.message_id
  returning m.mailbox_id, m.message_id`;

/** Deletes chunks of messages; where their bytes are. */
export const deleteChunks = (mailboxIds: readonly string[], messageIds: readonly string[]): Statement => sql`
  delete from mesh.chunk c
   using unnest(${mailboxIds}::text[], ${messageIds}::text[]) as t(mailbox_id, message_id)
   where c.mailbox_id = t.mailbox_id and c.message_id = t.message_id
  returning c.reference`;

export const deleteOutbox = (before: number): Statement => sql`
  delete from mesh.outbox where sent_at < ${new Date(before)}`;
export const deleteAddresses = (before: number): Statement => sql`
  delete from mesh.message_address where sent_at < ${new Date(before)}`;
export const deleteIdempotencyKeys = (before: number): Statement => sql`
  delete from mesh.idempotency where sent_at < ${new Date(before)}`;

/** Which of these references some chunk has. */
export const referencesInUse = (references: readonly string[]): Statement => sql`
  select reference from mesh.chunk where reference = any(${references}::text[])`;
