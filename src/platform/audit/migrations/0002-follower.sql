-- place audit.follower by writer in writer
create table audit.follower (
  consumer text collate "C" not null,
  writer uuid not null,
  seq bigint not null,
  is_done boolean not null,
  moved_at timestamptz not null,
  primary key (consumer, writer)
);
comment on table audit.follower is
  'How far each consumer has read each chain of the audit; is_done when the chain has ended and was read whole. Kept as long as the chain.';
