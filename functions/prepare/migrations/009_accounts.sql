-- Up Migration

-- The accounts of runs of one pipeline: the one SQL that every command, alarm and verdict reads. How many offsets of a
-- set lie below x is the sum of x - bound over the set's bounds below x, where an upper bound counts negatively. So one
-- walk along each partition, over the bounds of its sets and the ends of what the runs published, counts for all runs.
create function accounts_of(of_pipeline text, of_runs text[]) returns table (
  pipeline text, run text, instant timestamptz, source text, requested int, closed boolean,
  received bigint, short bigint, rejected bigint, landed bigint, published bigint, pending bigint,
  covered bigint, dead bigint, expired bigint, stored bigint, in_flight bigint,
  -- What the topic lost before the tables absorbed it, and an operator accepted.
  lost bigint,
  -- What landed, and was erased before it was published.
  erased bigint,
  -- The run's instant, or when it was opened; when the newest of its pages landed, or it was opened.
  "time" timestamptz, moved_at timestamptz
) language sql stable parallel safe as $$
  with ends as (
    select o.run, o.partition, r as range from published o, unnest(o.offsets) r
    where o.pipeline = of_pipeline and o.run = any(of_runs)
  ), sets as (
    select partition, span * c.covered as covered, span * c.covered * c.dead as dead,
      -- What one generation called dead and a later one expired counts once.
      span * c.covered * c.expired - c.dead as expired,
      span * c.lost - c.covered as lost
    from (select partition, range_merge(range_agg(range))::int8multirange as span from ends group by partition) asked
    join coverage c using (partition)
    where c.pipeline = of_pipeline
  ), ranges as (
    select partition, null as run, r as range, 1 as covered, 0 as dead, 0 as expired, 0 as lost from sets, unnest(covered) r
    union all select partition, null, r, 0, 1, 0, 0 from sets, unnest(dead) r
    union all select partition, null, r, 0, 0, 1, 0 from sets, unnest(expired) r
    union all select partition, null, r, 0, 0, 0, 1 from sets, unnest(lost) r
    union all select partition, run, range, 0, 0, 0, 0 from ends
  ), points as (
    select partition, run, 1 as sign, lower(range) as at, covered, dead, expired, lost from ranges
    union all select partition, run, -1, upper(range), -covered, -dead, -expired, -lost from ranges
  ), below as (
    select run, -sign as sign, at,
      sum(covered) over walk * at - (sum(covered * at) over walk)::bigint as covered,
      sum(dead) over walk * at - (sum(dead * at) over walk)::bigint as dead,
      sum(expired) over walk * at - (sum(expired * at) over walk)::bigint as expired,
      sum(lost) over walk * at - (sum(lost * at) over walk)::bigint as lost
    from points window walk as (partition by partition order by at)
  ), counts as (
    select run, sum(sign * at)::bigint as published, sum(sign * covered)::bigint as covered, sum(sign * dead)::bigint as dead,
      sum(sign * expired)::bigint as expired, sum(sign * lost)::bigint as lost
    from below where run is not null group by run
  )
  select r.pipeline, r.run, r.instant, r.source, p.requested, r.closed_at is not null,
    p.received, p.requested - p.received, p.rejected, p.landed, coalesce(c.published, 0), p.landed - coalesce(c.published, 0) - e.erased,
    coalesce(c.covered, 0), coalesce(c.dead, 0), coalesce(c.expired, 0), coalesce(c.covered - c.dead - c.expired, 0),
    coalesce(c.published - c.covered - c.lost, 0), coalesce(c.lost, 0), e.erased,
    coalesce(r.instant, r.opened_at), greatest(r.opened_at, p.landed_at)
  from runs r
  cross join lateral (
    select coalesce(sum(received), 0)::bigint as received,
      -- The source of an open plan decides how many records there are: none are short.
      case when r.pages is null then coalesce(sum(received), 0)::int else r.requested end as requested,
      coalesce(sum(rejected), 0)::bigint as rejected, coalesce(sum(landed), 0)::bigint as landed, max(landed_at) as landed_at
    from pages where pages.pipeline = r.pipeline and pages.run = r.run
  ) p
  cross join lateral (
    select count(*) as erased from erased e where e.pipeline = r.pipeline and e.run = r.run and not e.published
  ) e
  left join counts c on c.run = r.run
  where r.pipeline = of_pipeline and r.run = any(of_runs)
$$;

-- Of one run, or few; of many ask the function: here each walks for itself.
create or replace view accounts as
select a.* from runs r cross join lateral accounts_of(r.pipeline, array[r.run]) a
-- So that who asks for a run does not have all of them looked at.
where a.pipeline = r.pipeline and a.run = r.run;

-- Down Migration
-- None: a database is never taken back (a newer database serves older code).
