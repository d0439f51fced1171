-- Up Migration

-- Size of a set of offsets: multiranges have union and intersection built in, but no count.
create function size(offsets int8multirange) returns bigint language sql immutable parallel safe as $$
  select coalesce(sum(upper(r) - lower(r)), 0)::bigint from unnest(offsets) r
$$;

-- First offset that is not yet accounted for: the end of the range that starts at 0.
create function covered_prefix(offsets int8multirange) returns bigint language sql immutable parallel safe as $$
  select coalesce((select upper(r) from unnest(offsets) r where lower(r) = 0), 0)
$$;

create table pipelines (
  name text primary key,
  -- Settle never looks further back than this.
  first_instant timestamptz not null,
  -- Whether the next generation of the Spark job hosts it.
  desired text not null default 'running' check (desired in ('running', 'stopped')),
  -- Set when the stream reported that offsets are gone: left out of generations until somebody accepts the hole.
  data_loss jsonb,
  -- Generation whose query reported that it is warm and running.
  running_generation int
);

-- One row per run, written before anything is asked of the source, with the plan it will follow. Kept for ever.
create table runs (
  pipeline text not null,
  run text not null,
  instant timestamptz,
  source text not null,
  requested int not null,
  page_size int not null,
  pages int,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (pipeline, run)
);
create index runs_open on runs (pipeline, instant) where closed_at is null;

-- Page markers: a page is on file exactly when its rows are. Kept for ever.
create table pages (
  pipeline text not null,
  run text not null,
  page int not null,
  received int not null,
  landed int not null,
  rejected int not null,
  -- Range of seq of its rows; empty when none landed.
  rows int8range not null,
  last boolean not null default false,
  landed_at timestamptz not null default clock_timestamp(),
  primary key (pipeline, run, page)
);
-- How much a source gave lately, against its quota.
create index pages_recent on pages (pipeline, landed_at);

-- The outbox: append-only, dropped by whole days. seq is drawn under a per-pipeline lock, so commit order is seq order.
create sequence landing_seq cache 1;
create table landing (
  pipeline text not null,
  run text not null,
  seq bigint not null,
  origin bigint not null,
  version bigint not null,
  payload jsonb not null,
  landed_on date not null default current_date
) partition by range (landed_on);
create index landing_cursor on landing (pipeline, seq);
create table landing_default partition of landing default;

-- The relay's cursor and fence, and the offset each partition is expected to take next.
create table relay_position (
  pipeline text primary key,
  seq bigint not null default 0,
  ends bigint[] not null default '{}'
);

create table published (
  pipeline text not null,
  run text not null,
  partition int not null,
  offsets int8multirange not null,
  primary key (pipeline, run, partition)
);

-- What the tables have absorbed, as sets of offsets: unions, so replays and re-cut batches change nothing.
create table coverage (
  pipeline text not null,
  partition int not null,
  covered int8multirange not null default '{}',
  dead int8multirange not null default '{}',
  -- Dead at the header checks: not ours.
  alien int8multirange not null default '{}',
  expired int8multirange not null default '{}',
  -- Holes that an operator accepted: never stored.
  lost int8multirange not null default '{}',
  primary key (pipeline, partition)
);

-- Every coverage report as it came; it counts once the dead letters it declares are on file.
create table coverage_reports (
  pipeline text not null,
  partition int not null,
  offsets int8range not null,
  dead int not null,
  expired int8multirange not null default '{}',
  generation int not null,
  judged boolean not null default false,
  reported_at timestamptz not null default now(),
  primary key (pipeline, partition, offsets, dead)
);
create index coverage_reports_open on coverage_reports (pipeline, partition) where not judged;

create table dead_letters (
  pipeline text not null,
  -- Our own records by their origin, foreign messages by topic-partition-offset.
  identity text not null,
  run text,
  at text not null check (at in ('source', 'landing', 'topic', 'stream', 'table')),
  reason text not null,
  field text,
  payload jsonb,
  attempts int not null default 1,
  state text not null default 'open',
  partition int,
  "offset" bigint,
  died_at timestamptz not null default now(),
  primary key (pipeline, identity)
);
create index dead_letters_run on dead_letters (pipeline, run);

-- Messages on an audit topic that are not ours to understand: kept as they came, never blocking.
create table unreadable_audit (
  topic text not null,
  partition int not null,
  "offset" bigint not null,
  value bytea,
  reason text not null,
  read_at timestamptz not null default now(),
  primary key (topic, partition, "offset")
);

-- One row per run of the Spark job.
create table job_generations (
  generation int primary key,
  version text not null,
  -- Starting offsets by pipeline: {"random-users": {"0": 12, "1": -2}}.
  starting_offsets jsonb not null,
  job_run text,
  state text not null default 'starting' check (state in ('starting', 'running', 'cancelling', 'ended')),
  reason text,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index job_generations_one_active on job_generations ((true)) where state <> 'ended';

-- Content is a function of version: a column's expression never changes on an existing table.
create table column_expressions (
  table_name text not null,
  column_name text not null,
  expression_hash text not null,
  primary key (table_name, column_name)
);

-- The accounting of a run, the one SQL that every command, alarm and verdict reads.
create view accounts as
select r.pipeline, r.run, r.instant, r.source, r.requested, r.closed_at is not null as closed,
  p.received, p.received_short as short, p.rejected, p.landed, t.published,
  p.landed - t.published as pending,
  t.covered, t.dead, t.expired,
  t.covered - t.dead - t.expired as stored,
  t.published - t.covered as in_flight
from runs r
cross join lateral (
  select coalesce(sum(received), 0)::bigint as received,
    r.requested - coalesce(sum(received), 0)::bigint as received_short,
    coalesce(sum(rejected), 0)::bigint as rejected,
    coalesce(sum(landed), 0)::bigint as landed
  from pages where pages.pipeline = r.pipeline and pages.run = r.run
) p
cross join lateral (
  select coalesce(sum(size(o.offsets)), 0)::bigint as published,
    coalesce(sum(size(o.offsets * c.covered)), 0)::bigint as covered,
    coalesce(sum(size(o.offsets * c.covered * c.dead)), 0)::bigint as dead,
    -- What one generation called dead and a later one expired counts once.
    coalesce(sum(size(o.offsets * c.covered * c.expired - c.dead)), 0)::bigint as expired
  from published o left join coverage c using (pipeline, partition)
  where o.pipeline = r.pipeline and o.run = r.run
) t;

-- The same per topic: what is not a run's is foreign, or a duplicate of a batch that was sent twice around a crash.
create view topic_accounts as
select c.pipeline, c.partition, covered_prefix(c.covered + c.lost) as prefix,
  size(c.covered) as covered,
  size(c.alien * c.covered) as alien,
  size(c.covered - coalesce(o.offsets, '{}') - c.alien) as duplicates
from coverage c
left join (
  select pipeline, partition, range_agg(offsets) as offsets from published group by pipeline, partition
) o using (pipeline, partition);

-- Down Migration
-- None: a database is never taken back (a newer database serves older code).
