-- place mesh.authority everywhere
create table mesh.authority (
  name text collate "C" primary key,
  certificate bytea not null,
  sealed_key text not null,
  made_at timestamptz not null
);
comment on table mesh.authority is 'The authority that issues client certificates for mailboxes; its key is sealed. Kept.';
