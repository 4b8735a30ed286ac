-- what has not ended yet, by when it will: no statement about what waits in one mailbox is led to believe that this helps it
create index message_expiry on mesh.message (expires_at) where ended_at is null;
drop index mesh.message_expires_at;
alter index mesh.message_expiry rename to message_expires_at;
