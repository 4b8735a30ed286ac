create schema mesh;

-- place mesh.mailbox everywhere
create table mesh.mailbox (
  mailbox_id text collate "C" primary key,
  name text not null,
  ods_code text collate "C" not null,
  org_code text collate "C" not null,
  org_name text not null,
  billing_entity text not null,
  sealed_password text not null,
  is_active boolean not null,
  changed_at timestamptz not null
);
comment on table mesh.mailbox is 'Mailboxes by id; the password is sealed, since tokens are checked with it. Kept while registered.';

-- place mesh.workflow everywhere
create table mesh.workflow (
  workflow_id text collate "C" not null,
  mailbox_id text collate "C" not null,
  is_sender boolean not null,
  primary key (workflow_id, mailbox_id, is_sender)
);
comment on table mesh.workflow is 'Which mailbox may send (is_sender) or receive a workflow. Kept while registered.';

-- place mesh.setting everywhere
create table mesh.setting (
  name text collate "C" primary key,
  value bigint not null
);
comment on table mesh.setting is 'Switches that all processes share, and the version of the mailboxes and workflows, which each process compares with the one it read. Kept.';

-- place mesh.message by mailbox_id in mailbox
create table mesh.message (
  mailbox_id text collate "C" not null,
  message_id text collate "C" not null,
  state text collate "C" not null,
  message_type text collate "C" not null,
  sender text collate "C" not null,
  workflow_id text collate "C" not null,
  local_id text collate "C" not null,
  partner_id text not null,
  file_name text not null,
  subject text not null,
  checksum text not null,
  content_type text not null,
  content_encoding text not null,
  is_compressed boolean not null,
  is_encrypted boolean not null,
  total_chunks int not null,
  file_size bigint not null,
  sent_order bigint not null,
  accepted_order bigint,
  sent_at timestamptz not null,
  expires_at timestamptz not null,
  downloaded_at timestamptz,
  ended_at timestamptz,
  is_success boolean not null,
  status_event text not null,
  status_code text not null,
  status_description text not null,
  linked_message_id text not null,
  sealed_key text,
  primary key (mailbox_id, message_id)
);
-- only what waits is in the index of an inbox, so that its first page costs the same whatever has passed through
create index message_waiting on mesh.message (mailbox_id, accepted_order, message_id) include (workflow_id)
  where state = 'accepted';
create index message_sent_order on mesh.message (mailbox_id, sent_order);
create index message_expires_at on mesh.message (expires_at) where state in ('accepted', 'uploading');
create index message_sent_at on mesh.message using brin (sent_at);
comment on table mesh.message is 'Messages by recipient; orders are microseconds since 1970; sealed_key opens the payload and goes with it. Deleted 30 days after sending.';

-- place mesh.outbox by mailbox_id in mailbox
create table mesh.outbox (
  mailbox_id text collate "C" not null,
  message_id text collate "C" not null,
  recipient text collate "C" not null,
  local_id text collate "C" not null,
  sent_order bigint not null,
  sent_at timestamptz not null,
  primary key (mailbox_id, message_id)
);
create index outbox_sent_order on mesh.outbox (mailbox_id, sent_order);
create index outbox_local_id on mesh.outbox (mailbox_id, local_id) where local_id <> '';
create index outbox_sent_at on mesh.outbox using brin (sent_at);
comment on table mesh.outbox is 'What each mailbox has sent, and to whom. Deleted 30 days after sending.';

-- place mesh.message_address by message_id in message_address
create table mesh.message_address (
  message_id text collate "C" primary key,
  recipient text collate "C" not null,
  sender text collate "C" not null,
  sent_at timestamptz not null
);
create index message_address_sent_at on mesh.message_address using brin (sent_at);
comment on table mesh.message_address is 'In which mailbox a message is, by its id. Deleted 30 days after sending.';

-- place mesh.chunk by mailbox_id in mailbox
create table mesh.chunk (
  mailbox_id text collate "C" not null,
  message_id text collate "C" not null,
  chunk_no int not null,
  length bigint not null,
  is_gzip boolean not null,
  bytes bytea,
  reference text collate "C",
  received_at timestamptz not null,
  primary key (mailbox_id, message_id, chunk_no)
);
alter table mesh.chunk alter column bytes set storage external;
create index chunk_reference on mesh.chunk (reference) where reference is not null;
comment on table mesh.chunk is 'Payloads, encrypted under the key of their message: small ones here, others in the payload store under their reference. Deleted 30 days after sending.';

-- place mesh.idempotency by mailbox_id in mailbox
create table mesh.idempotency (
  mailbox_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  fingerprint bytea not null,
  message_id text collate "C" not null,
  sent_at timestamptz not null,
  primary key (mailbox_id, idempotency_key)
);
create index idempotency_sent_at on mesh.idempotency using brin (sent_at);
comment on table mesh.idempotency is 'Which message a sender''s idempotency key stands for; the fingerprint is of what was said of it. Kept 30 days.';

-- place mesh.used_token by token_key in used_token
create table mesh.used_token (
  token_key bytea primary key,
  used_at timestamptz not null
);
create index used_token_used_at on mesh.used_token using brin (used_at);
comment on table mesh.used_token is 'Authorization tokens that were accepted, by SHA-256 of mailbox, nonce and count, so that none is accepted twice. Kept four hours, the width of their time window.';
