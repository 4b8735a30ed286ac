-- Who works where, in which role: the Registration Authority's tables, and the national role data they refer to.

-- place cis.id_counter home
create table cis.id_counter (
  name text collate "C" primary key,
  next bigint not null
);
comment on table cis.id_counter is 'The next twelve-digit id of each kind; handed out under its row lock. Kept for ever.';
insert into cis.id_counter (name, next) values
  ('user', 700000000001), ('role', 710000000001), ('person-org', 720000000001), ('position', 730000000001), ('workgroup', 740000000001);

-- place cis.person by user_id in staff
create table cis.person (
  user_id text collate "C" primary key,
  version integer not null,
  status text not null,
  registered_by_ods text collate "C" not null,
  title text,
  given_name text not null,
  middle_names text,
  family_name text not null,
  email text,
  professional_ids jsonb not null,
  id_assurance_level smallint not null,
  evidence jsonb not null,
  born_on date not null,
  postcode text,
  nhs_number text collate "C",
  national_insurance_sealed text,
  registered_at timestamptz not null,
  changed_at timestamptz not null
);
comment on table cis.person is
  'Identities of staff, by user id; the national insurance number is sealed. Never deleted: a closed identity must not be given out again.';

-- place cis.person_key by match_key in person_key
create table cis.person_key (
  match_key bytea not null,
  user_id text collate "C" not null,
  primary key (match_key, user_id)
);
create index person_key_user_id on cis.person_key (user_id);
comment on table cis.person_key is
  'Keyed hashes of name with birth date, and of national insurance number, for the search for duplicates. Kept with the identity.';

-- place cis.sandbox_person by user_id in staff
create table cis.sandbox_person (
  user_id text collate "C" primary key,
  level smallint not null
);
comment on table cis.sandbox_person is
  'The level for which a sandbox takes a user of the demo nation at their word. Kept until the sandbox is reset; empty in production.';

-- place cis.demo_staff home
create table cis.demo_staff (
  id smallint primary key,
  body jsonb not null
);
comment on table cis.demo_staff is 'One row: the staff of the demo nation, from which a sandbox is reset. Kept for ever; empty in production.';

-- place cis.organisation everywhere
create table cis.organisation (
  ods_code text collate "C" primary key,
  name text not null,
  parent_ods text collate "C",
  loaded_at timestamptz not null
);
comment on table cis.organisation is
  'Organisations that have staff, and the organisation whose Registration Authority also serves them. Kept until SDS answers for them.';

-- place cis.workgroup everywhere
create table cis.workgroup (
  workgroup_code text collate "C" primary key,
  ods_code text collate "C" not null,
  name text not null,
  created_at timestamptz not null
);
comment on table cis.workgroup is 'Workgroups, by twelve-digit code. Kept for ever.';

-- place cis.position everywhere
create table cis.position (
  position_id text collate "C" primary key,
  version integer not null,
  state text not null,
  ods_code text collate "C" not null,
  content jsonb not null,
  approved_at timestamptz not null
);
create index position_ods_code on cis.position (ods_code);
comment on table cis.position is
  'Approved positions: name, job role, activities, areas of work, workgroups, validity. State approved or withdrawn. Kept for ever.';

-- place cis.position_proposal everywhere
create table cis.position_proposal (
  proposal_id uuid primary key,
  position_id text collate "C" not null,
  base_version integer not null,
  ods_code text collate "C" not null,
  content jsonb not null,
  state text not null,
  reason text not null,
  proposed_by text collate "C" not null,
  proposed_at timestamptz not null,
  decided_by text collate "C",
  decided_at timestamptz
);
create index position_proposal_position_id on cis.position_proposal (position_id);
create index position_proposal_ods_code on cis.position_proposal (ods_code);
comment on table cis.position_proposal is
  'What a position shall contain, and who said so: state proposed, approved or refused; content null in JSON withdraws it. Kept for ever.';

-- place cis.membership by user_id in staff
create table cis.membership (
  user_id text collate "C" not null,
  ods_code text collate "C" not null,
  person_orgid text collate "C" not null,
  since_at timestamptz not null,
  primary key (user_id, ods_code)
);
comment on table cis.membership is 'The id of a person in an organisation, shared by all their assignments there. Kept for ever.';

-- place cis.assignment by user_id in staff
create table cis.assignment (
  user_id text collate "C" not null,
  role_profile_id text collate "C" not null,
  position_id text collate "C" not null,
  ods_code text collate "C" not null,
  state text not null,
  valid_from_on date,
  valid_to_on date,
  requested_by text collate "C" not null,
  requested_at timestamptz not null,
  decided_by text collate "C",
  decided_at timestamptz,
  ended_by text collate "C",
  ended_at timestamptz,
  primary key (user_id, role_profile_id)
);
create index assignment_ods_code on cis.assignment (ods_code, state);
create index assignment_position_id on cis.assignment (position_id) where state in ('requested', 'active');
comment on table cis.assignment is
  'Positions given to people, each with its role profile id (person_roleid): state requested, active, refused or ended. Kept for ever.';

-- place cis.registration_history by subject_id in staff
create table cis.registration_history (
  subject_id text collate "C" not null,
  history_id uuid not null,
  happened_at timestamptz not null,
  verb text collate "C" not null,
  actor_id text collate "C" not null,
  actor_role_id text collate "C" not null,
  actor_ods text collate "C" not null,
  before jsonb,
  after jsonb,
  reason text not null,
  request_id text not null,
  primary key (subject_id, history_id)
);
comment on table cis.registration_history is
  'Each change the Registration Authority made, by user id or position id: who, when, before, after, why. Kept for ever.';

-- place cis.registration_request by request_key in registration_request
create table cis.registration_request (
  request_key bytea primary key,
  fingerprint bytea not null,
  status smallint,
  answer jsonb,
  made_at timestamptz not null
);
create index registration_request_made_at on cis.registration_request (made_at);
comment on table cis.registration_request is
  'Requests answered, by SHA-256 of user and request id, so that a repetition gets the first answer. Kept seven days.';

-- place cis.national_roles_version everywhere
create table cis.national_roles_version (
  id smallint primary key,
  version bigint not null
);
comment on table cis.national_roles_version is 'One row: counts the loads of national role data, so that processes know to read it anew.';
insert into cis.national_roles_version (id, version) values (1, 1);

