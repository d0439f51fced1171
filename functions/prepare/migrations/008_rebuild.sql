-- Up Migration

-- The tables that a generation writes, by pipeline: what a table lacks lies before the first that has it. Unknown of
-- generations that are older than this, which then count as without.
alter table job_generations add column tables jsonb not null default '{}';

-- Replays of a topic into a table that came later than the records. One at a time: its job takes the place of one.
create table rebuilds (
  id bigint generated always as identity primary key,
  pipeline text not null,
  table_name text not null,
  -- Where the stream's own writes into the table begin: {"0": 1200}.
  begins jsonb not null,
  -- What is replayed, offsets [from, until) by partition: {"0": [100, 1200]}.
  ranges jsonb not null,
  total bigint not null,
  rate int not null,
  job_run text,
  state text not null default 'running' check (state in ('running', 'done', 'failed')),
  reason text,
  -- As far as the job has reported.
  replayed bigint not null default 0,
  stored bigint not null default 0,
  dead bigint not null default 0,
  expired bigint not null default 0,
  began_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index rebuilds_one_active on rebuilds ((true)) where state = 'running';

-- Down Migration
-- None: a database is never taken back (a newer database serves older code).
