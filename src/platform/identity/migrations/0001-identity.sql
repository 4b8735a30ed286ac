create schema identity;

-- place identity.application by app_id in application
create table identity.application (
  app_id text collate "C" primary key,
  name text not null,
  ods_code text collate "C",
  asid text collate "C",
  status text not null,
  products jsonb not null,
  attributes jsonb not null,
  jwks jsonb,
  jwks_url text,
  redirect_uris jsonb not null,
  secret_hash text,
  registered_at timestamptz not null,
  changed_at timestamptz not null
);
comment on table identity.application is 'Registered applications, by API key. Kept while registered.';

-- place identity.token by token_hash in token
create table identity.token (
  token_hash bytea primary key,
  app_id text collate "C" not null,
  principal jsonb not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index token_expires_at on identity.token (expires_at);
comment on table identity.token is 'Access tokens by SHA-256 of the token. Kept a day after they end.';

-- place identity.revocation everywhere
create table identity.revocation (
  id uuid primary key,
  token_hash bytea,
  app_id text collate "C",
  revoked_at timestamptz not null
);
comment on table identity.revocation is 'What every process must forget: a token, or all tokens of an application. Kept a day.';

-- place identity.assertion by jti_key in assertion
create table identity.assertion (
  jti_key text collate "C" primary key,
  spent_at timestamptz not null
);
create index assertion_spent_at on identity.assertion (spent_at);
comment on table identity.assertion is 'Client assertions already used, API key and jti. Kept 30 days.';
