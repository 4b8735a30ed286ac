create schema population;

-- place population.seed_progress home
create table population.seed_progress (
  seed bigint primary key,
  first_index bigint not null,
  next_index bigint not null,
  target bigint not null,
  stage text not null,
  rebuild text[] not null
);
comment on table population.seed_progress is
  'How far the loading of a synthetic nation has come: one row a seed. stage load, index or done; rebuild holds the statements that make the indexes taken away for the load. Kept for ever.';
