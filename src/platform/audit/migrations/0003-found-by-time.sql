-- a privacy officer searches by who and when, without a patient: entries lie in the order of time, so that a summary of it suffices
create index entry_at on audit.entry using brin (at) with (autosummarize = on);
