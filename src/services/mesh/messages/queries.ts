import { type Statement, sql } from '../../../platform/db/sql.ts';
import type { Message } from './message.ts';

type Row = Record<string, unknown>;

/** A message as a row for `insertMessages`. */
function messageJson(message: Message): Row {
  return {
    mailbox_id: message.mailboxId,
    message_id: message.messageId,
    state: message.state,
    message_type: message.messageType,
    sender: message.sender,
    workflow_id: message.workflowId,
    local_id: message.localId,
    partner_id: message.partnerId,
    file_name: message.fileName,
    subject: message.subject,
    checksum: message.checksum,
    content_type: message.contentType,
    content_encoding: message.contentEncoding,
    is_compressed: message.isCompressed,
    is_encrypted: message.isEncrypted,
    total_chunks: message.totalChunks,
    file_size: message.fileSize,
    sent_order: message.sentOrder,
    accepted_order: message.acceptedOrder ?? null,
    sent_at: new Date(message.sentOrder / 1000),
    expires_at: new Date(message.expiresAt),
    ended_at: message.endedAt === undefined ? null : new Date(message.endedAt),
    is_success: message.isSuccess,
    status_event: message.statusEvent,
    status_code: message.statusCode,
    status_description: message.statusDescription,
    linked_message_id: message.linkedMessageId,
    sealed_key: message.sealedKey ?? null,
    is_receipt_wanted: message.isReceiptWanted,
  };
}

/** Writes messages; the ids of those that were not there before. */
export function insertMessages(messages: readonly Message[]): Statement {
  const rows = JSON.stringify(messages.map(messageJson));
  return sql`
    insert into mesh.message (
      mailbox_id, message_id, state, message_type, sender, workflow_id, local_id, partner_id, file_name, subject, checksum,
      content_type, content_encoding, is_compressed, is_encrypted, total_chunks, file_size, sent_order, accepted_order,
      sent_at, expires_at, ended_at, is_success, status_event, status_code, status_description, linked_message_id, sealed_key,
      is_receipt_wanted)
    select mailbox_id, message_id, state, message_type, sender, workflow_id, local_id, partner_id, file_name, subject, checksum,
           content_type, content_encoding, is_compressed, is_encrypted, total_chunks, file_size, sent_order, accepted_order,
           sent_at, expires_at, ended_at, is_success, status_event, status_code, status_description, linked_message_id, sealed_key,
           is_receipt_wanted
      from json_to_recordset(${rows}::json) as t(
        mailbox_id text, message_id text, state text, message_type text, sender text, workflow_id text, local_id text,
        partner_id text, file_name text, subject text, checksum text, content_type text, content_encoding text,
        is_compressed boolean, is_encrypted boolean, total_chunks int, file_size bigint, sent_order bigint,
        accepted_order bigint, sent_at timestamptz, expires_at timestamptz, ended_at timestamptz, is_success boolean,
        status_event text, status_code text, status_description text, linked_message_id text, sealed_key text,
        is_receipt_wanted boolean)
    on conflict (mailbox_id, message_id) do nothing
    returning message_id`;
}

export const insertOutbox = (messages: readonly Message[]): Statement => sql`
  insert into mesh.outbox (mailbox_id, message_id, recipient, local_id, workflow_id, sent_order, sent_at)
  select m, i, r, l, w, o, t from unnest(
    ${messages.map((one) => one.sender)}::text[], ${messages.map((one) => one.messageId)}::text[],
    ${messages.map((one) => one.mailboxId)}::text[], ${messages.map((one) => one.localId)}::text[],
    ${messages.map((one) => one.workflowId)}::text[], ${messages.map((one) => one.sentOrder)}::bigint[],
    ${messages.map((one) => new Date(one.sentOrder / 1000))}::timestamptz[]) as t(m, i, r, l, w, o, t)
  on conflict do nothing`;

