import { raw, type Statement, sql } from '../../../platform/db/sql.ts';
import type { Quota } from '../mailboxes/mailbox.ts';
import type { MailboxRow, SealedPassword } from '../mailboxes/queries.ts';

/** Makes a mailbox; no row comes back where there is one of this id. */
export const insertMailbox = (row: MailboxRow, now: number): Statement => sql`
  insert into mesh.mailbox (mailbox_id, name, ods_code, org_code, org_name, billing_entity, sealed_password, is_active, changed_at)
  values (${row.mailbox_id}, ${row.name}, ${row.ods_code}, ${row.org_code}, ${row.org_name}, ${row.billing_entity},
          ${row.sealed_password}, ${row.is_active}, ${new Date(now)})
  on conflict (mailbox_id) do nothing
  returning mailbox_id`;

/** The passwords of a mailbox, which nobody else changes until the transaction ends. */
export const lockPasswords = (mailboxId: string): Statement => sql`
  select sealed_password, earlier_passwords from mesh.mailbox where mailbox_id = ${mailboxId} for update`;

export const updatePasswords = (
  mailboxId: string,
  sealed: string,
  earlier: readonly SealedPassword[],
  now: number,
): Statement => sql`
  update mesh.mailbox
     set sealed_password = ${sealed}, earlier_passwords = ${JSON.stringify(earlier)}::jsonb, changed_at = ${new Date(now)}
   where mailbox_id = ${mailboxId}`;

export const updateActive = (mailboxId: string, isActive: boolean, now: number): Statement => sql`
  update mesh.mailbox set is_active = ${isActive}, changed_at = ${new Date(now)}
   where mailbox_id = ${mailboxId} and is_active <> ${isActive}
  returning mailbox_id`;

export const updateQuota = (mailboxId: string, quota: Quota, now: number): Statement => sql`
  update mesh.mailbox
     set messages_a_day = ${quota.messagesADay ?? null}, bytes_a_day = ${quota.bytesADay ?? null},
         waiting_bytes = ${quota.waitingBytes ?? null}, changed_at = ${new Date(now)}
   where mailbox_id = ${mailboxId}
  returning mailbox_id`;

export const insertRegistration = (workflowId: string, mailboxId: string, isSender: boolean): Statement => sql`
  insert into mesh.workflow (workflow_id, mailbox_id, is_sender) values (${workflowId}, ${mailboxId}, ${isSender})
  on conflict do nothing`;

export const deleteRegistration = (workflowId: string, mailboxId: string, isSender: boolean): Statement => sql`
  delete from mesh.workflow
   where workflow_id = ${workflowId} and mailbox_id = ${mailboxId} and is_sender = ${isSender}`;

/** Counts what a mailbox has sent on a day. */
export const addUsage = (mailboxId: string, day: string, messages: number, bytes: number): Statement => sql`
  insert into mesh.usage (mailbox_id, day_on, messages, bytes) values (${mailboxId}, ${day}::date, ${messages}, ${bytes})
  on conflict (mailbox_id, day_on) do update
    set messages = mesh.usage.messages + excluded.messages, bytes = mesh.usage.bytes + excluded.bytes`;

export const selectUsage = (mailboxId: string, day: string): Statement => sql`
  select messages, bytes from mesh.usage where mailbox_id = ${mailboxId} and day_on = ${day}::date`;

export const forgetUsage = (before: string): Statement => sql`delete from mesh.usage where day_on < ${before}::date`;

/** Bytes that wait in a mailbox, and those on their way into it; how many messages wait. */
export const selectWaitingBytes = (mailboxId: string): Statement => sql`
  select (waiting.bytes + (select coalesce(sum(c.length), 0) from mesh.message m
             join mesh.chunk c on c.mailbox_id = m.mailbox_id and c.message_id = m.message_id
            where m.mailbox_id = ${mailboxId} and m.state = 'uploading'))::bigint as bytes, waiting.messages
    from (select coalesce(sum(file_size), 0) as bytes, count(*)::int as messages from mesh.message
           where mailbox_id = ${mailboxId} and state = 'accepted') waiting`;

/** Notes when mailboxes were heard of. */
export const putContacts = (mailboxIds: readonly string[], calledAt: readonly Date[]): Statement => sql`
  insert into mesh.contact (mailbox_id, called_at)
  select m, a from unnest(${mailboxIds}::text[], ${calledAt}::timestamptz[]) as t(m, a)
  on conflict (mailbox_id) do update set called_at = greatest(mesh.contact.called_at, excluded.called_at)`;

