-- place cis.provider_artifact by id_hash in provider_artifact
create table cis.provider_artifact (
  id_hash bytea not null,
  provider text collate "C" not null,
  kind text collate "C" not null,
  grant_id text collate "C",
  user_id text collate "C",
  payload json not null,
  expires_at timestamptz,
  consumed_at timestamptz,
  primary key (id_hash, provider, kind)
);
create index provider_artifact_grant_id on cis.provider_artifact (grant_id) where grant_id is not null;
create index provider_artifact_expires_at on cis.provider_artifact (expires_at);
comment on table cis.provider_artifact is 'What the identity providers remember (codes, tokens, grants, log-ons under way, spent assertions) by SHA-256 of its id. Kept until a day after it expires.';

-- place cis.provider_session by uid in provider_session
create table cis.provider_session (
  uid text collate "C" primary key,
  provider text collate "C" not null,
  id_hash bytea not null,
  user_id text collate "C",
  level smallint,
  payload json not null,
  browser text not null,
  remote text not null,
  began_at timestamptz,
  seen_at timestamptz not null,
  expires_at timestamptz not null
);
create index provider_session_id_hash on cis.provider_session (id_hash);
create index provider_session_user_id on cis.provider_session (user_id) where user_id is not null;
create index provider_session_expires_at on cis.provider_session (expires_at);
comment on table cis.provider_session is 'Log-on sessions at the identity providers; the cookie only as SHA-256. Kept until a day after they expire.';

-- place cis.signing_key everywhere
create table cis.signing_key (
  kid text collate "C" primary key,
  purpose text collate "C" not null,
  public_jwk jsonb not null,
  sealed_key text not null,
  created_at timestamptz not null,
  retired_at timestamptz
);
comment on table cis.signing_key is 'Signing keys of the identity providers and of the token service as their client; private keys sealed. A retired key is published for a day and kept for good.';

-- place cis.sandbox_user everywhere
create table cis.sandbox_user (
  kind text collate "C" not null,
  username text collate "C" not null,
  sub text collate "C" not null,
  claims json not null,
  userinfo json not null,
  loaded_at timestamptz not null,
  primary key (kind, username)
);
create index sandbox_user_sub on cis.sandbox_user (kind, sub);
comment on table cis.sandbox_user is 'Users a sandbox was given to log on with. Kept until the sandbox is reset.';

-- place cis.logout_notice by id in logout_notice
create table cis.logout_notice (
  id uuid primary key,
  provider text collate "C" not null,
  client_id text collate "C" not null,
  user_id text collate "C" not null,
  sid text collate "C" not null,
  attempts smallint not null,
  next_at timestamptz not null,
  asked_at timestamptz not null
);
create index logout_notice_next_at on cis.logout_notice (next_at);
comment on table cis.logout_notice is 'Back-channel logouts still to be told to a client. Kept until told, or until an hour of trying has passed.';
