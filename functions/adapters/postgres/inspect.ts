import type {
  Books,
  DeadLetterOnFile,
  DeadLetters,
  GenerationStatus,
  LandedKey,
  PipelineStatus,
} from '../../inspect/inspect.ts';
import type { Asked } from '../../inspect/questions.ts';
import { failedDag } from '../../notify/notify.ts';
import type { Account } from '../../ports.ts';
import type { Queryable } from './connection.ts';
import { matching } from './letters.ts';

/** Everything that `inspect` reads from PostgreSQL. */
export function postgresBooks(database: Queryable): Books {
  return {
    status: (pipeline) => status(database, pipeline),
    generation: () => generation(database),
    account: (pipeline, run) => account(database, pipeline, run),
    absorbed: (pipeline, runs) => absorbed(database, pipeline, runs),
    freeInstant: (pipeline, newest, stepMs) => freeInstant(database, pipeline, newest, stepMs),
    keys: (asked, fields) => keys(database, asked, fields),
    dead: (asked) => dead(database, asked),
  };
}

async function status(database: Queryable, pipeline: string): Promise<PipelineStatus | undefined> {
  const { rows } = await database.query<PipelineStatus>(
    `select name as pipeline, desired, data_loss, running_generation, first_instant, runs, last_run, next_unclosed,
       landed, published, landed - published - erased as pending, erased, oldest_pending_seconds, covered, "foreign",
       duplicates, dead, prefixes, landed_last_minute, covered_last_minute, newest_complete, failed_dag
     from pipelines
     cross join lateral (
       select jsonb_build_object('open', count(*) filter (where closed_at is null), 'closed', count(closed_at)) as runs,
         (array_agg(run order by instant desc nulls last))[1] as last_run,
         (array_agg(run order by instant) filter (where closed_at is null))[1] as next_unclosed
       from runs where pipeline = name
     ) r
     cross join lateral (select coalesce(sum(landed), 0)::bigint as landed from pages where pipeline = name) l
     cross join lateral (
       select coalesce(sum(upper(r) - lower(r)), 0)::bigint as published
       from published, unnest(offsets) r where pipeline = name
     ) o
     cross join lateral (
       select count(*) as erased from erased where erased.pipeline = name and not erased.published
     ) e
     cross join lateral (
       select coalesce(sum(covered), 0)::bigint as covered, coalesce(sum(alien), 0)::bigint as "foreign",
         coalesce(sum(duplicates), 0)::bigint as duplicates, coalesce(jsonb_object_agg(partition, prefix), '{}') as prefixes
       from topic_accounts where pipeline = name
     ) t
     cross join lateral (
       select coalesce(jsonb_agg(d order by at, reason), '[]') as dead
       from (select at, reason, count(*) from letters where pipeline = name and state not in ('stored', 'erased') group by at, reason) d
     ) d
     cross join lateral (
       select coalesce(sum(landed), 0)::bigint as landed_last_minute
       from pages where pipeline = name and landed_at > now() - interval '1 minute'
     ) lm
     cross join lateral (
       select coalesce(sum(size(offsets)), 0)::bigint as covered_last_minute
       from (
         select range_agg(offsets) as offsets from coverage_reports
         where pipeline = name and reported_at > now() - interval '1 minute' group by partition
       ) recent
     ) cm
     left join lateral (
       select a.instant as newest_complete
       -- Sorted first, so that the walk ends at the first one that is complete.
       from (select run from runs where pipeline = name and closed_at is not null and instant is not null order by run desc) r
       cross join lateral accounts_of(name, array[r.run]) a
       where a.pending = 0 and a.in_flight = 0 limit 1
     ) f on true
     left join lateral (
       select extract(epoch from clock_timestamp() - landed_at)::float8 as oldest_pending_seconds
       -- The row first, by the index: joined before it is chosen, a backlog would be read whole.
       from (
         select run, seq from landing
         where pipeline = name and seq > (select p.seq from relay_position p where p.pipeline = name)
         order by seq limit 1
       ) oldest
       join pages on pages.pipeline = name and pages.run = oldest.run and rows @> oldest.seq
     ) w on true
     left join lateral (
       select jsonb_build_object('dag', asked ->> 'dag', 'run', asked ->> 'run', 'at', at) as failed_dag
       from operations
       where operations.pipeline in (name, '*') and verb = $2 and at > now() - interval '1 hour'
       order by at desc limit 1
     ) fd on true
     where name = $1`,
    [pipeline, failedDag],
  );
  return rows[0];
}

