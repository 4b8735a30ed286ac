create schema audit;

-- place audit.entry by nhs_number in patient
create table audit.entry (
  nhs_number text collate "C" not null,
  at timestamptz not null,
  writer uuid not null,
  seq bigint not null,
  operation text collate "C" not null,
  outcome text collate "C" not null,
  status integer not null,
  mode text collate "C" not null,
  app_id text collate "C" not null,
  ods_code text collate "C" not null,
  user_id text collate "C" not null,
  role_id text collate "C" not null,
  purpose text not null,
  request_id text collate "C" not null,
  hash bytea not null,
  primary key (nhs_number, at, writer, seq)
) partition by range (at);
create table audit.entry_rest partition of audit.entry default;
create index entry_chain on audit.entry (writer, seq);
comment on table audit.entry is
  'Every access, allowed or refused: append only, chained by hash per writer. nhs_number is empty where no patient was concerned. Kept for ever, a partition a month.';

-- place audit.writer by writer in writer
create table audit.writer (
  writer uuid primary key,
  instance text not null,
  started_at timestamptz not null,
  ended_at timestamptz
);
comment on table audit.writer is 'The chains: one row each process and lane that writes entries. Kept for ever.';

-- place audit.seal by writer in writer
create table audit.seal (
  writer uuid not null,
  seq bigint not null,
  hash bytea not null,
  sealed_at timestamptz not null,
  previous bytea not null,
  key_id text not null,
  signature bytea not null,
  primary key (writer, seq)
);
comment on table audit.seal is 'Signed checkpoints of each chain; each names the one before. Kept for ever.';