export const insertAddresses = (messages: readonly Message[]): Statement => sql`
  insert into mesh.message_address (message_id, recipient, sender, sent_at)
  select i, r, s, t from unnest(
    ${messages.map((one) => one.messageId)}::text[], ${messages.map((one) => one.mailboxId)}::text[],
    ${messages.map((one) => one.sender)}::text[],
    ${messages.map((one) => new Date(one.sentOrder / 1000))}::timestamptz[]) as t(i, r, s, t)
  on conflict do nothing`;

/** A chunk as it is kept: its bytes (encrypted), or where they are. */
export type StoredChunk = {
  readonly number: number;
  /** Bytes as the sender sent them. */
  readonly length: number;
  readonly isGzip: boolean;
  readonly bytes: Buffer | undefined;
  readonly reference: string | undefined;
};
/** A sender's own key of a sending, and what was said of the message. */
export type IdempotencyKey = { readonly key: string; readonly fingerprint: Buffer };
export type ChunkOf = StoredChunk & { readonly mailboxId: string; readonly messageId: string };

/** Writes chunks, in place of those of the same number. `now` in milliseconds. */
export const putChunks = (chunks: readonly ChunkOf[], now: number): Statement => sql`
  insert into mesh.chunk (mailbox_id, message_id, chunk_no, length, is_gzip, bytes, reference, received_at)
  select m, i, n, l, g, b, r, ${new Date(now)}::timestamptz from unnest(
    ${chunks.map((one) => one.mailboxId)}::text[], ${chunks.map((one) => one.messageId)}::text[],
    ${chunks.map((one) => one.number)}::int[], ${chunks.map((one) => one.length)}::bigint[],
    ${chunks.map((one) => one.isGzip)}::boolean[], ${chunks.map((one) => one.bytes ?? null)}::bytea[],
    ${chunks.map((one) => one.reference ?? null)}::text[]) as t(m, i, n, l, g, b, r)
  on conflict (mailbox_id, message_id, chunk_no) do update
    set length = excluded.length, is_gzip = excluded.is_gzip, bytes = excluded.bytes, reference = excluded.reference,
        received_at = excluded.received_at`;

export const selectAddress = (messageId: string): Statement => sql`
  select recipient, sender from mesh.message_address where message_id = ${messageId}`;

export const selectMessage = (mailboxId: string, messageId: string): Statement => sql`
  select * from mesh.message where mailbox_id = ${mailboxId} and message_id = ${messageId}`;

export const lockMessage = (mailboxId: string, messageId: string): Statement => sql`
  select * from mesh.message where mailbox_id = ${mailboxId} and message_id = ${messageId} for update`;

/**
 * Messages, each with one of its chunks, and which of those asked for it is (`place`, from 1); the chunk's columns are null
 * where there is none.
 */
export const selectMessagesAndChunks = (
  mailboxIds: readonly string[],
  messageIds: readonly string[],
  chunkNos: readonly number[],
): Statement => sql`
  select t.place::int as place, m.*, t.chunk_no, c.length, c.is_gzip, c.bytes, c.reference,
         (m.content_encoding = '' or m.total_chunks = 1 or (
            select bool_and(o.is_gzip) from mesh.chunk o
             where o.mailbox_id = m.mailbox_id and o.message_id = m.message_id) is not false) as is_gzip_each
    from unnest(${mailboxIds}::text[], ${messageIds}::text[], ${chunkNos}::int[])
           with ordinality as t(mailbox_id, message_id, chunk_no, place)
    join mesh.message m on m.mailbox_id = t.mailbox_id and m.message_id = t.message_id
    left join mesh.chunk c on c.mailbox_id = t.mailbox_id and c.message_id = t.message_id and c.chunk_no = t.chunk_no`;

/** What is kept of a chunk: its encrypted bytes, or where they are. */
export const selectStored = (mailboxId: string, messageId: string, chunkNo: number): Statement => sql`
  select bytes, reference from mesh.chunk
   where mailbox_id = ${mailboxId} and message_id = ${messageId} and chunk_no = ${chunkNo}`;

/** How many chunks of a message are there, and their bytes. */
export const countChunks = (mailboxId: string, messageId: string): Statement => sql`
  select count(*)::int as chunks, coalesce(sum(length), 0)::bigint as bytes from mesh.chunk
   where mailbox_id = ${mailboxId} and message_id = ${messageId}`;

