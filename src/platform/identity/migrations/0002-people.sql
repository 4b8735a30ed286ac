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
