-- place cis.patient_account by nhs_number in patient
create table cis.patient_account (
  nhs_number text collate "C" not null,
  sub uuid not null,
  state text collate "C" not null,
  proofing text collate "C" not null,
  evidence json,
  proofed_by text collate "C" not null,
  proofed_in text collate "C" not null,
  proofed_at timestamptz not null,
  opened_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (nhs_number, sub)
);
create unique index patient_account_open on cis.patient_account (nhs_number) where state <> 'closed';
comment on table cis.patient_account is 'Accounts by which patients log on: whose record, how far the identity is proved, by which member of staff, in which organisation, on what evidence. One that is not closed for each patient. Kept for ever.';

-- place cis.patient_account_sub by sub in patient_account_sub
create table cis.patient_account_sub (
  sub uuid primary key,
  nhs_number text collate "C" not null
);
comment on table cis.patient_account_sub is 'Whose record the account with this id is for. Kept for ever.';

-- place cis.client_user_metadata by sub in client_user_metadata
create table cis.client_user_metadata (
  sub text collate "C" not null,
  client_id text collate "C" not null,
  metadata json not null,
  changed_at timestamptz not null,
  primary key (sub, client_id)
);
comment on table cis.client_user_metadata is 'What an application keeps with the account of a patient, each application for itself. Kept until the application removes it.';

create index provider_artifact_granted on cis.provider_artifact (user_id) where grant_id is not null;

comment on table cis.authenticator is 'Passkeys and authenticator apps of staff and, marked patient:, of patients; seeds of apps are sealed. Kept until removed.';
comment on table cis.staff_password is 'Passwords of staff and, marked patient:, of patients as salted scrypt hashes. Kept until removed or replaced.';
comment on table cis.enrolment_code is 'One-time codes with which staff and, marked patient:, patients enrol their first authenticator, by SHA-256. A day; forgotten 30 days later.';