-- place cis.staff_group everywhere
create table cis.staff_group (
  group_code text collate "C" primary key,
  staff_group text not null,
  sub_group text not null
);
comment on table cis.staff_group is 'Staff group and sub staff group of job roles (S…:G…), with their names. Kept for ever.';

-- place cis.job_role everywhere
create table cis.job_role (
  role_code text collate "C" primary key,
  name text not null,
  group_code text collate "C" not null,
  is_group_published boolean not null
);
comment on table cis.job_role is 'National job roles (R…). Kept for ever.';

-- place cis.activity everywhere
create table cis.activity (
  activity_code text collate "C" primary key,
  name text not null,
  is_verified boolean not null,
  is_restricted boolean not null
);
comment on table cis.activity is
  'National activities (B…); is_verified: code and name stand together in official data; is_restricted: only a manager gives it. Kept for ever.';

-- place cis.activity_inclusion everywhere
create table cis.activity_inclusion (
  activity_code text collate "C" not null,
  implies_code text collate "C" not null,
  primary key (activity_code, implies_code)
);
comment on table cis.activity_inclusion is 'Which activity brings which other with it. Kept for ever.';

-- place cis.role_baseline everywhere
create table cis.role_baseline (
  role_code text collate "C" not null,
  activity_code text collate "C" not null,
  is_ours boolean not null,
  primary key (role_code, activity_code)
);
comment on table cis.role_baseline is 'Activities a job role brings with it; is_ours until the national baseline is loaded. Kept for ever.';

-- place cis.area_of_work everywhere
create table cis.area_of_work (
  area_code text collate "C" primary key,
  name text not null
);
comment on table cis.area_of_work is 'Areas of work (P…:Q…:T…), with their quoted names. Kept for ever.';

-- National job roles, as published; the staff group is ours where is_group_published is false.

insert into cis.staff_group (group_code, staff_group, sub_group) values
  ('S0080:G0450', 'Admin & Clerical', 'Management - A & C'),
  ('S8000:G8000', 'Clinical', 'Clinical Provision'),
  ('S8001:G8002', 'Support', 'Support'),
  ('S8001:G8005', 'Support', 'Systems Support'),
  ('S8002:G8003', 'Admin and Clerical', 'Admin and Clerical'),
  ('S0010:G0020', 'Medical and Dental', 'Medical and Dental'),
  ('S0030:G0100', 'Nursing and Midwifery', 'Nursing and Midwifery'),
  ('S8000:G8001', 'Clinical', 'Clinical Support'),
  ('S0000:G0000', 'Not published', 'Not published');

