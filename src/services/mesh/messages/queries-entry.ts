import { type Statement, sql } from '../../../platform/db/sql.ts';

/** Ends an upload that is whole and cannot be delivered. `now` in milliseconds. */
export const failUpload = (
  { mailboxId, messageId }: { readonly mailboxId: string; readonly messageId: string },
  { event, code, text }: { readonly event: string; readonly code: string; readonly text: string },
  now: number,
): Statement => sql`
  update mesh.message
     set state = 'error', ended_at = ${new Date(now)}, is_success = false, status_event = ${event},
         status_code = ${code}, status_description = ${text}
   where mailbox_id = ${mailboxId} and message_id = ${messageId} and state = 'uploading'`;
