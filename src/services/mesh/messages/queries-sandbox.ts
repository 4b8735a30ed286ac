import { type Statement, sql } from '../../../platform/db/sql.ts';

/** Everything that was ever sent. */
export const deleteEverything = (): Statement[] => [
  sql`delete from mesh.message`,
  sql`delete from mesh.outbox`,
  sql`delete from mesh.message_address`,
  sql`delete from mesh.idempotency`,
];
export const deleteAllChunks = (): Statement => sql`delete from mesh.chunk returning reference`;

/** Takes what waits out of an inbox; for their senders nothing changes. */
export const emptyInbox = (mailboxId: string): Statement => sql`
  update mesh.message set accepted_order = null where mailbox_id = ${mailboxId} and state = 'accepted'`;

/** Puts a message into any state, as only a test may. `now` in milliseconds. */
export const forceState = (
  mailboxId: string,
  messageId: string,
  to: { state: string; event: string; code: string; description: string },
  now: number,
): Statement => sql`
  update mesh.message
     set state = ${to.state}, status_event = ${to.event}, status_code = ${to.code}, status_description = ${to.description},
         ended_at = ${to.state === 'accepted' || to.state === 'uploading' ? null : new Date(now)},
         accepted_order = coalesce(accepted_order, case when ${to.state} = 'accepted' then sent_order end)
   where mailbox_id = ${mailboxId} and message_id = ${messageId}`;