export const acceptMessage = (mailboxId: string, messageId: string, order: number, fileSize: number): Statement => sql`
  update mesh.message set state = 'accepted', accepted_order = ${order}, file_size = ${fileSize}
   where mailbox_id = ${mailboxId} and message_id = ${messageId} and state = 'uploading'
  returning message_id`;

/** Notes when messages were first downloaded. */
export const noteDownloads = (mailboxIds: readonly string[], messageIds: readonly string[], now: number): Statement =>
  sql`
  update mesh.message m set downloaded_at = ${new Date(now)}
    from unnest(${mailboxIds}::text[], ${messageIds}::text[]) as t(mailbox_id, message_id)
   where m.mailbox_id = t.mailbox_id and m.message_id = t.message_id and m.downloaded_at is null`;

/**
 * Acknowledges messages that wait; those that were changed. They are found by their keys: what a plain condition on state and
 * expiry would have PostgreSQL do is to go through everything that waits, in all mailboxes.
 */
export const acknowledgeMessages = (
  mailboxIds: readonly string[],
  messageIds: readonly string[],
  now: number,
): Statement =>
  sql`
  update mesh.message m set state = 'acknowledged', ended_at = ${new Date(now)},
         downloaded_at = coalesce(m.downloaded_at, ${new Date(now)})
    from unnest(${mailboxIds}::text[], ${messageIds}::text[]) as t(mailbox_id, message_id)
   where m.mailbox_id = t.mailbox_id and m.message_id = t.message_id
     and case m.state when 'accepted' then m.expires_at > ${new Date(now)} else false end
  returning m.mailbox_id, m.message_id, m.sender, m.workflow_id, m.local_id, m.message_type,
            m.subject, m.file_name, m.partner_id, m.is_receipt_wanted`;

/** Takes an idempotency key for a message; fails when another message has it. */
export const insertIdempotencyKey = (
  mailboxId: string,
  { key, fingerprint }: IdempotencyKey,
  messageId: string,
  now: number,
): Statement => sql`
  insert into mesh.idempotency (mailbox_id, idempotency_key, fingerprint, message_id, sent_at)
  select ${mailboxId}::text, ${key}::text, ${fingerprint}::bytea, ${messageId}::text, ${new Date(now)}::timestamptz
   where not exists (select from mesh.idempotency
                      where mailbox_id = ${mailboxId} and idempotency_key = ${key} and message_id = ${messageId})`;

export const selectIdempotencyKey = (mailboxId: string, key: string): Statement => sql`
  select message_id, fingerprint from mesh.idempotency where mailbox_id = ${mailboxId} and idempotency_key = ${key}`;

/** Reads a message from its row. */
export function messageOf(row: Row): Message {
  const millis = (value: unknown) => (value === null ? undefined : (value as Date).getTime());
  return {
    mailboxId: row.mailbox_id,
    messageId: row.message_id,
    state: row.state,
    messageType: row.message_type,
    sender: row.sender,
    workflowId: row.workflow_id,
    localId: row.local_id,
    partnerId: row.partner_id,
    fileName: row.file_name,
    subject: row.subject,
    checksum: row.checksum,
    contentType: row.content_type,
    contentEncoding: row.content_encoding,
    isCompressed: row.is_compressed,
    isEncrypted: row.is_encrypted,
    totalChunks: row.total_chunks,
    fileSize: row.file_size,
    sentOrder: row.sent_order,
    acceptedOrder: row.accepted_order ?? undefined,
    expiresAt: millis(row.expires_at),
    downloadedAt: millis(row.downloaded_at),
    endedAt: millis(row.ended_at),
    isSuccess: row.is_success,
    statusEvent: row.status_event,
    statusCode: row.status_code,
    statusDescription: row.status_description,
    linkedMessageId: row.linked_message_id,
    isReceiptWanted: row.is_receipt_wanted,
    sealedKey: row.sealed_key ?? undefined,
  } as Message;
}
