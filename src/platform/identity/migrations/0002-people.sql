-- Tokens of people: whose they are, and of which log-on, so that they can be revoked by either.
alter table identity.token
  add column user_id text collate "C",
  add column session_id text collate "C",
  add column family_id uuid;
create index token_user_id on identity.token (user_id) where user_id is not null;
create index token_session_id on identity.token (session_id) where session_id is not null;
create index token_family_id on identity.token (family_id) where family_id is not null;

alter table identity.revocation
  add column user_id text collate "C",
  add column session_id text collate "C",
  add column family_id uuid;
comment on table identity.revocation is
  'What every process must forget or read anew: a token, or all tokens of an application, a user, a log-on or a family. Kept a day.';

-- place identity.refresh_token by token_hash in refresh_token
create table identity.refresh_token (
  token_hash bytea primary key,
  family_id uuid not null,
  app_id text collate "C" not null,
  user_id text collate "C" not null,
  session_id text collate "C",
  principal jsonb not null,
  refresh_count integer not null,
  first_issued_at timestamptz not null,
  expires_at timestamptz not null,
  spent_at timestamptz,
  revoked_at timestamptz
);
create index refresh_token_family_id on identity.refresh_token (family_id);
create index refresh_token_session_id on identity.refresh_token (session_id) where session_id is not null;
create index refresh_token_user_id on identity.refresh_token (user_id);
create index refresh_token_app_id on identity.refresh_token (app_id);
create index refresh_token_expires_at on identity.refresh_token (expires_at);
comment on table identity.refresh_token is 'Refresh tokens by SHA-256; a family descends from one log-on. Kept a day after they end.';
