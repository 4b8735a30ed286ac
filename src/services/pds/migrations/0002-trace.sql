create extension if not exists fuzzystrmatch;

-- place pds.trace by born_on in trace
create table pds.trace (
  born_on date not null,
  family_key text collate "C" not null,
  given_key text collate "C" not null,
  nhs_number text collate "C" not null,
  kind "char" not null,
  gender "char" not null,
  postcodes text collate "C" not null,
  primary key (born_on, family_key, given_key, nhs_number, kind)
);
create index trace_sound on pds.trace (soundex(family_key), born_on);
comment on table pds.trace is
  'What a trace looks people up by: one row a name of an active record, kind c current, f former. Rebuilt from pds.patient.';