insert into cis.job_role (role_code, name, group_code, is_group_published) values
  ('R0010', 'Medical Director', 'S0000:G0000', false),
  ('R0020', 'Clinical Director - Medical', 'S0000:G0000', false),
  ('R0210', 'Director of Public Health', 'S0000:G0000', false),
  ('R0030', 'Professor', 'S0000:G0000', false),
  ('R0040', 'Senior Lecturer', 'S0000:G0000', false),
  ('R0050', 'Consultant', 'S0010:G0020', true),
  ('R0060', 'Special Salary Scale in Public Health Medicine', 'S0000:G0000', false),
  ('R0070', 'Associate Specialist', 'S0000:G0000', false),
  ('R0080', 'Staff Grade', 'S0000:G0000', false),
  ('R0090', 'Hospital Practitioner', 'S0000:G0000', false),
  ('R0100', 'Clinical Assistant', 'S0000:G0000', false),
  ('R0110', 'Specialist Registrar', 'S0000:G0000', false),
  ('R0120', 'Senior Registrar (Closed)', 'S0000:G0000', false),
  ('R0130', 'Registrar (Closed)', 'S0000:G0000', false),
  ('R0140', 'Senior House Officer', 'S0000:G0000', false),
  ('R0150', 'House Officer - Pre Registration', 'S0000:G0000', false),
  ('R0160', 'House Officer - Post Registration', 'S0000:G0000', false),
  ('R0170', 'Trust Grade Doctor - House Officer level', 'S0000:G0000', false),
  ('R0180', 'Trust Grade Doctor - SHO level', 'S0000:G0000', false),
  ('R0190', 'Trust Grade Doctor - Specialist Registrar level', 'S0000:G0000', false),
  ('R0200', 'Trust Grade Doctor - Career Grade level', 'S0000:G0000', false),
  ('R0260', 'General Medical Practitioner', 'S0010:G0020', true),
  ('R0270', 'Salaried General Practitioner', 'S0000:G0000', false),
  ('R1981', 'Psychiatrist', 'S0000:G0000', false),
  ('R1984', 'Health Records Administrator', 'S0000:G0000', false),
  ('R6200', 'GP Registrar', 'S0000:G0000', false),
  ('R6300', 'Sessional GP', 'S0000:G0000', false),
  ('R7140', 'ODP', 'S0000:G0000', false),
  ('R7150', 'SODP', 'S0000:G0000', false),
  ('R9100', 'A&E Staff Nurse (Temporary)  London Cluster Only', 'S0000:G0000', false),
  ('R9101', 'A&E Manager (Temporary) London Cluster Only', 'S0000:G0000', false),
  ('R9102', 'A&E Doctor  (Temporary) London Cluster only', 'S0000:G0000', false),
  ('R9103', 'A&E Student (Temporary) London Cluster Only', 'S0000:G0000', false),
  ('R9104', 'A&E Clerk (Temporary) London Cluster Only', 'S0000:G0000', false),
  ('R0215', 'Assistant Clinical Medical Officer', 'S0000:G0000', false),
  ('R0220', 'Clinical Medical Officer', 'S0000:G0000', false),
  ('R0230', 'Senior Clinical Medical Officer', 'S0000:G0000', false),
  ('R0240', 'Other Community Health Service', 'S0000:G0000', false),
  ('R0243', 'Other Community Health Service - Social Care Worker', 'S0000:G0000', false),
  ('R0247', 'Other Community Health Service - Admin Clerk', 'S0000:G0000', false),
  ('R0055', 'Dental Surgeon acting as Hospital Consultant', 'S0000:G0000', false),
  ('R0250', 'General Dental Practitioner', 'S0000:G0000', false),
  ('R0280', 'Regional Dental Officer', 'S0000:G0000', false),
  ('R0290', 'Dental Clinical Director - Dental', 'S0000:G0000', false),
  ('R0295', 'Dental Assistant Clinical Director', 'S0000:G0000', false),
  ('R0300', 'Dental Officer', 'S0000:G0000', false),
  ('R0310', 'Senior Dental Officer', 'S0000:G0000', false),
  ('R0320', 'Salaried Dental Practitioner', 'S0000:G0000', false),
  ('R0006', 'Student Community Practitioner', 'S0000:G0000', false),
  ('R0330', 'Student Nurse - Adult Branch', 'S0000:G0000', false),
  ('R0340', 'Student Nurse - Child Branch', 'S0000:G0000', false),
  ('R0350', 'Student Nurse - Mental Health Branch', 'S0000:G0000', false),
  ('R0360', 'Student Nurse - Learning Disabilities Branch', 'S0000:G0000', false),
  ('R0370', 'Student Midwife', 'S0000:G0000', false),
  ('R0380', 'Student Health Visitor', 'S0000:G0000', false),
  ('R0390', 'Student District Nurse', 'S0000:G0000', false),
  ('R0400', 'Student School Nurse', 'S0000:G0000', false),
  ('R0410', 'Student Practice Nurse', 'S0000:G0000', false),
  ('R0420', 'Student Occupational Health Nurse', 'S0000:G0000', false),
  ('R0430', 'Student Community Paediatric Nurse', 'S0000:G0000', false),
  ('R0440', 'Student Community Mental Health Nurse', 'S0000:G0000', false),
  ('R0450', 'Student Community Learning Disabilities Nurse', 'S0000:G0000', false),
  ('R0460', 'Student Chiropodist', 'S0000:G0000', false),
  ('R0470', 'Student Dietitian', 'S0000:G0000', false),
  ('R0480', 'Student Occupational Therapist', 'S0000:G0000', false),
  ('R0490', 'Student Orthoptist', 'S0000:G0000', false),
  ('R0500', 'Student Physiotherapist', 'S0000:G0000', false),
  ('R0510', 'Student Radiographer - Diagnostic', 'S0000:G0000', false),
  ('R0520', 'Student Radiographer - Therapeutic', 'S0000:G0000', false),
  ('R0530', 'Student Speech & Language Therapist', 'S0000:G0000', false),
  ('R0540', 'Art, Music & Drama Student', 'S0000:G0000', false),
  ('R0550', 'Student Psychotherapist', 'S0000:G0000', false),
  ('R6400', 'Medical Student', 'S0000:G0000', false),
  ('R0560', 'Director of Nursing', 'S0000:G0000', false),
  ('R0580', 'Nurse Manager', 'S0000:G0000', false),
  ('R0610', 'Sister/Charge Nurse', 'S0000:G0000', false),
  ('R1976', 'Community Team Manager', 'S0000:G0000', false),
  ('R0570', 'Nurse Consultant', 'S0030:G0100', true),
  ('R0600', 'Specialist Nurse Practitioner', 'S0000:G0000', false),
  ('R0620', 'Staff Nurse', 'S0030:G0100', true),
  ('R0630', 'Enrolled Nurse', 'S0000:G0000', false),
  ('R0690', 'Community Practitioner', 'S0000:G0000', false),
  ('R0700', 'Community Nurse', 'S0000:G0000', false),
  ('R1974', 'Community Learning Disabilities Nurse', 'S0000:G0000', false),
  ('R1975', 'Community Mental Health Nurse', 'S0000:G0000', false),
  ('R0590', 'Modern Matron', 'S0000:G0000', false),
  ('R1972', 'Clinical Team Manager', 'S0000:G0000', false),
  ('R0640', 'Midwife - Consultant', 'S0000:G0000', false),
  ('R0650', 'Midwife - Specialist Practitioner', 'S0000:G0000', false),
  ('R0660', 'Midwife - Manager', 'S0000:G0000', false),
  ('R0670', 'Midwife - Sister/Charge Nurse', 'S0000:G0000', false),
  ('R0680', 'Midwife', 'S0000:G0000', false),
  ('R0018', 'Audiologist', 'S0000:G0000', false),
  ('R0750', 'Chiropodist/Podiatrist', 'S0000:G0000', false),
  ('R0760', 'Chiropodist/Podiatrist Consultant', 'S0000:G0000', false),
  ('R0770', 'Chiropodist/Podiatrist Manager', 'S0000:G0000', false),
  ('R0780', 'Chiropodist/Podiatrist Specialist Practitioner', 'S0000:G0000', false),
  ('R0790', 'Dietitian', 'S0000:G0000', false),
  ('R0800', 'Dietitian Consultant', 'S0000:G0000', false),
  ('R0810', 'Dietitian Manager', 'S0000:G0000', false),
  ('R0820', 'Dietitian Specialist Practitioner', 'S0000:G0000', false),
  ('R0950', 'Occupational Therapist', 'S0000:G0000', false),
  ('R0960', 'Occupational Therapist Consultant', 'S0000:G0000', false),
  ('R0970', 'Occupational Therapist Manager', 'S0000:G0000', false),
  ('R0980', 'Occupational Therapy Specialist Practitioner', 'S0000:G0000', false),
  ('R0990', 'Orthoptist', 'S0000:G0000', false),
  ('R1000', 'Orthoptist Consultant', 'S0000:G0000', false),
  ('R1010', 'Orthoptist Manager', 'S0000:G0000', false),
  ('R1020', 'Orthoptist Specialist Practitioner', 'S0000:G0000', false),
  ('R1110', 'Physiotherapist', 'S0000:G0000', false),
  ('R1120', 'Physiotherapist Consultant', 'S0000:G0000', false),
  ('R1130', 'Physiotherapist Manager', 'S0000:G0000', false),
  ('R1140', 'Physiotherapist Specialist Practitioner', 'S0000:G0000', false),
  ('R1070', 'Paramedic', 'S0000:G0000', false),
  ('R1080', 'Paramedic Consultant', 'S0000:G0000', false),
  ('R1090', 'Paramedic Manager', 'S0000:G0000', false),
  ('R1100', 'Paramedic Specialist Practitioner', 'S0000:G0000', false),
  ('R0003', 'Clinical Application Administrator', 'S0000:G0000', false),
  ('R0012', 'Radiographer', 'S0000:G0000', false),
  ('R0013', 'Student Radiographer', 'S0000:G0000', false),
  ('R0014', 'Radiologist', 'S0000:G0000', false),
  ('R0015', 'PACS Administrator', 'S0000:G0000', false),
  ('R0016', 'Reporting Radiographer', 'S0000:G0000', false),
  ('R0017', 'Assistant Practitioner', 'S0000:G0000', false),
  ('R1190', 'Radiographer - Diagnostic', 'S0000:G0000', false),
  ('R1200', 'Radiographer - Diagnostic, Consultant', 'S0000:G0000', false),
  ('R1210', 'Radiographer - Diagnostic, Manager', 'S0000:G0000', false),
  ('R1220', 'Radiographer - Diagnostic, Specialist Practitioner', 'S0000:G0000', false),
  ('R1230', 'Radiographer - Therapeutic', 'S0000:G0000', false),
  ('R1240', 'Radiographer - Therapeutic, Consultant', 'S0000:G0000', false),
  ('R1250', 'Radiographer - Therapeutic, Manager', 'S0000:G0000', false),
  ('R1260', 'Radiographer - Therapeutic, Specialist Practitioner', 'S0000:G0000', false),
  ('R1030', 'Orthotist', 'S0000:G0000', false),
  ('R1040', 'Orthotist Consultant', 'S0000:G0000', false),
  ('R1050', 'Orthotist Manager', 'S0000:G0000', false),
  ('R1060', 'Orthotist Specialist Practitioner', 'S0000:G0000', false),
  ('R1150', 'Prosthetist', 'S0000:G0000', false),
  ('R1160', 'Prosthetist Consultant', 'S0000:G0000', false),
  ('R1170', 'Prosthetist Manager', 'S0000:G0000', false),
  ('R1180', 'Prosthetist Specialist Practitioner', 'S0000:G0000', false),
  ('R0710', 'Art Therapist', 'S0000:G0000', false),
  ('R0720', 'Art Therapist Consultant', 'S0000:G0000', false),
  ('R0730', 'Art Therapist Manager', 'S0000:G0000', false),
  ('R0740', 'Art Therapist Specialist Practitioner', 'S0000:G0000', false),
  ('R0830', 'Drama Therapist', 'S0000:G0000', false),
  ('R0840', 'Drama Therapist Consultant', 'S0000:G0000', false),
  ('R0850', 'Drama Therapist Manager', 'S0000:G0000', false),
  ('R0860', 'Drama Therapist Specialist Practitioner', 'S0000:G0000', false),
  ('R0870', 'Multi Therapist', 'S0000:G0000', false),
  ('R0880', 'Multi Therapist Consultant', 'S0000:G0000', false),
  ('R0890', 'Multi Therapist Manager', 'S0000:G0000', false),
  ('R0900', 'Multi Therapist Specialist Practitioner', 'S0000:G0000', false),
  ('R0910', 'Music Therapist', 'S0000:G0000', false),
  ('R0920', 'Music Therapist Consultant', 'S0000:G0000', false),
  ('R0930', 'Music Therapist Manager', 'S0000:G0000', false),
  ('R0940', 'Music Therapist Specialist Practitioner', 'S0000:G0000', false),
  ('R0955', 'Speech & Language Therapist', 'S0000:G0000', false),
  ('R0965', 'Speech & Language Therapist Consultant', 'S0000:G0000', false),
  ('R0975', 'Speech & Language Therapist Manager', 'S0000:G0000', false),
  ('R0985', 'Speech & Language Therapist Specialist Practitioner', 'S0000:G0000', false),
  ('R9500', 'Social Services Senior Management', 'S0000:G0000', false),
  ('R9505', 'Social Services Policy and Planning', 'S0000:G0000', false),
  ('R9510', 'Social Services Information Manager', 'S0000:G0000', false),
  ('R9515', 'Social Work Team Manager (Children)', 'S0000:G0000', false),
  ('R9520', 'Senior Social Worker (Children)', 'S0000:G0000', false),
  ('R9525', 'Social Services Care Manager (Children)', 'S0000:G0000', false),
  ('R9530', 'Social Work Assistant (Children)', 'S0000:G0000', false),
  ('R9535', 'Child Protection Worker', 'S0000:G0000', false),
  ('R9540', 'Family Placement Worker', 'S0000:G0000', false),
  ('R9545', 'Community Worker (Children)', 'S0000:G0000', false),
  ('R9550', 'Occupational Therapist', 'S0000:G0000', false),
  ('R9555', 'Occupational Therapist Assistant', 'S0000:G0000', false),
  ('R9560', 'Occupational Therapy Team Manager', 'S0000:G0000', false),
  ('R9565', 'Social Work Team Manager (Adults)', 'S0000:G0000', false),
  ('R9570', 'Senior Social Worker (Adults)', 'S0000:G0000', false),
  ('R9575', 'Social Services Care Manager (Adults)', 'S0000:G0000', false),
  ('R9580', 'Social Work Assistant (Adults)', 'S0000:G0000', false),
  ('R9585', 'Social Work Team Manager (Mental Health)', 'S0000:G0000', false),
  ('R9590', 'Senior Social Worker (Mental Health)', 'S0000:G0000', false),
  ('R9595', 'Social Services Care Manager (Mental Health)', 'S0000:G0000', false),
  ('R9600', 'Social Work Assistant (Mental Health)', 'S0000:G0000', false),
  ('R9605', 'Emergency Duty Social Worker', 'S0000:G0000', false),
  ('R9615', 'Social Services Driver', 'S0000:G0000', false),
  ('R9620', 'Home Care Organiser', 'S0000:G0000', false),
  ('R9625', 'Home Care Administrator', 'S0000:G0000', false),
  ('R9630', 'Home Help', 'S0000:G0000', false),
  ('R9635', 'Warden', 'S0000:G0000', false),
  ('R9640', 'Meals on Wheels Organiser', 'S0000:G0000', false),
  ('R9645', 'Meals Delivery', 'S0000:G0000', false),
  ('R9650', 'Day Centre Manager', 'S0000:G0000', false),
  ('R9655', 'Day Centre Deputy', 'S0000:G0000', false),
  ('R9660', 'Day Centre Officer', 'S0000:G0000', false),
  ('R9665', 'Day Centre Care Staff', 'S0000:G0000', false),
  ('R9670', 'Family Centre Manager', 'S0000:G0000', false),
  ('R9675', 'Family Centre Deputy', 'S0000:G0000', false),
  ('R9680', 'Family Centre Worker', 'S0000:G0000', false),
  ('R9685', 'Nursery Manager', 'S0000:G0000', false),
  ('R9690', 'Nursery Deputy', 'S0000:G0000', false),
  ('R9695', 'Nursery Worker', 'S0000:G0000', false),
  ('R9700', 'Playgroup Leader', 'S0000:G0000', false),
  ('R9705', 'Playgroup Assistant', 'S0000:G0000', false),
  ('R9710', 'Residential Manager', 'S0000:G0000', false),
  ('R9715', 'Residential Deputy', 'S0000:G0000', false),
  ('R9720', 'Residential Worker', 'S0000:G0000', false),
  ('R9725', 'Residential Care Staff', 'S0000:G0000', false),
  ('R9730', 'Intermediate Care Manager', 'S0000:G0000', false),
  ('R9735', 'Intermediate Care Deputy', 'S0000:G0000', false),
  ('R9740', 'Intermediate Care Worker', 'S0000:G0000', false),
  ('R9745', 'Intermediate Care Staff', 'S0000:G0000', false),
  ('R9750', 'Social Care SAP User', 'S0000:G0000', false),
  ('R9755', 'Social Care SAP Manager', 'S0000:G0000', false),
  ('R1270', 'Clinical Director', 'S0000:G0000', false),
  ('R1280', 'Optometrist', 'S0000:G0000', false),
  ('R1290', 'Pharmacist', 'S0000:G0000', false),
  ('R1979', 'Medical Technical Officer - Pharmacy', 'S0000:G0000', false),
  ('R1300', 'Psychotherapist', 'S0000:G0000', false),
  ('R1310', 'Clinical Psychologist', 'S0000:G0000', false),
  ('R1320', 'Chaplain', 'S0000:G0000', false),
  ('R1330', 'Social Worker', 'S0000:G0000', false),
  ('R1340', 'Approved Social Worker', 'S0000:G0000', false),
  ('R1350', 'Youth Worker', 'S0000:G0000', false),
  ('R1360', 'Specialist Practitioner', 'S0000:G0000', false),
  ('R1370', 'Practitioner', 'S0000:G0000', false),
  ('R0011', 'Dispenser', 'S0000:G0000', false),
  ('R1380', 'Technician - PS&T', 'S0000:G0000', false),
  ('R1390', 'Osteopath', 'S0000:G0000', false),
  ('R1400', 'Healthcare Scientist', 'S0000:G0000', false),
  ('R1410', 'Consultant Healthcare Scientist', 'S0000:G0000', false),
  ('R1420', 'Biomedical Scientist', 'S0000:G0000', false),
  ('R0019', 'Medical Technical Officer', 'S0000:G0000', false),
  ('R1430', 'Technician - Healthcare Scientists', 'S0000:G0000', false),
  ('R1440', 'Therapist', 'S0000:G0000', false),
  ('R1540', 'Associate Practitioner', 'S0000:G0000', false),
  ('R1543', 'Associate Practitioner - Nurse', 'S0000:G0000', false),
  ('R1547', 'Associate Practitioner - General Practitioner', 'S0000:G0000', false),
  ('R1560', 'Helper/Assistant', 'S0000:G0000', false),
  ('R1600', 'Cytoscreener', 'S0000:G0000', false),
  ('R1570', 'Dental Surgery Assistant', 'S0000:G0000', false),
  ('R1450', 'Health Care Support Worker', 'S0000:G0000', false),
  ('R1580', 'Medical Laboratory Assistant', 'S0000:G0000', false),
  ('R1550', 'Counsellor', 'S0000:G0000', false),
  ('R0002', 'Porter', 'S0000:G0000', false),
  ('R1690', 'Call Operator', 'S0000:G0000', false),
  ('R1700', 'Gateway Worker', 'S0000:G0000', false),
  ('R1710', 'Support, Time, Recovery Worker', 'S0000:G0000', false),
  ('R1480', 'Healthcare Assistant', 'S0000:G0000', false),
  ('R1490', 'Nursery Nurse', 'S0000:G0000', false),
  ('R1590', 'Phlebotomist', 'S0000:G0000', false),
  ('R1460', 'Social Care Support Worker', 'S0000:G0000', false),
  ('R1470', 'Home Help', 'S0000:G0000', false),
  ('R1520', 'Technician - Additional Clinical Services', 'S0000:G0000', false),
  ('R1530', 'Technical Instructor', 'S0000:G0000', false),
  ('R1980', 'Patient Welfare Officer', 'S0000:G0000', false),
  ('R1500', 'Play Therapist', 'S0000:G0000', false),
  ('R1510', 'Play Specialist', 'S0000:G0000', false),
  ('R1610', 'Student Technician', 'S0000:G0000', false),
  ('R1620', 'Trainee Scientist', 'S0000:G0000', false),
  ('R1630', 'Trainee Practitioner', 'S0000:G0000', false),
  ('R1640', 'Nursing Cadet', 'S0000:G0000', false),
  ('R1650', 'Healthcare Cadet', 'S0000:G0000', false),
  ('R1660', 'Pre-reg Pharmacist', 'S0000:G0000', false),
  ('R1670', 'Assistant Psychologist', 'S0000:G0000', false),
  ('R1680', 'Assistant Psychotherapist', 'S0000:G0000', false),
  ('R0007', 'ERS SDS Organisation Reporting Analyst', 'S0000:G0000', false),
  ('R0008', 'Demographic Supervisor', 'S0000:G0000', false),
  ('R0021', 'DSA NHS Number Manager (Temporary)', 'S0000:G0000', false),
  ('R0022', 'DSA National Clinical Supervisor (Temporary)', 'S0000:G0000', false),
  ('R0023', 'DSA National Clinical Administrator (Temporary)', 'S0000:G0000', false),
  ('R1720', 'Clerical Worker', 'S0000:G0000', false),
  ('R1730', 'Receptionist', 'S0000:G0000', false),
  ('R1740', 'Secretary', 'S0000:G0000', false),
  ('R1750', 'Personal Assistant', 'S0000:G0000', false),
  ('R1751', 'Demographic Administrator (Sensitive Records) Temporary', 'S0000:G0000', false),
  ('R1760', 'Medical Secretary', 'S0000:G0000', false),
  ('R1770', 'Officer', 'S0000:G0000', false),
  ('R1971', 'Map of Medicine Administrator', 'S0000:G0000', false),
  ('R1973', 'Community Administrator', 'S0000:G0000', false),
  ('R1977', 'ECC/CPA Administrator', 'S0000:G0000', false),
  ('R1978', 'Information Officer', 'S0000:G0000', false),
  ('R1985', 'Health Records Clerk', 'S0000:G0000', false),
  ('R1995', 'End Point Approver', 'S0000:G0000', false),
  ('R5010', 'Network Technician', 'S0000:G0000', false),
  ('R5040', 'Desktop Support Administrator', 'S0000:G0000', false),
  ('R5090', 'Registration Authority Agent', 'S0080:G0450', false),
  ('R5110', 'Demographic Administrator', 'S0000:G0000', false),
  ('R5120', 'ISP Administrator', 'S0000:G0000', false),
  ('R5130', 'Technical Codes Administrator', 'S0000:G0000', false),
  ('R5140', 'OSS Administrator', 'S0000:G0000', false),
  ('R5170', 'End Point Administrator', 'S0000:G0000', false),
  ('R5175', 'End Point Viewer', 'S0000:G0000', false),
  ('R5181', 'RTS Dashboard User', 'S0000:G0000', false),
  ('R5183', 'RTS BT Dashboard User', 'S0000:G0000', false),
  ('R5186', 'ERS BT Customer SLA User', 'S0000:G0000', false),
  ('R5188', 'ERS BT Supplier SLA User', 'S0000:G0000', false),
  ('R5189', 'ERS LogicaCMG SLA User', 'S0000:G0000', false),
  ('R5190', 'Content Creator', 'S0000:G0000', false),
  ('R5195', 'Content Publisher', 'S0000:G0000', false),
  ('R5210', 'User Details Administrator', 'S0000:G0000', false),
  ('R5250', 'EBS Administrator', 'S0000:G0000', false),
  ('R6010', 'Appointments Clerk', 'S0000:G0000', false),
  ('R6030', 'Ward Clerk', 'S0000:G0000', false),
  ('R6050', 'Clinical Coder', 'S0000:G0000', false),
  ('R6060', 'Medical Records Clerk', 'S0000:G0000', false),
  ('R6080', 'Waiting List Clerk', 'S0000:G0000', false),
  ('R7100', 'Trainer', 'S0000:G0000', false),
  ('R7110', 'Training Manager', 'S0000:G0000', false),
  ('R7120', 'Directory of Services Coordinator', 'S0000:G0000', false),
  ('R9756', 'ETP System Administrator', 'S0000:G0000', false),
  ('R1780', 'Manager', 'S0000:G0000', false),
  ('R1790', 'Senior Manager', 'S0000:G0000', false),
  ('R1910', 'Chair', 'S0000:G0000', false),
  ('R1920', 'Chief Executive', 'S0000:G0000', false),
  ('R1930', 'Finance Director', 'S0000:G0000', false),
  ('R1940', 'Other Executive Director', 'S0000:G0000', false),
  ('R1950', 'Board Level Director', 'S0000:G0000', false),
  ('R1960', 'Non Executive Director', 'S0000:G0000', false),
  ('R1970', 'Childcare Co-ordinator', 'S0000:G0000', false),
  ('R1982', 'Senior Administrator', 'S0000:G0000', false),
  ('R1983', 'Ward Manager', 'S0000:G0000', false),
  ('R1986', 'Workgroup Administrator', 'S0000:G0000', false),
  ('R1987', 'National RBAC Attribute Administrator', 'S0000:G0000', false),
  ('R1988', 'National RBAC Baseline Policy Administrator', 'S0000:G0000', false),
  ('R1989', 'Complaints Coordinator', 'S0000:G0000', false),
  ('R1990', 'Complaints Investigator', 'S0000:G0000', false),
  ('R1996', 'End Point DNS Administrator', 'S0000:G0000', false),
  ('R1997', 'End Point Spine Administrator', 'S0000:G0000', false),
  ('R1998', 'End Point Super User', 'S0000:G0000', false),
  ('R1999', 'End Point Service Administrator', 'S0000:G0000', false),
  ('R5000', 'Network Administrator', 'S0000:G0000', false),
  ('R5003', 'Cluster System Administrator', 'S0000:G0000', false),
  ('R5007', 'System Administrator', 'S0000:G0000', false),
  ('R5020', 'Helpdesk Administrator', 'S0000:G0000', false),
  ('R5060', 'Security Policy Controller', 'S0000:G0000', false),
  ('R5070', 'Senior Security Manager', 'S0000:G0000', false),
  ('R5072', 'Root Registration Authority Manager', 'S0080:G0450', false),
  ('R5080', 'Registration Authority Manager', 'S0080:G0450', true),
  ('R5100', 'Audit Manager', 'S0000:G0000', false),
  ('R5105', 'Caldicott Guardian', 'S0000:G0000', false),
  ('R5180', 'NASP Service Manager', 'S0000:G0000', false),
  ('R5182', 'ERS ETP System Administrator', 'S0000:G0000', false),
  ('R5184', 'ERS Spine SLA Manager', 'S0000:G0000', false),
  ('R5185', 'ERS BT Customer SLA Manager', 'S0000:G0000', false),
  ('R5187', 'ERS BT Supplier SLA Manager', 'S0000:G0000', false),
  ('R5191', 'ERS Support Administrator', 'S0000:G0000', false),
  ('R5192', 'ECS Administrator', 'S0000:G0000', false),
  ('R5300', 'Portal Administrator', 'S0000:G0000', false),
  ('R5310', 'LiquidLogic Administrator', 'S0000:G0000', false),
  ('R5320', 'i.EPR Administrator', 'S0000:G0000', false),
  ('R5330', 'Synergy Administrator', 'S0000:G0000', false),
  ('R5340', 'SystmOne Administrator', 'S0000:G0000', false),
  ('R6020', 'Outpatient Manager', 'S0000:G0000', false),
  ('R6040', 'Bed Manager', 'S0000:G0000', false),
  ('R6070', 'Medical Records Manager', 'S0000:G0000', false),
  ('R6090', 'Waiting List Manager', 'S0000:G0000', false),
  ('R6100', 'Mental Health Act Administrator', 'S0000:G0000', false),
  ('R6160', 'Ad-hoc Report Manager', 'S0000:G0000', false),
  ('R7130', 'PAS Manager', 'S0000:G0000', false),
  ('R1800', 'Technician - Admin & Clerical', 'S0000:G0000', false),
  ('R1810', 'Accountant', 'S0000:G0000', false),
  ('R1820', 'Librarian', 'S0000:G0000', false),
  ('R1830', 'Interpreter', 'S0000:G0000', false),
  ('R1840', 'Analyst', 'S0000:G0000', false),
  ('R1850', 'Adviser', 'S0000:G0000', false),
  ('R1860', 'Researcher', 'S0000:G0000', false),
  ('R1870', 'Control Assistant', 'S0000:G0000', false),
  ('R1880', 'Architect', 'S0000:G0000', false),
  ('R1890', 'Lawyer', 'S0000:G0000', false),
  ('R1900', 'Surveyor', 'S0000:G0000', false),
  ('R5030', 'Helpdesk Technician', 'S0000:G0000', false),
  ('R5050', 'Desktop Support Technician', 'S0000:G0000', false),
  ('R5150', 'System Worker', 'S0000:G0000', false),
  ('R5400', 'Availability  Monitor', 'S0000:G0000', false),
  ('R8000', 'Clinical Practitioner Access Role', 'S8000:G8000', true),
  ('R8001', 'Nurse Access Role', 'S8000:G8000', true),
  ('R8002', 'Nurse Manager Access Role', 'S8000:G8000', false),
  ('R8003', 'Health Professional Access Role', 'S8000:G8000', true),
  ('R8004', 'Healthcare Student Access Role', 'S8000:G8000', true),
  ('R8016', 'Midwife Access Role', 'S8000:G8000', false),
  ('R8017', 'Midwife Manager Access Role', 'S8000:G8000', false),
  ('R8024', 'Bank Access Role', 'S8000:G8000', false),
  ('R8005', 'Biomedical Scientist Access Role', 'S8000:G8000', false),
  ('R8006', 'Medical Secretary Access Role', 'S8000:G8001', true),
  ('R8007', 'Clinical Coder Access Role', 'S8001:G8002', false),
  ('R8008', 'Admin/Clinical Support Access Role', 'S8001:G8002', true),
  ('R8015', 'Systems Support Access Role', 'S8001:G8005', true),
  ('R0001', 'Privacy Officer', 'S8002:G8003', true),
  ('R8009', 'Receptionist Access Role', 'S8002:G8003', false),
  ('R8010', 'Clerical Access Role', 'S8002:G8003', false),
  ('R8011', 'Clerical Manager Access Role', 'S8002:G8003', false),
  ('R8012', 'Information Officer Access Role', 'S8002:G8003', false),
  ('R8013', 'Health Records Manager Access Role', 'S8002:G8003', false),
  ('R8014', 'Social Worker Access Role', 'S8000:G8000', false);

