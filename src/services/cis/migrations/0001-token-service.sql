create schema cis;

-- place cis.provider everywhere
create table cis.provider (
  issuer text collate "C" primary key,
  kind text not null,
  jwks jsonb,
  jwks_uri text,
  client_id text,
  client_secret text,
  authorization_endpoint text,
  token_endpoint text,
  userinfo_endpoint text,
  loaded_at timestamptz not null
);
comment on table cis.provider is 'Identity providers of others, by issuer; client_secret is sealed. Kept while registered.';

-- place cis.log_on_attempt by state_hash in log_on_attempt
create table cis.log_on_attempt (
  state_hash bytea primary key,
  app_id text collate "C" not null,
  redirect_uri text not null,
  client_state text not null,
  issuer text not null,
  nonce text not null,
  code_verifier text not null,
  callback_uri text not null,
  began_at timestamptz not null,
  used_at timestamptz
);
create index log_on_attempt_began_at on cis.log_on_attempt (began_at);
comment on table cis.log_on_attempt is 'Combined log-ons under way at an identity provider, by SHA-256 of our state. Kept a day.';

-- place cis.authorization_code by code_hash in authorization_code
create table cis.authorization_code (
  code_hash bytea primary key,
  app_id text collate "C" not null,
  redirect_uri text not null,
  principal jsonb not null,
  log_on_id uuid not null,
  family_id uuid not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  spent_at timestamptz
);
create index authorization_code_expires_at on cis.authorization_code (expires_at);
comment on table cis.authorization_code is 'Our own codes of the combined log-on, by SHA-256. Kept a day after they end.';

-- place cis.log_on by log_on_id in log_on
create table cis.log_on (
  log_on_id uuid primary key,
  user_info jsonb not null,
  logged_on_at timestamptz not null
);
create index log_on_logged_on_at on cis.log_on (logged_on_at);
comment on table cis.log_on is 'User information as the identity provider gave it at a combined log-on. Kept two days.';
