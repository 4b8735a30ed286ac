-- small payloads stay in their row: one of 2 KB went to a table of its own, in two pieces
alter table mesh.chunk set (toast_tuple_target = 8160);

-- a message is changed twice, by its first download and by its acknowledgment: room for both on its page
alter table mesh.message set (fillfactor = 50);

-- what has had its time is looked for each second, in order of time: with brin that read all that vacuum had not summarised
drop index mesh.message_address_sent_at;
create index message_address_sent_at on mesh.message_address (sent_at);
drop index mesh.idempotency_sent_at;
create index idempotency_sent_at on mesh.idempotency (sent_at);
