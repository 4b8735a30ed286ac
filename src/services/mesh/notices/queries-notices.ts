import { type Statement, sql } from '../../../platform/db/sql.ts';

/** Where the owner of a mailbox is told that mail waits. */
export type WebhookRow = {
  mailbox_id: string;
  url: string;
  sealed_secret: string;
  is_enabled: boolean;
  registered_at: Date;
  due_at: Date | null;
  change_no: number;
  failures: number;
  failing_since_at: Date | null;
  told_at: Date | null;
  fault: string;
};

/** Registers an address, in place of one before; what waits already is told of at once. */
export const putWebhook = (mailboxId: string, url: string, sealedSecret: string, now: number): Statement => sql`
  insert into mesh.webhook (mailbox_id, url, sealed_secret, is_enabled, registered_at, due_at, change_no, failures, fault)
  values (${mailboxId}, ${url}, ${sealedSecret}, true, ${new Date(now)}, ${new Date(now)}, 0, 0, '')
  on conflict (mailbox_id) do update
    set url = excluded.url, sealed_secret = excluded.sealed_secret, is_enabled = true,
        registered_at = excluded.registered_at, due_at = excluded.due_at, change_no = mesh.webhook.change_no + 1,
        failures = 0, failing_since_at = null, told_at = null, fault = ''`;

export const deleteWebhook = (mailboxId: string): Statement => sql`
  delete from mesh.webhook where mailbox_id = ${mailboxId} returning mailbox_id`;

export const selectWebhook = (mailboxId: string): Statement => sql`
  select * from mesh.webhook where mailbox_id = ${mailboxId}`;

/** Whether any address but that of one mailbox is told anything. */
export const selectOthersEnabled = (mailboxId: string): Statement => sql`
  select mailbox_id from mesh.webhook where is_enabled and mailbox_id <> ${mailboxId} limit 1`;

/** Mail has come in: a notice is due, unless one is due already or on its way. */
export const markDue = (mailboxIds: readonly string[], now: number): Statement => sql`
  update mesh.webhook set change_no = change_no + 1, due_at = coalesce(due_at, ${new Date(now)})
   where mailbox_id = any(${mailboxIds}::text[]) and is_enabled`;

export const selectDue = (now: number, limit: number): Statement => sql`
  select * from mesh.webhook
   where is_enabled and due_at is not null and due_at <= ${new Date(now)} order by due_at limit ${limit}`;

/** Takes a notice to be sent, until then; no row comes back where somebody else has it. */
export const claimNotice = (mailboxId: string, now: number, until: number): Statement => sql`
  update mesh.webhook set due_at = ${new Date(until)}
   where mailbox_id = ${mailboxId} and is_enabled and due_at <= ${new Date(now)}
  returning change_no`;

/** The notice was taken, or there was nothing to tell; due again at once if mail has come in since. */
export const settleNotice = (mailboxId: string, changeNo: number, toldAt: number | null, now: number): Statement => sql`
  update mesh.webhook
     set due_at = case when change_no = ${changeNo} then null else ${new Date(now)}::timestamptz end,
         failures = 0, failing_since_at = null, fault = '',
         told_at = coalesce(${toldAt === null ? null : new Date(toldAt)}::timestamptz, told_at)
   where mailbox_id = ${mailboxId} and is_enabled`;

/** The notice was not taken: it is tried again then, or, `isOver`, never. */
export const postponeNotice = (
  mailboxId: string,
  url: string,
  { dueAt, failures, since, fault, isOver }: Postponement,
): Statement => sql`
  update mesh.webhook
     set due_at = ${isOver ? null : new Date(dueAt)}::timestamptz, failures = ${failures},
         failing_since_at = ${new Date(since)}, fault = ${fault}, is_enabled = ${!isOver}
   where mailbox_id = ${mailboxId} and url = ${url} and is_enabled
  returning mailbox_id`;

export type Postponement = {
  readonly dueAt: number;
  readonly failures: number;
  readonly since: number;
  readonly fault: string;
  readonly isOver: boolean;
};
