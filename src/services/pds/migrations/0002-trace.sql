-- place pds.trace by born_on in trace
create table pds.trace (
  born_on date not null,
  family_sound smallint not null,
  kind "char" not null,
  family_key text collate "C" not null,
  given_key text collate "C" not null,
  nhs_number text collate "C" not null,
  gender text collate "C" not null,
  postcodes text collate "C" not null,
  -- whatever a search filters by is in the index, so that a day (or a slice of many days) is read from it alone
  primary key (born_on, family_key, given_key, nhs_number, kind) include (gender, postcodes)
);
-- a family name, or what sounds like it, over a range of days of birth: one index range, however wide
create index trace_sound on pds.trace (family_sound, born_on);
comment on table pds.trace is
  'What a trace looks people up by: one row a name of an active record, kind c current, f former. Rebuilt from pds.patient.';
