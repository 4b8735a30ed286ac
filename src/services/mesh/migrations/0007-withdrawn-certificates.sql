-- Passwords that overlap, several at a time; client certificates that were withdrawn.

-- nothing has been released that reads the pair of columns this takes the place of
alter table mesh.mailbox
  drop column sealed_previous_password,
  drop column previous_until_at,
  add column earlier_passwords jsonb not null default '[]';
comment on table mesh.mailbox is 'Mailboxes by id; passwords are sealed, since tokens are checked with them; earlier_passwords: those before, each with the time until which it holds too (sealed, until: milliseconds since 1970); quotas, where there are any. Kept while registered.';

alter table mesh.certificate add column serial text collate "C";
comment on table mesh.certificate is 'Client certificates registered for a mailbox, by SHA-256; where there are any, it is called with one of them only. serial: of one that our own authority issued. Kept while registered.';

-- place mesh.withdrawn_certificate by mailbox_id in mailbox
create table mesh.withdrawn_certificate (
  mailbox_id text collate "C" not null,
  fingerprint text collate "C" not null,
  serial text collate "C",
  reason text not null,
  not_after_at timestamptz not null,
  withdrawn_at timestamptz not null,
  primary key (mailbox_id, fingerprint)
);
comment on table mesh.withdrawn_certificate is 'Client certificates taken out of a mailbox: refused there; those of our own authority (serial) everywhere, and told in its revocation list. Kept until the certificate has run out.';
