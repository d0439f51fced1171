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

-- A redrive takes what is open. What dies again is open again, or parked once it has died too often; the rest is stored.
alter table dead_letters
  add constraint dead_letters_state_check check (state in ('open', 'redriving', 'stored', 'parked')),
  -- The run that took it last.
  add column redrive text;
create index dead_letters_newest on dead_letters (pipeline, died_at, identity);
create index dead_letters_redriving on dead_letters (pipeline, redrive) where state = 'redriving';

-- Dead letters as they stand: one that has not died again when its redrive is over is stored, whoever notes it when.
create view letters as
select d.pipeline, d.identity, d.run, d.at, d.reason, d.field, d.payload, d.attempts,
  case when d.state = 'redriving' and o.run is not null then 'stored' else d.state end as state,
  d.partition, d."offset", d.died_at, d.redrive
from dead_letters d
left join (
  select pipeline, run
  from (select distinct pipeline, redrive as run from dead_letters where state = 'redriving') r
  join accounts using (pipeline, run)
  where closed and pending = 0 and in_flight = 0
) o on o.pipeline = d.pipeline and o.run = d.redrive;

-- reconcile: the runs of an interval; one that has no instant counts from when it was opened.
create index runs_time on runs (pipeline, (coalesce(instant, opened_at)));

-- Down Migration
-- None: a database is never taken back (a newer database serves older code).
