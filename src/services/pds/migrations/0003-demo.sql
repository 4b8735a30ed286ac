-- place pds.demo_patient home
create table pds.demo_patient (like pds.patient including all);
comment on table pds.demo_patient is 'The demo nation as it was loaded, from which a sandbox is reset. Sandbox only.';
-- place pds.demo_trace home
create table pds.demo_trace (like pds.trace including all);
comment on table pds.demo_trace is 'Trace rows of the demo nation. Sandbox only.';
-- place pds.demo_related_person home
create table pds.demo_related_person (like pds.related_person including all);
comment on table pds.demo_related_person is 'Related persons of the demo nation. Sandbox only.';
-- place pds.demo_coverage home
create table pds.demo_coverage (like pds.coverage including all);
comment on table pds.demo_coverage is 'Coverage of the demo nation. Sandbox only.';
