-- place platform.lease everywhere
create table platform.lease (
  name text collate "C" primary key,
  holder text not null,
  until_at timestamptz not null
);
comment on table platform.lease is 'Who does what only one process may do, and until when. One row a task.';