async function generation(database: Queryable): Promise<GenerationStatus | null> {
  const { rows } = await database.query<GenerationStatus>(
    `select generation, version, state, job_run as "jobRun", reason
     from job_generations order by generation desc limit 1`,
  );
  return rows[0] ?? null;
}

async function account(database: Queryable, pipeline: string, run: string): Promise<Account | undefined> {
  const { rows } = await database.query<Account>('select * from accounts_of($1, $2)', [pipeline, [run]]);
  return rows[0];
}

async function absorbed(database: Queryable, pipeline: string, runs: readonly string[]): Promise<readonly string[]> {
  const { rows } = await database.query<{ run: string }>(
    'select run from accounts_of($1, $2) where closed and pending = 0 and in_flight = 0',
    [pipeline, runs],
  );
  return rows.map(({ run }) => run);
}

async function freeInstant(database: Queryable, pipeline: string, newest: Date, stepMs: number): Promise<Date | null> {
  const { rows } = await database.query<{ instant: Date }>(
    `select instant
     from generate_series($2::timestamptz, $2::timestamptz - interval '1 month', make_interval(secs => -$3::float8 / 1000)) instant
     where not exists (select from runs where pipeline = $1 and runs.instant = instant.instant)
     order by instant desc limit 1`,
    [pipeline, newest, stepMs],
  );
  return rows[0]?.instant ?? null;
}

/** Pages know where in landing their rows lie, so a run is read without an index of its own. */
async function keys(database: Queryable, asked: Asked<'keys'>, fields: readonly string[]): Promise<LandedKey[]> {
  const { rows } = await database.query<LandedKey>(
    `select seq, version, landed_at as "landedAt", payload = '{}' as "isErased",
       (select jsonb_object_agg(field, payload -> field) from unnest($5::text[]) field) as key,
       exists (
         -- Of a run that was redriven it stays dead; of the redrive only what died again is.
         select from dead_letters d where d.pipeline = p.pipeline and d.identity = l.origin::text and d.at <> 'source'
           and not (d.redrive is not distinct from p.run and d.state in ('redriving', 'stored'))
       ) as "isDead"
     from pages p
     join lateral (
       select seq, origin, version, payload from landing
       where pipeline = p.pipeline and run = p.run and seq >= greatest(lower(p.rows), $3 + 1) and seq < upper(p.rows) and seq % $6 = 0
         and not (payload = '{}' and exists (
           select from erased e where e.pipeline = p.pipeline and e.seq = landing.seq and not e.published
         ))
     ) l on true
     where p.pipeline = $1 and p.run = $2 and upper(p.rows) > $3 + 1
     order by seq limit $4`,
    [asked.pipeline, asked.run, asked.after, asked.limit, fields, asked.every],
  );
  return rows;
}

/** As many as fit: a letter may be large. The first fits in any case. */
async function dead(database: Queryable, asked: Asked<'dead'>): Promise<DeadLetters> {
  const { pipeline, state, limit, after } = asked;
  const [, micros, identity] = /^(\d+):(.+)$/s.exec(after ?? '') ?? [];
  const filter = matching(asked, 6);
  const { rows } = await database.query<DeadLetterOnFile & { cursor: string; ordinal: number; found: number }>(
    `select identity, run, at, reason, field, payload, state, attempts, partition, "offset", died_at, redrive, cursor,
       ordinal, found
     from (
       select *, row_number() over newest as ordinal, count(*) over () as found,
         sum(octet_length(payload::text)) over (newest rows unbounded preceding) as bytes
       from (
         select *, (extract(epoch from died_at) * 1000000)::bigint || ':' || identity as cursor from letters d
         where pipeline = $1 and ($2::text is null or state = $2) and ($4::text is null or
           (died_at, identity) < ('epoch'::timestamptz + $3::bigint * interval '1 microsecond', $4)) and ${filter.sql}
         order by died_at desc, identity desc limit $5 + 1
       ) page window newest as (order by died_at desc, identity desc)
     ) measured
     where ordinal <= $5 and (bytes is null or bytes < 5000000 or ordinal = 1) order by ordinal`,
    [pipeline, state ?? null, micros ?? null, identity ?? null, limit, ...filter.values],
  );
  const letters = rows.map(({ cursor: _, ordinal: __, found: ___, ...letter }) => letter);
  const last = rows.at(-1);
  return { letters, next: last !== undefined && last.found > rows.length ? last.cursor : null };
}
