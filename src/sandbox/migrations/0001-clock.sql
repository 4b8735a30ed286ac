create schema sandbox;
-- place sandbox.clock home
create table sandbox.clock (
  name text collate "C" primary key,
  offset_ms bigint not null
);
comment on table sandbox.clock is 'How far the sandbox clock is ahead of the wall clock. One row. Sandbox only.';
