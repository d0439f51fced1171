-- Up Migration

-- The source of an open plan decides how many records there are: none are short. Otherwise as before.
create or replace view accounts as
select r.pipeline, r.run, r.instant, r.source, p.requested, r.closed_at is not null as closed,
  p.received, p.requested - p.received as short, p.rejected, p.landed, t.published,
  p.landed - t.published as pending,
  t.covered, t.dead, t.expired,
  t.covered - t.dead - t.expired as stored,
  t.published - t.covered as in_flight
from runs r
cross join lateral (
  select coalesce(sum(received), 0)::bigint as received,
    case when r.pages is null then coalesce(sum(received), 0)::int else r.requested end as requested,
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

-- Down Migration
-- None: a database is never taken back (a newer database serves older code).
