import { raw, type Statement, sql } from '../../../platform/db/sql.ts';

/** Microseconds of a day: orders are microseconds since 1970, days are UTC's, as numbers since then. */
const dayOrder = raw('86400000000');

/** What came into a mailbox since, by day and workflow. */
export const selectReceived = (mailboxId: string, since: number): Statement => sql`
  select sent_order / ${dayOrder} as day, workflow_id, count(*)::int as messages,
         coalesce(sum(file_size), 0)::bigint as bytes,
         count(*) filter (where state = 'acknowledged')::int as acknowledged,
         count(*) filter (where state = 'undeliverable')::int as undeliverable
    from mesh.message
   where mailbox_id = ${mailboxId} and sent_order >= ${since} and message_type = 'DATA'
     and state not in ('uploading', 'error')
   group by 1, 2 order by 1, 2`;

/** What a mailbox has sent since, by day and workflow. */
export const selectSent = (mailboxId: string, since: number): Statement => sql`
  select sent_order / ${dayOrder} as day, workflow_id, count(*)::int as messages
    from mesh.outbox
   where mailbox_id = ${mailboxId} and sent_order >= ${since}
   group by 1, 2 order by 1, 2`;

/** What of it could not be delivered, as reports in the same mailbox have it, by day of the report and workflow. */
export const selectUndelivered = (mailboxId: string, since: number): Statement => sql`
  select sent_order / ${dayOrder} as day, workflow_id, status_code, count(*)::int as messages
    from mesh.message
   where mailbox_id = ${mailboxId} and sent_order >= ${since} and message_type = 'REPORT' and not is_success
   group by 1, 2, 3 order by 1, 2, 3`;

/** What waits in a mailbox, by workflow; `oldest` in microseconds since 1970. */
export const selectWaiting = (mailboxId: string, now: number): Statement => sql`
  select workflow_id, count(*)::int as messages, coalesce(sum(file_size), 0)::bigint as bytes, min(accepted_order) as oldest
    from mesh.message
   where mailbox_id = ${mailboxId} and state = 'accepted' and accepted_order is not null
     and case when expires_at > ${new Date(now)} then true else false end
   group by workflow_id order by workflow_id`;

/** Bounds of a search; an empty text stands for any, orders are microseconds since 1970. */
export type SearchBounds = {
  readonly localId: string;
  readonly workflowId: string;
  readonly correspondent: string;
  readonly since: number;
  readonly until: number;
  /** Older than this place. */
  readonly before: { readonly order: number; readonly messageId: string };
};

/** The latest order that a page may have: a place without a message is before all of its microsecond. */
const latest = ({ before }: SearchBounds): number => (before.messageId === '' ? before.order - 1 : before.order);

/** Where the newest so many of what a mailbox has received within bounds end; no row where there are no more. */
export const selectReceivedFloor = (mailboxId: string, within: SearchBounds, most: number): Statement => sql`
  select sent_order as place from mesh.message
   where mailbox_id = ${mailboxId} and sent_order >= ${within.since} and sent_order < ${within.until}
     and sent_order <= ${latest(within)}
   order by sent_order desc offset ${most} limit 1`;

/** As `selectReceivedFloor`, of what it has sent. */
export const selectSentFloor = (mailboxId: string, within: SearchBounds, most: number): Statement => sql`
  select sent_order as place from mesh.outbox
   where mailbox_id = ${mailboxId} and sent_order >= ${within.since} and sent_order < ${within.until}
     and sent_order <= ${latest(within)}
   order by sent_order desc offset ${most} limit 1`;

/** What a mailbox has received within bounds, newest first. */
export const selectReceivedWithin = (mailboxId: string, within: SearchBounds, limit: number): Statement => sql`
  select * from mesh.message
   where mailbox_id = ${mailboxId} and sent_order >= ${within.since} and sent_order < ${within.until}
     and state not in ('uploading', 'error')
     and (sent_order, message_id) < (${within.before.order}::bigint, ${within.before.messageId}::text)
     and (${within.localId}::text = '' or local_id = ${within.localId})
     and (${within.workflowId}::text = '' or workflow_id = ${within.workflowId})
     and (${within.correspondent}::text = '' or sender = ${within.correspondent})
   order by sent_order desc, message_id desc limit ${limit}`;

/** Where what a mailbox has sent within bounds is, newest first. */
export const selectSentWithin = (mailboxId: string, within: SearchBounds, limit: number): Statement => sql`
  select message_id, recipient, sent_order as place from mesh.outbox
   where mailbox_id = ${mailboxId} and sent_order >= ${within.since} and sent_order < ${within.until}
     and (sent_order, message_id) < (${within.before.order}::bigint, ${within.before.messageId}::text)
     and (${within.workflowId}::text = '' or workflow_id = ${within.workflowId})
     and (${within.correspondent}::text = '' or recipient = ${within.correspondent})
   order by sent_order desc, message_id desc limit ${limit}`;

/** As `selectSentWithin`, of one local id: found by its index. */
export const selectSentByLocalId = (mailboxId: string, within: SearchBounds, limit: number): Statement => sql`
  select message_id, recipient, sent_order as place from mesh.outbox
   where mailbox_id = ${mailboxId} and local_id = ${within.localId} and local_id <> ''
     and sent_order >= ${within.since} and sent_order < ${within.until}
     and (sent_order, message_id) < (${within.before.order}::bigint, ${within.before.messageId}::text)
     and (${within.workflowId}::text = '' or workflow_id = ${within.workflowId})
     and (${within.correspondent}::text = '' or recipient = ${within.correspondent})
   order by sent_order desc, message_id desc limit ${limit}`;
