-- Who registered an application; null: the operator, by command.
alter table identity.application add column registered_by text collate "C";
create index application_registered_by on identity.application (registered_by) where registered_by is not null;
