-- What counts and lists what waits, or what came and went, reads the index alone, in mailboxes of hundreds of thousands.
create index message_waiting_whole on mesh.message (mailbox_id, accepted_order, message_id)
  include (workflow_id, file_size, expires_at) where state = 'accepted';
drop index mesh.message_waiting;
alter index mesh.message_waiting_whole rename to message_waiting;

create index message_sent_order_whole on mesh.message (mailbox_id, sent_order)
  include (workflow_id, state, message_type, file_size);
drop index mesh.message_sent_order;
alter index mesh.message_sent_order_whole rename to message_sent_order;

create index outbox_sent_order_whole on mesh.outbox (mailbox_id, sent_order) include (workflow_id);
drop index mesh.outbox_sent_order;
alter index mesh.outbox_sent_order_whole rename to outbox_sent_order;

-- reports of what could not be delivered are few among what comes in
create index message_undelivered on mesh.message (mailbox_id, sent_order) where message_type = 'REPORT' and not is_success;

-- one local id may be that of everything a mailbox has sent
create index outbox_local_id_order on mesh.outbox (mailbox_id, local_id, sent_order) where local_id <> '';
drop index mesh.outbox_local_id;
alter index mesh.outbox_local_id_order rename to outbox_local_id;

-- nothing is looked for by it: what was sent is found by its mailbox
drop index mesh.outbox_sent_at;
