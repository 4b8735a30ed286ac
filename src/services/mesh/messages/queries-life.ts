import { raw, type Statement, sql } from '../../../platform/db/sql.ts';
import type { Failing } from './report.ts';

/** A limit as text, so that a plan made once knows that few rows will come, however large the tables are. */
const written = (limit: number) => raw(String(Math.floor(limit)));

/**
 * Ends messages that have waited too long, up to a limit. Times in milliseconds. They are found by when they expire, which
 * the index has of all that has not ended, and then by their key: a plain condition on the state would have PostgreSQL go through
 * everything that waits.
 */
export const endOverdue = (
  state: 'accepted' | 'uploading',
  becomes: 'undeliverable' | 'error',
  { event, code, text }: Failing,
  now: number,
  limit: number,
): Statement => {
  const itself = raw(`'${state}'`);
  return sql`
  update mesh.message m
     set state = ${becomes}, ended_at = ${new Date(now)}, is_success = false, status_event = ${event},
         status_code = ${code}, status_description = ${text}
    from (select mailbox_id, message_id from mesh.message
           where ended_at is null and case state when ${itself} then true else false end
             and expires_at <= ${new Date(now)} order by expires_at limit ${written(limit)}) as due
   where m.mailbox_id = due.mailbox_id and m.message_id = due.message_id
     and case m.state when ${itself} then true else false end
  returning m.*`;
};

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
    from (select t.mailbox_id, w.message_id from unnest(${mailboxIds}::text[]) as t(mailbox_id)
           cross join lateral (
             select message_id from mesh.message
              where mailbox_id = t.mailbox_id and state = 'accepted' order by accepted_order limit ${written(limit)}) w
           limit ${written(limit)}) as due
   where m.mailbox_id = due.mailbox_id and m.message_id = due.message_id
     and case m.state when 'accepted' then true else false end
  returning m.*`;

/**
 * Deletes all there is of messages that have had their time, oldest first, up to a limit: their ids, and where payloads are.
 * What another round deletes in the same moment is told by that one alone.
 */
export const deleteMessages = (before: number, limit: number): Statement => sql`
  with due as (select message_id, recipient, sender from mesh.message_address
                where sent_at < ${new Date(before)} order by sent_at limit ${written(limit)}),
       gone as (delete from mesh.message_address a using due where a.message_id = due.message_id
                returning a.message_id),
       messages as (delete from mesh.message m using due
                     where m.mailbox_id = due.recipient and m.message_id = due.message_id),
       sent as (delete from mesh.outbox o using due
                 where o.mailbox_id = due.sender and o.message_id = due.message_id),
       chunks as (delete from mesh.chunk c using due
                   where c.mailbox_id = due.recipient and c.message_id = due.message_id
                  returning c.message_id, c.reference)
  select gone.message_id, array_remove(array_agg(chunks.reference), null) as "references"
    from gone left join chunks using (message_id) group by gone.message_id`;

export const deleteIdempotencyKeys = (before: number): Statement => sql`
  delete from mesh.idempotency where sent_at < ${new Date(before)}`;

/** Which of these references some chunk has. */
export const referencesInUse = (references: readonly string[]): Statement => sql`
  select reference from mesh.chunk where reference = any(${references}::text[])`;

/** Which of the tables that each message goes to have grown tenfold since statistics were taken of them. */
export const selectOutgrown: Statement = sql`
  select oid::regclass::text as name from pg_class
   where oid in ('mesh.message'::regclass, 'mesh.chunk'::regclass, 'mesh.outbox'::regclass, 'mesh.message_address'::regclass)
     and pg_relation_size(oid) / current_setting('block_size')::int > 10 * greatest(relpages, 1)`;

/**
 * Takes statistics of a table, by its name as `selectOutgrown` has it; plans that were kept are then made anew. Nothing is done
 * where a vacuum or the making of an index has it: that may take hours.
 */
export const analyse = (name: string): Statement => sql`analyze (skip_locked) ${raw(name)}`;
