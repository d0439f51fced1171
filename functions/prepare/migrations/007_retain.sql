-- Up Migration

-- Only the owner of landing makes and drops its days. These functions do it for `retain` and for nobody else, and judge
-- by themselves whether they may. Whoever stands in line for landing holds up all behind him: they do so for 200 ms only.

-- Makes landing's days [first, first + days) and answers the new ones.
create function ready_landing_days(first date, days int) returns setof text
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '200ms' as $$
declare
  day date;
  name text;
begin
  for day in select first + n from generate_series(0, days - 1) n loop
    name := 'landing_' || to_char(day, 'YYYY_MM_DD');
    -- A day whose rows fell into the net stays there: they would have to be moved to make its partition.
    continue when to_regclass(name) is not null or exists (select from landing_default where landed_on = day);
    execute format('create table if not exists %I partition of landing for values from (%L) to (%L)', name, day, day + 1);
    return next name;
  end loop;
end $$;

-- What of a pipeline's rows on a day, seq in [oldest, newest], is not on the topic and in the tables, dead, expired or
-- accepted as lost. A run that goes on on another day counts whole.
create function landing_owed(of text, day date, landed bigint, oldest bigint, newest bigint) returns bigint
language sql stable set search_path = public, pg_temp as $$
  with of_day as (
    select run, p.landed from pages p
    -- A page lands when it is begun, or minutes later.
    where p.pipeline = of and landed_at >= day and landed_at < day + 2 and rows && int8range(oldest, newest, '[]')
  )
  -- Rows that no page knows of: nobody could say what became of them.
  select greatest($3 - (select coalesce(sum(of_day.landed), 0) from of_day), 0)::bigint + coalesce(sum(size(
    o.offsets - coalesce(c.covered + c.lost, '{}')
  )), 0)::bigint
  from (
    select partition, range_agg(offsets) as offsets from published
    where pipeline = of and run in (select run from of_day) group by partition
  ) o
  left join coverage c on c.pipeline = of and c.partition = o.partition
$$;

-- Landing's days before one, and what of each pipeline stands in them; no pipeline where nothing does.
create function landing_days(since date, before date) returns table (day date, pipeline text, landed bigint, owed bigint)
language plpgsql stable security definer set search_path = public, pg_temp set timezone = 'UTC' as $$
declare
  name text;
begin
  for name, day in
    select relname, to_date(substr(relname, 9), 'YYYY_MM_DD') from pg_inherits join pg_class on oid = inhrelid
    where inhparent = 'landing'::regclass and relname <> 'landing_default' order by relname
  loop
    continue when day >= before or day < since;
    return query execute format(
      -- The partition itself, whose index has all that is asked for.
      'select $1, l.pipeline, landed, waiting + landing_owed(l.pipeline, $1, landed, first, last)
       from (select) any_case left join (
         select l.pipeline, count(*) as landed, min(l.seq) as first, max(l.seq) as last,
           count(*) filter (where l.seq > coalesce(p.seq, 0)) as waiting
         from %I l left join relay_position p using (pipeline) group by l.pipeline
       ) l on true', name) using day;
  end loop;
end $$;

-- Rows that found no partition of their day, and stay where they are.
create function landing_net() returns table (pipeline text, landed bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select pipeline, count(*) from landing_default group by pipeline
$$;

-- Drops one of landing's days; refuses one whose rows are not all where they should be, and one that may still be written.
create function drop_landing_day(day date) returns void
language plpgsql security definer set search_path = public, pg_temp
set lock_timeout = '200ms' set timezone = 'UTC' as $$
declare
  waiting bigint;
begin
  if day >= current_date - 1 then
    raise exception 'day % of landing: expected one before yesterday', day;
  end if;
  select coalesce(sum(d.owed), 0) into waiting from landing_days(day, day + 1) d;
  if waiting > 0 then
    raise exception 'day % of landing: expected all rows in the tables, got % that are not', day, waiting;
  end if;
  execute format('drop table %I', 'landing_' || to_char(day, 'YYYY_MM_DD'));
end $$;

revoke execute on function ready_landing_days, landing_owed, landing_days, landing_net, drop_landing_day from public;

-- Down Migration
-- None: a database is never taken back (a newer database serves older code).