export const selectContacts = (mailboxIds: readonly string[]): Statement => sql`
  select mailbox_id, called_at from mesh.contact where mailbox_id = any(${mailboxIds}::text[])`;

/**
 * What has waited, or been uploaded, since before (milliseconds), by mailbox and workflow; `is_downloaded` where each of them
 * was. Counted by the index of what waits, mailbox by mailbox. `oldest`: microseconds since 1970.
 */
export function selectStuck(mailboxIds: readonly string[], before: number, limit: number): Statement {
  const order = Math.floor(before * 1000);
  return sql`
  select found.*, found.state = 'accepted' and not exists (
           select from mesh.message m
            where m.mailbox_id = found.mailbox_id and m.state = 'accepted' and m.workflow_id = found.workflow_id
              and m.accepted_order <= ${order} and m.downloaded_at is null) as is_downloaded
    from (select one.* from unnest(${mailboxIds}::text[]) as t(mailbox_id)
           cross join lateral (
             select t.mailbox_id, workflow_id, 'accepted' as state, count(*)::int as messages,
                    coalesce(sum(file_size), 0)::bigint as bytes, min(accepted_order) as oldest
               from mesh.message
              where mailbox_id = t.mailbox_id and state = 'accepted' and accepted_order <= ${order}
              group by workflow_id
             union all
             select t.mailbox_id, workflow_id, 'uploading', count(*)::int, coalesce(sum(file_size), 0)::bigint, min(sent_order)
               from mesh.message
              where mailbox_id = t.mailbox_id and state = 'uploading' and sent_order <= ${order}
              group by workflow_id) one
           order by oldest, mailbox_id, workflow_id limit ${limit}) found
   order by oldest, mailbox_id, workflow_id`;
}

const flow = raw(`
  select sender, mailbox_id as recipient, workflow_id, count(*)::int as messages,
         coalesce(sum(file_size), 0)::bigint as bytes, max(sent_at) as last_at,
         count(*) filter (where state = 'accepted')::int as waiting,
         count(*) filter (where state in ('undeliverable', 'error'))::int as failed`);

/** Who has sent what to whom since (microseconds since 1970). */
export const selectFlows = (since: number, limit: number): Statement => sql`${flow}
    from mesh.message
   where sent_at >= ${new Date(since / 1000)} and message_type = 'DATA'
   group by sender, mailbox_id, workflow_id
   order by messages desc, sender, recipient, workflow_id limit ${limit}`;

/** Who has sent what to these mailboxes since (microseconds since 1970). */
export const selectFlowsInto = (mailboxIds: readonly string[], since: number, limit: number): Statement => sql`${flow}
    from unnest(${mailboxIds}::text[]) as t(mailbox_id) join mesh.message using (mailbox_id)
   where sent_order >= ${since} and message_type = 'DATA'
   group by sender, mailbox_id, workflow_id
   order by messages desc, sender, recipient, workflow_id limit ${limit}`;

/** To whom these mailboxes have sent what since, outside of them: what one of them got is in `selectFlowsInto`. */
export const selectFlowsOut = (mailboxIds: readonly string[], since: number, limit: number): Statement => sql`
  select mailbox_id as sender, recipient, workflow_id, count(*)::int as messages, max(sent_at) as last_at
    from unnest(${mailboxIds}::text[]) as t(mailbox_id) join mesh.outbox using (mailbox_id)
   where sent_order >= ${since}
     and not exists (select from unnest(${mailboxIds}::text[]) as own(id) where own.id = recipient)
   group by mailbox_id, recipient, workflow_id
   order by messages desc, sender, recipient, workflow_id limit ${limit}`;

/** The transaction this runs in, to be asked about afterwards. */
export const selectTransactionId = (): Statement => sql`select pg_current_xact_id()::text as id`;

/**
 * What became of a transaction, or of another that was given its number after a crash: committed, aborted, in progress; null
 * where it is too long ago to tell. PostgreSQL refuses to tell of a number it has not given out since.
 */
export const selectTransactionStatus = (id: string): Statement => sql`
  select case when ${id}::xid8 < pg_current_xact_id() then pg_xact_status(${id}::xid8) else 'aborted' end as status`;
