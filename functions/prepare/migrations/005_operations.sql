-- Up Migration

-- What somebody did to a pipeline, and what came of it.
create table operations (
  id bigint generated always as identity primary key,
  pipeline text not null,
  verb text not null,
  -- Who asked: a person's name on their machine, or Airflow's.
  who text not null,
  at timestamptz not null default now(),
  asked jsonb not null,
  answer jsonb not null
);
create index operations_recent on operations (pipeline, at);

-- Down Migration
-- None: a database is never taken back (a newer database serves older code).