-- Activities that public material names; which are restricted is ours.

insert into cis.activity (activity_code, name, is_verified, is_restricted) values
  ('B0011', 'View System Logs and Reports', false, false),
  ('B0015', 'Receive Legal Override and Emergency View Alerts', true, true),
  ('B0016', 'Receive Self Claimed LR Alerts', true, true),
  ('B0017', 'Receive SAR Refused Alerts', true, true),
  ('B0018', 'Receive Sealing Alerts', true, true),
  ('B0020', 'Control Consent Status', false, false),
  ('B0028', 'Manage Allergies', true, false),
  ('B0030', 'Record a Patient''s Self Referral', true, false),
  ('B0056', 'Complete Work Item', false, false),
  ('B0058', 'Nurse Prescribers Formulary (NPF) Prescribing', true, false),
  ('B0062', 'Local System Administration', false, true),
  ('B0068', 'Verify Prescription', true, false),
  ('B0082', 'Legal Override of Consent', false, true),
  ('B0083', 'Temporary Access to Patient Sealed Data Without Permission', false, true),
  ('B0090', 'Manage Workgroup Membership', true, true),
  ('B0100', 'Manage Workgroups', true, true),
  ('B0145', 'Execute CDS DQ Extracts (Clear)', true, false),
  ('B0163', 'Access PbR Extracts (Clear)', false, false),
  ('B0164', 'Access PbR Extracts (Pseudonymised)', false, false),
  ('B0168', 'Emergency access to SCR', false, false),
  ('B0254', 'Patient Registration Search', false, false),
  ('B0264', 'Access SCR Application (Perform Patient Trace)', false, false),
  ('B0267', 'RA ID Checker', false, true),
  ('B0278', 'Perform Prescription Preparation', true, false),
  ('B0340', 'Register Patients', false, false),
  ('B0360', 'View Detailed Health Records', false, false),
  ('B0370', 'View Summary Health Records', false, false),
  ('B0380', 'Perform Detailed Health Record', true, false),
  ('B0401', 'View Patient Medication', true, false),
  ('B0420', 'Independent Prescribing', true, false),
  ('B0422', 'Reauthorise Medication', false, false),
  ('B0424', 'Manage Patient''s Nominated Pharmacy', false, false),
  ('B0428', 'Personal Medication Administration', true, false),
  ('B0450', 'Perform Test Actions', false, false),
  ('B0560', 'Perform Patient Administration', false, false),
  ('B0570', 'Perform Pharmacy Activities', true, false),
  ('B0572', 'Manage Pharmacy Activities', true, false),
  ('B0815', 'Manage Clinical Documents', false, false),
  ('B0820', 'View Patient Demographics', false, false),
  ('B0825', 'Amend Patient Demographics', true, false),
  ('B0862', 'Manage Staff Diary/Rotas', false, false),
  ('B0994', 'Manage Ad-hoc Reports', false, false),
  ('B1101', 'Manage Outbound Referrals', false, false),
  ('B1300', 'Act as a Sponsor', false, true),
  ('B1500', 'SUS Base Access', false, false),
  ('B1505', 'Access SEM Extracts (Clear)', false, false),
  ('B1510', 'Execute CDS Extracts (NHS Group Pseud. Data)', true, false),
  ('B1560', 'Run PbR Commissioning Extracts', true, false),
  ('B1570', 'View Shared Non-Patient-Identifiable Information', false, false),
  ('B1611', 'Access Sensitive (S) Flagged Records', false, true),
  ('B1700', 'Local System Configuration', false, false),
  ('B1841', 'PbR (Spatial Pseudonymised)', false, false),
  ('B8002', 'Manage Shared Non Patient Identifiable Information', true, false),
  ('B8018', 'View Test/Investigation Requests', false, false),
  ('B8028', 'Verify Health Records', false, false),
  ('B8029', 'Manage Detailed Health Records', false, false),
  ('B0005', 'Name not published (B0005)', false, false),
  ('B0008', 'Name not published (B0008)', false, false),
  ('B0064', 'Name not published (B0064)', false, false),
  ('B0072', 'Name not published (B0072)', false, false),
  ('B0257', 'Name not published (B0257)', false, false),
  ('B0263', 'Name not published (B0263)', false, false),
  ('B0790', 'Name not published (B0790)', false, false),
  ('B0800', 'Name not published (B0800)', false, false),
  ('B1690', 'Name not published (B1690)', false, false),
  ('B1691', 'Name not published (B1691)', false, false),
  ('B1693', 'Name not published (B1693)', false, false),
  ('B1694', 'Name not published (B1694)', false, false);

