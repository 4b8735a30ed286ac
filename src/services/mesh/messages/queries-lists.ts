import { type Statement, sql } from '../../../platform/db/sql.ts';
import type { WorkflowFilter } from './workflow-filter.ts';

/** A place in an inbox or outbox: after this one. */
export type Place = { readonly order: number; readonly messageId: string };

/**
 * What waits in inboxes, each oldest first after its place and up to its limit; `page` is which of them, from 1. Expiry is a
 * case, so that its index is not thought to help: that one has what waits in all mailboxes.
 */
export const selectInboxes = (
  pages: readonly { readonly mailboxId: string; readonly after: Place; readonly limit: number }[],
  now: number,
): Statement => sql`
  select t.page::int as page, m.message_id, m.accepted_order as place
    from unnest(${pages.map((one) => one.mailboxId)}::text[], ${pages.map((one) => one.after.order)}::bigint[],
                ${pages.map((one) => one.after.messageId)}::text[], ${pages.map((one) => one.limit)}::int[])
           with ordinality as t(mailbox_id, place, message_id, most, page)
   cross join lateral (
     select message_id, accepted_order from mesh.message w
      where w.mailbox_id = t.mailbox_id and w.state = 'accepted'
        and case when w.expires_at > ${new Date(now)} then true else false end
        and (w.accepted_order, w.message_id) > (t.place, t.message_id)
      order by w.accepted_order, w.message_id limit t.most) m
   order by t.page, m.accepted_order, m.message_id`;

/**
 * What waits in an inbox, oldest first. `now` in milliseconds. What is looked at in the index is written as a case, so that no
 * other index is thought to help.
 */
export function selectInbox(
  mailboxId: string,
  after: Place,
  limit: number,
  filter: WorkflowFilter | undefined,
  now: number,
): Statement {
  const { order, messageId } = after;
  if (!filter)
    return sql`
      select message_id, accepted_order as place from mesh.message
       where mailbox_id = ${mailboxId} and state = 'accepted'
         and (accepted_order, message_id) > (${order}::bigint, ${messageId}::text)
         and case when expires_at > ${new Date(now)} then true else false end
       order by accepted_order, message_id limit ${limit}`;
  return sql`
      select message_id, accepted_order as place from mesh.message
       where mailbox_id = ${mailboxId} and state = 'accepted'
         and (accepted_order, message_id) > (${order}::bigint, ${messageId}::text)
         and case when expires_at > ${new Date(now)} then (workflow_id like ${filter.pattern}) = ${filter.isWanted} else false end
       order by accepted_order, message_id limit ${limit}`;
}

/** Where in its inbox a message stands or stood. */
export const selectPlace = (mailboxId: string, messageId: string): Statement => sql`
  select accepted_order as place from mesh.message
   where mailbox_id = ${mailboxId} and message_id = ${messageId} and accepted_order is not null`;

/** How many messages wait, counted up to a limit; in their order, which is that of the index of what waits. */
export const countWaiting = (mailboxId: string, limit: number): Statement => sql`
  select count(*)::int as waiting from (
    select 1 from mesh.message where mailbox_id = ${mailboxId} and state = 'accepted' and accepted_order is not null
     order by accepted_order limit ${limit}) as t`;

/** Which of these mailboxes have something waiting: the first of each is looked for, not all that wait gone through. */
export const mailboxesWithMail = (mailboxIds: readonly string[]): Statement => sql`
  select t.mailbox_id from unnest(${mailboxIds}::text[]) as t(mailbox_id)
   cross join lateral (
     select from mesh.message m
      where m.mailbox_id = t.mailbox_id and m.state = 'accepted' and m.accepted_order is not null
      order by m.accepted_order limit 1) first`;

/** What came into an inbox since, newest first; not what is still being uploaded or was never delivered. */
export const selectRichInbox = (mailboxId: string, since: number, before: Place, limit: number): Statement => sql`
  select * from mesh.message
   where mailbox_id = ${mailboxId} and sent_order >= ${since} and state not in ('uploading', 'error')
     and (sent_order, message_id) < (${before.order}::bigint, ${before.messageId}::text)
   order by sent_order desc, message_id desc limit ${limit}`;

/** What a mailbox has sent since, newest first. */
export const selectOutbox = (mailboxId: string, since: number, before: Place, limit: number): Statement => sql`
  select message_id, recipient, sent_order as place from mesh.outbox
   where mailbox_id = ${mailboxId} and sent_order >= ${since}
     and (sent_order, message_id) < (${before.order}::bigint, ${before.messageId}::text)
   order by sent_order desc, message_id desc limit ${limit}`;

/** Messages of one sender with a local id, newest first. */
export const selectByLocalId = (mailboxId: string, localId: string, limit: number): Statement => sql`
  select message_id, recipient from mesh.outbox
   where mailbox_id = ${mailboxId} and local_id = ${localId} and local_id <> ''
   order by sent_order desc limit ${limit}`;

/** Messages by where they are. */
export const selectMessages = (mailboxIds: readonly string[], messageIds: readonly string[]): Statement => sql`
  select m.* from mesh.message m
    join unnest(${mailboxIds}::text[], ${messageIds}::text[]) as t(mailbox_id, message_id)
      on m.mailbox_id = t.mailbox_id and m.message_id = t.message_id`;
