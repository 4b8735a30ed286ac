-- Laboratory results on their way to the clinician: one row for each party, so that each finds its own by its mailbox.

-- place mesh.result by mailbox_id in mailbox
create table mesh.result (
  mailbox_id text collate "C" not null,
  message_id text collate "C" not null,
  side text collate "C" not null,
  other_mailbox text collate "C" not null,
  workflow_id text collate "C" not null,
  control_reference text collate "C" not null,
  edi_sender text not null,
  edi_recipient text not null,
  is_acknowledgment_asked boolean not null,
  concern text not null,
  reports text not null,
  sent_at timestamptz not null,
  due_at timestamptz not null,
  collected_at timestamptz,
  answered_at timestamptz,
  acknowledgment_id text collate "C",
  outcome text not null,
  rejected text[] not null,
  is_open boolean not null,
  closed_at timestamptz,
  closed_by text,
  closed_reason text,
  primary key (mailbox_id, message_id, side)
);
-- the worklist of a mailbox costs what is on it, whatever has been settled
create index result_due on mesh.result (mailbox_id, due_at, message_id) where is_open;
create index result_control_reference on mesh.result (mailbox_id, control_reference);
create index result_sent_at on mesh.result using brin (sent_at);
comment on table mesh.result is 'Interchanges of results and what became of them, for laboratory (side sender) and practice (side recipient): whose, for whom, never the result itself. Open ones are kept until settled or closed by somebody, settled ones 30 days after sending.';
