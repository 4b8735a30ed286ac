-- place cis.card_authority home
create table cis.card_authority (
  name text collate "C" primary key,
  certificate bytea not null,
  sealed_key text not null,
  made_at timestamptz not null
);
comment on table cis.card_authority is 'Certificates and sealed keys of the card authority: its root, what issues cards, and, in a sandbox, the server. Kept for ever.';

-- place cis.card by card_number in card
create table cis.card (
  card_number text collate "C" primary key,
  user_id text collate "C" not null,
  state text not null,
  version integer not null,
  made_at timestamptz not null,
  changed_at timestamptz not null
);
create index card_user_id on cis.card (user_id);
comment on table cis.card is 'Smartcards, one row each; a card that has expired keeps the state it had. Kept for ever.';

-- place cis.card_certificate by serial in card_certificate
create table cis.card_certificate (
  serial text collate "C" primary key,
  card_number text collate "C" not null,
  user_id text collate "C" not null,
  usage text not null,
  certificate bytea not null,
  not_before_at timestamptz not null,
  not_after_at timestamptz not null,
  revoked_at timestamptz,
  revocation_reason text
);
create index card_certificate_card_number on cis.card_certificate (card_number);
create index card_certificate_revoked on cis.card_certificate (not_after_at) where revoked_at is not null;
comment on table cis.card_certificate is 'Every certificate ever put on a card, by serial number in hexadecimal, with its revocation. Kept for ever.';

-- place cis.card_hand_over by secret_hash in card_hand_over
create table cis.card_hand_over (
  secret_hash bytea primary key,
  leg text not null,
  attempt_id text not null,
  browser text not null,
  return_to text not null,
  user_id text collate "C",
  card_number text collate "C",
  began_at timestamptz not null,
  expires_at timestamptz not null,
  spent_at timestamptz
);
create index card_hand_over_expires_at on cis.card_hand_over (expires_at);
comment on table cis.card_hand_over is 'Log-ons on their way to the card port (ticket) and back (proof), by SHA-256 of the secret. Kept a day.';

-- place cis.phone_request by request_hash in phone_request
create table cis.phone_request (
  request_hash bytea primary key,
  attempt_id text not null,
  browser text not null,
  client_name text not null,
  number text not null,
  choices text not null,
  origin_address text collate "C" not null,
  origin_agent text not null,
  levels text not null,
  state text not null,
  user_id text collate "C",
  session_id text,
  level smallint,
  amr text,
  opened_at timestamptz not null,
  expires_at timestamptz not null,
  decided_at timestamptz
);
create index phone_request_origin_address on cis.phone_request (origin_address, expires_at);
create index phone_request_user_id on cis.phone_request (user_id, expires_at);
create index phone_request_expires_at on cis.phone_request (expires_at);
comment on table cis.phone_request is 'Log-ons to be approved on a phone, by SHA-256 of the name in the QR code. Kept a day.';
