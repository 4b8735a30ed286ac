create schema events;

-- place events.event by subject in patient
create table events.event (
  subject text collate "C" not null,
  id uuid not null,
  happened_at timestamptz not null,
  kind text collate "C" not null,
  body text not null,
  tx xid8 not null default pg_current_xact_id(),
  primary key (subject, id)
);
create index event_order on events.event (tx, id);
comment on table events.event is
  'The outbox: each change of state, written in its transaction. Kept for thirteen months. tx orders it: a reader stays behind every transaction still open.';

-- place events.cursor everywhere
create table events.cursor (
  consumer text collate "C" primary key,
  tx xid8 not null,
  id uuid not null,
  moved_at timestamptz not null
);
comment on table events.cursor is 'How far each consumer has read. One row a consumer; moved back to replay.';
