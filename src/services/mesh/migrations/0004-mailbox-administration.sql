-- What owners of mailboxes and administrators ask for: passwords that overlap, quotas, certificates, notices, receipts.

alter table mesh.mailbox
  add column sealed_previous_password text,
  add column previous_until_at timestamptz,
  add column messages_a_day bigint,
  add column bytes_a_day bigint,
  add column waiting_bytes bigint;
comment on table mesh.mailbox is 'Mailboxes by id; passwords are sealed, since tokens are checked with them, the one before too until previous_until_at; quotas, where there are any. Kept while registered.';

alter table mesh.message add column is_receipt_wanted boolean not null default false;

create index message_uploading on mesh.message (mailbox_id, message_id) where state = 'uploading';

alter table mesh.outbox add column workflow_id text collate "C" not null default '';

-- place mesh.usage by mailbox_id in mailbox
create table mesh.usage (
  mailbox_id text collate "C" not null,
  day_on date not null,
  messages bigint not null,
  bytes bigint not null,
  primary key (mailbox_id, day_on)
);
comment on table mesh.usage is 'What mailboxes with a quota have sent on a day. Kept 30 days.';

-- place mesh.contact by mailbox_id in mailbox
create table mesh.contact (
  mailbox_id text collate "C" primary key,
  called_at timestamptz not null
);
comment on table mesh.contact is 'When each mailbox was last heard of, to within some minutes. Kept.';

-- place mesh.certificate by mailbox_id in mailbox
create table mesh.certificate (
  mailbox_id text collate "C" not null,
  fingerprint text collate "C" not null,
  name text not null,
  not_after_at timestamptz not null,
  registered_at timestamptz not null,
  primary key (mailbox_id, fingerprint)
);
comment on table mesh.certificate is 'Client certificates registered for a mailbox, by SHA-256; where there are any, it is called with one of them only. Kept while registered.';

-- place mesh.webhook by mailbox_id in mailbox
create table mesh.webhook (
  mailbox_id text collate "C" primary key,
  url text not null,
  sealed_secret text not null,
  is_enabled boolean not null,
  registered_at timestamptz not null,
  due_at timestamptz,
  change_no bigint not null,
  failures int not null,
  failing_since_at timestamptz,
  told_at timestamptz,
  fault text not null
);
create index webhook_due on mesh.webhook (due_at) where is_enabled and due_at is not null;
comment on table mesh.webhook is 'Where the owner of a mailbox is told that mail waits; due_at when the next notice goes out. Kept while registered.';
