import { type Statement, sql } from '../../../platform/db/sql.ts';

/** A mailbox as it is kept. */
export type MailboxRow = {
  mailbox_id: string;
  name: string;
  ods_code: string;
  org_code: string;
  org_name: string;
  billing_entity: string;
  sealed_password: string;
  is_active: boolean;
};
/** A password that holds until then (milliseconds since 1970) beside the one that came after it. */
export type SealedPassword = { readonly sealed: string; readonly until: number };
/** What only administration sets. */
export type BoundsRow = {
  earlier_passwords: SealedPassword[];
  messages_a_day: number | null;
  bytes_a_day: number | null;
  waiting_bytes: number | null;
};

export const selectMailboxes = (): Statement => sql`
  select mailbox_id, name, ods_code, org_code, org_name, billing_entity, sealed_password, is_active,
         earlier_passwords, messages_a_day, bytes_a_day, waiting_bytes
    from mesh.mailbox`;

export const selectFingerprints = (): Statement => sql`select mailbox_id, fingerprint from mesh.certificate`;

/** Those that were taken out; `is_ours`: of our own authority, refused everywhere. */
export const selectWithdrawn = (): Statement => sql`
  select mailbox_id, fingerprint, serial is not null as is_ours from mesh.withdrawn_certificate`;

/** Workflows, and in one text, with spaces between them, the mailboxes that send (`is_sender`) or receive each. */
export const selectWorkflows = (): Statement => sql`
  select workflow_id, is_sender, string_agg(mailbox_id, ' ' order by mailbox_id) as mailbox_ids
    from mesh.workflow group by workflow_id, is_sender order by workflow_id`;

export const selectSettings = (): Statement => sql`select name, value from mesh.setting`;

export const upsertMailbox = (row: MailboxRow, now: Date): Statement => sql`
  insert into mesh.mailbox (mailbox_id, name, ods_code, org_code, org_name, billing_entity, sealed_password, is_active, changed_at)
  values (${row.mailbox_id}, ${row.name}, ${row.ods_code}, ${row.org_code}, ${row.org_name}, ${row.billing_entity},
          ${row.sealed_password}, ${row.is_active}, ${now})
  on conflict (mailbox_id) do update
    set name = excluded.name, ods_code = excluded.ods_code, org_code = excluded.org_code, org_name = excluded.org_name,
        billing_entity = excluded.billing_entity, sealed_password = excluded.sealed_password,
        is_active = excluded.is_active, changed_at = excluded.changed_at, earlier_passwords = '[]',
        messages_a_day = null, bytes_a_day = null, waiting_bytes = null`;

export const deleteWorkflow = (workflowId: string): Statement => sql`
  delete from mesh.workflow where workflow_id = ${workflowId}`;

export const insertWorkflowMailbox = (workflowId: string, mailboxId: string, isSender: boolean): Statement => sql`
  insert into mesh.workflow (workflow_id, mailbox_id, is_sender) values (${workflowId}, ${mailboxId}, ${isSender})
  on conflict do nothing`;

export const putSetting = (name: string, value: number): Statement => sql`
  insert into mesh.setting (name, value) values (${name}, ${value})
  on conflict (name) do update set value = excluded.value`;

/** Tells every process to read mailboxes, workflows and switches anew. */
export const nextVersion = (): Statement => sql`
  insert into mesh.setting (name, value) values ('version', 1)
  on conflict (name) do update set value = mesh.setting.value + 1`;

export const deleteAllMailboxes = (): Statement => sql`delete from mesh.mailbox`;
export const deleteAllWorkflows = (): Statement => sql`delete from mesh.workflow`;
export const deleteSwitches = (): Statement => sql`delete from mesh.setting where name <> 'version'`;
