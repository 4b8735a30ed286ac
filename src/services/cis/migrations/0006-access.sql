-- Who may look at whose record, who looked though they perhaps should not have, and what became of it.

-- place cis.relationship by nhs_number in patient
create table cis.relationship (
  nhs_number text collate "C" not null,
  relationship_id uuid not null,
  kind text not null,
  ods_code text collate "C" not null,
  workgroup_code text collate "C",
  user_id text collate "C",
  established_by text collate "C" not null,
  reason text not null,
  starts_at timestamptz not null,
  expires_at timestamptz,
  ended_at timestamptz,
  ended_by text collate "C",
  end_reason text,
  primary key (nhs_number, relationship_id)
);
comment on table cis.relationship is
  'Legitimate relationships of a patient with one member of an organisation''s staff, a workgroup of it or, both null, all of it; registrations are PDS''s. Kept for ever.';

-- place cis.permission by nhs_number in patient
create table cis.permission (
  nhs_number text collate "C" not null,
  permission_id uuid not null,
  value text not null,
  ods_code text collate "C" not null,
  user_id text collate "C",
  recorded_by text collate "C" not null,
  reason text,
  note text not null,
  recorded_at timestamptz not null,
  expires_at timestamptz,
  primary key (nhs_number, permission_id)
);
comment on table cis.permission is
  'What a patient said of being viewed, or that an emergency stood in its place; the newest that applies counts. Kept for ever.';

-- place cis.privacy_alert by ods_code in organisation
create table cis.privacy_alert (
  ods_code text collate "C" not null,
  reference uuid not null,
  code text collate "C" not null,
  user_id text collate "C" not null,
  nhs_number text collate "C" not null,
  detail text not null,
  raised_at timestamptz not null,
  state text not null,
  assigned_to text collate "C",
  closed_at timestamptz,
  primary key (ods_code, reference)
);
create index privacy_alert_open on cis.privacy_alert (ods_code, code) where closed_at is null;
create index privacy_alert_user on cis.privacy_alert (ods_code, user_id, nhs_number, code);
comment on table cis.privacy_alert is
  'Alerts for the privacy officers of the viewing user''s organisation, each a case: state new, assigned, escalated, justified. Kept for ever.';

-- place cis.privacy_alert_access by ods_code in organisation
create table cis.privacy_alert_access (
  ods_code text collate "C" not null,
  code text collate "C" not null,
  entry text collate "C" not null,
  reference uuid not null,
  operation text collate "C" not null,
  role_id text collate "C" not null,
  request_id text not null,
  looked_at timestamptz not null,
  primary key (ods_code, code, entry)
);
create index privacy_alert_access_reference on cis.privacy_alert_access (ods_code, reference);
comment on table cis.privacy_alert_access is
  'The accesses that raised each alert, by audit entry (writer-seq) or the claim itself; one entry raises one code once. Kept for ever.';

-- place cis.privacy_alert_step by ods_code in organisation
create table cis.privacy_alert_step (
  ods_code text collate "C" not null,
  reference uuid not null,
  step_id uuid not null,
  action text not null,
  by_user text collate "C" not null,
  by_role text collate "C" not null,
  note text not null,
  happened_at timestamptz not null,
  primary key (ods_code, reference, step_id)
);
comment on table cis.privacy_alert_step is
  'Case history of each alert: opened, assigned, noted, escalated, closed, by whom and why. Kept for ever.';

-- place cis.look_up by user_id in staff
create table cis.look_up (
  user_id text collate "C" not null,
  nhs_number text collate "C" not null,
  looked_at timestamptz not null,
  primary key (user_id, nhs_number)
);
create index look_up_looked_at on cis.look_up (looked_at);
comment on table cis.look_up is
  'Which patients each user looked at in the last hour; once they were too many, one row without a number until the hour is over. Kept two hours.';

create index person_nhs_number on cis.person (nhs_number) where nhs_number is not null;
