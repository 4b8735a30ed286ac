-- A log-on that was proved and not yet taken up by its browser ends with the sessions of its user.
create index provider_artifact_log_on on cis.provider_artifact (user_id) where kind = 'Interaction' and user_id is not null;
