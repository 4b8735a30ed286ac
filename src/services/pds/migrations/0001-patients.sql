create schema pds;

-- place pds.patient by nhs_number in patient
create table pds.patient (
  nhs_number text collate "C" primary key,
  version integer not null,
  state "char" not null,
  security "char" not null,
  survivor text collate "C",
  record text not null,
  former text
);
comment on table pds.patient is
  'One row a patient: the whole demographic record in compact form (record-codec.ts). state a active, s superseded, i invalidated. Kept for ever.';

-- place pds.change by nhs_number in patient
create table pds.change (
  nhs_number text collate "C" not null,
  version integer not null,
  changed_at timestamptz not null,
  verb text not null,
  request_id text not null,
  request_key text,
  changed_by jsonb not null,
  before text,
  before_former text,
  before_state "char",
  before_security "char",
  before_coverage text,
  primary key (nhs_number, version)
);
comment on table pds.change is
  'One row a change: who made version n, when, by which verb, and the record as it was before. Kept for ever.';

-- place pds.request by request_key in request
create table pds.request (
  request_key text collate "C" primary key,
  nhs_number text collate "C" not null,
  version integer not null,
  received_at timestamptz not null
);
create index request_received_at on pds.request (received_at);
comment on table pds.request is
  'Which request made which record, so that a repeated one gets the first answer; of updates pds.change knows. Kept seven days.';

-- place pds.related_person by nhs_number in patient
create table pds.related_person (
  nhs_number text collate "C" primary key,
  related text not null
);
comment on table pds.related_person is
  'The RelatedPerson resources of a patient, a JSON array. Kept as long as the record.';

-- place pds.coverage by nhs_number in patient
create table pds.coverage (
  nhs_number text collate "C" primary key,
  coverage text not null
);
comment on table pds.coverage is 'The European health insurance card of a patient, one JSON resource. Kept as long as the record.';

-- place pds.birth by nhs_number in patient
create table pds.birth (
  nhs_number text collate "C" primary key,
  mother_nhs_number text collate "C" not null,
  notification_id uuid not null,
  notified_at timestamptz not null,
  notification text not null
);
comment on table pds.birth is 'Birth notifications as received, by the number allocated to the baby. Kept for ever.';

-- place pds.delivery by nhs_number in patient
create table pds.delivery (
  nhs_number text collate "C" not null,
  born_on date not null,
  birth_order smallint not null,
  baby_nhs_number text collate "C" not null,
  primary key (nhs_number, born_on, birth_order)
);
comment on table pds.delivery is
  'Births by the mother''s number, written with the baby''s record, so that one birth makes one record. birth_order 0 where none was given. Kept for ever.';

-- place pds.registration by person_key in request
create table pds.registration (
  person_key text collate "C" primary key,
  nhs_number text collate "C" not null,
  registered_at timestamptz not null
);
create index registration_registered_at on pds.registration (registered_at);
comment on table pds.registration is
  'People just registered, by a digest of who they are, written with their record, so that two requests at the same moment make one record. Kept one day.';

-- place pds.number_range by range in request
create table pds.number_range (
  range text collate "C" primary key,
  next_number bigint not null,
  last_number bigint not null
);
comment on table pds.number_range is
  'Ranges of the first nine digits from which NHS numbers are allocated; a row is locked to take the next block.';
