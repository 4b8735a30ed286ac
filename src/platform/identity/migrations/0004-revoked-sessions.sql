-- Whether a session was told to have ended, for what was given out while it was alive.
create index revocation_session_id on identity.revocation (session_id) where session_id is not null;
