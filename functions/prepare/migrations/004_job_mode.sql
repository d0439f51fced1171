-- Up Migration

-- A job that goes on for ever and one that ends replace each other when a stage changes its mind.
alter table job_generations add column mode text not null default 'streaming' check (mode in ('streaming', 'available-now'));

-- Down Migration
-- None: a database is never taken back (a newer database serves older code).