insert into cis.activity_inclusion (activity_code, implies_code) values
  ('B0825', 'B0820');

insert into cis.area_of_work (area_code, name) values
  ('P0020:Q0300:T0630', '"Pathology":"Pathology":"Pathology"'),
  ('P0020:Q0300:T0640', '"Pathology":"Pathology":"Phlebotomy"'),
  ('P0020:Q0300:T0660', '"Pathology":"Pathology":"Blood Transfusion"'),
  ('P0010:Q0050:T0210', '"Medicine":"Respiratory Medicine":"Respiratory Medicine"');

-- What a job role brings with it. The national baseline is not public: this one is OURS, to be replaced by load.

insert into cis.role_baseline (role_code, activity_code, is_ours) values
  ('R0260', 'B0028', true), ('R0260', 'B0056', true), ('R0260', 'B0168', true), ('R0260', 'B0264', true), ('R0260', 'B0360', true), ('R0260', 'B0370', true), ('R0260', 'B0380', true), ('R0260', 'B0401', true), ('R0260', 'B0815', true), ('R0260', 'B0825', true), ('R0260', 'B1101', true), ('R0260', 'B8018', true), ('R0260', 'B0420', true),
  ('R8000', 'B0028', true), ('R8000', 'B0056', true), ('R8000', 'B0168', true), ('R8000', 'B0264', true), ('R8000', 'B0360', true), ('R8000', 'B0370', true), ('R8000', 'B0380', true), ('R8000', 'B0401', true), ('R8000', 'B0815', true), ('R8000', 'B0825', true), ('R8000', 'B1101', true), ('R8000', 'B8018', true), ('R8000', 'B0420', true),
  ('R0050', 'B0028', true), ('R0050', 'B0056', true), ('R0050', 'B0168', true), ('R0050', 'B0264', true), ('R0050', 'B0360', true), ('R0050', 'B0370', true), ('R0050', 'B0380', true), ('R0050', 'B0401', true), ('R0050', 'B0815', true), ('R0050', 'B0825', true), ('R0050', 'B1101', true), ('R0050', 'B8018', true), ('R0050', 'B0420', true),
  ('R8001', 'B0028', true), ('R8001', 'B0056', true), ('R8001', 'B0168', true), ('R8001', 'B0264', true), ('R8001', 'B0360', true), ('R8001', 'B0370', true), ('R8001', 'B0380', true), ('R8001', 'B0401', true), ('R8001', 'B0815', true), ('R8001', 'B0825', true), ('R8001', 'B1101', true), ('R8001', 'B8018', true),
  ('R0620', 'B0028', true), ('R0620', 'B0056', true), ('R0620', 'B0168', true), ('R0620', 'B0264', true), ('R0620', 'B0360', true), ('R0620', 'B0370', true), ('R0620', 'B0380', true), ('R0620', 'B0401', true), ('R0620', 'B0815', true), ('R0620', 'B0825', true), ('R0620', 'B1101', true), ('R0620', 'B8018', true),
  ('R0570', 'B0028', true), ('R0570', 'B0056', true), ('R0570', 'B0168', true), ('R0570', 'B0264', true), ('R0570', 'B0360', true), ('R0570', 'B0370', true), ('R0570', 'B0380', true), ('R0570', 'B0401', true), ('R0570', 'B0815', true), ('R0570', 'B0825', true), ('R0570', 'B1101', true), ('R0570', 'B8018', true),
  ('R8016', 'B0028', true), ('R8016', 'B0056', true), ('R8016', 'B0168', true), ('R8016', 'B0264', true), ('R8016', 'B0360', true), ('R8016', 'B0370', true), ('R8016', 'B0380', true), ('R8016', 'B0401', true), ('R8016', 'B0815', true), ('R8016', 'B0825', true), ('R8016', 'B1101', true), ('R8016', 'B8018', true),
  ('R8003', 'B0264', true), ('R8003', 'B0370', true), ('R8003', 'B0401', true), ('R8003', 'B0820', true),
  ('R8004', 'B0370', true), ('R8004', 'B0820', true),
  ('R1290', 'B0068', true), ('R1290', 'B0264', true), ('R1290', 'B0278', true), ('R1290', 'B0370', true), ('R1290', 'B0401', true), ('R1290', 'B0424', true), ('R1290', 'B0570', true), ('R1290', 'B0572', true), ('R1290', 'B0820', true),
  ('R8006', 'B0815', true), ('R8006', 'B0820', true), ('R8006', 'B1101', true),
  ('R8008', 'B0254', true), ('R8008', 'B0560', true), ('R8008', 'B0820', true),
  ('R8009', 'B0254', true), ('R8009', 'B0340', true), ('R8009', 'B0560', true), ('R8009', 'B0825', true),
  ('R8010', 'B0254', true), ('R8010', 'B0560', true), ('R8010', 'B0825', true),
  ('R8015', 'B0011', true),
  ('R0001', 'B0011', true), ('R0001', 'B0015', true), ('R0001', 'B0016', true), ('R0001', 'B0018', true),
  ('R5080', 'B0090', true), ('R5080', 'B0100', true), ('R5080', 'B0267', true), ('R5080', 'B0994', true),
  ('R5090', 'B0267', true);
