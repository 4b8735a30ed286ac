-- place cis.authenticator by user_id in staff_authenticator
create table cis.authenticator (
  user_id text collate "C" not null,
  authenticator_id uuid not null,
  kind text not null,
  name text not null,
  credential_id text collate "C",
  public_key bytea,
  transports jsonb,
  model text,
  sign_count bigint not null default 0,
  is_backup_eligible boolean not null default false,
  is_backed_up boolean not null default false,
  sealed_seed text,
  last_step bigint not null default 0,
  added_at timestamptz not null,
  last_used_at timestamptz,
  suspected_at timestamptz,
  primary key (user_id, authenticator_id)
);
comment on table cis.authenticator is 'Passkeys and authenticator apps of staff; seeds of apps are sealed. Kept until removed.';

-- place cis.passkey_owner by credential_id in passkey_owner
create table cis.passkey_owner (
  credential_id text collate "C" primary key,
  user_id text collate "C" not null,
  authenticator_id uuid not null
);
comment on table cis.passkey_owner is 'Whose a passkey is, by the id it names itself with at log-on. Kept as long as the passkey.';

-- place cis.staff_password by user_id in staff_authenticator
create table cis.staff_password (
  user_id text collate "C" primary key,
  hash text not null,
  set_at timestamptz not null
);
comment on table cis.staff_password is 'Passwords of staff as salted scrypt hashes. Kept until removed or replaced.';

-- place cis.passkey_challenge by bound_to in passkey_challenge
create table cis.passkey_challenge (
  bound_to text collate "C" not null,
  challenge_hash bytea not null,
  browser text not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (bound_to, challenge_hash)
);
create index passkey_challenge_expires_at on cis.passkey_challenge (expires_at);
comment on table cis.passkey_challenge is 'Challenges given to passkeys, by SHA-256, each for one log-on or enrolment in one browser. Two minutes; removed when spent.';

-- place cis.enrolment_code by code_hash in enrolment_code
create table cis.enrolment_code (
  code_hash bytea primary key,
  user_id text collate "C" not null,
  issued_by text not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  withdrawn_at timestamptz
);
create index enrolment_code_user_id on cis.enrolment_code (user_id);
create index enrolment_code_expires_at on cis.enrolment_code (expires_at);
comment on table cis.enrolment_code is 'One-time codes with which staff enrol their first authenticator, by SHA-256. A day; forgotten 30 days later.';

-- place cis.known_browser by user_id in staff_authenticator
create table cis.known_browser (
  user_id text collate "C" not null,
  browser_hash bytea not null,
  last_used_at timestamptz not null,
  primary key (user_id, browser_hash)
);
create index known_browser_last_used_at on cis.known_browser (last_used_at);
comment on table cis.known_browser is 'Browsers in which a user has logged on, by SHA-256 of their cookie. Forgotten a year after the last log-on.';

-- place cis.failed_tries by throttle_key in failed_tries
create table cis.failed_tries (
  throttle_key bytea primary key,
  tries double precision not null,
  counted_at timestamptz not null
);
create index failed_tries_counted_at on cis.failed_tries (counted_at);
comment on table cis.failed_tries is 'How many tries to log on failed lately, by keyed hash of user and browser or of the network address. Forgotten after a week.';
