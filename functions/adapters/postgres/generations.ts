import type { Generation } from '../../supervise/decide.ts';
import type { Generations } from '../../supervise/supervise.ts';
import type { Supervised, Waiting } from '../../supervise/survey.ts';
import { type Database, type Queryable, transaction } from './connection.ts';

/** Generations of the Spark job in PostgreSQL. */
export function postgresGenerations(database: Database): Generations {
  return {
    alone: (work) => alone(database, work),
    pipelines: () => pipelines(database),
    active: () => active(database),
    sinceOpened: () => sinceOpened(database),
    async open(version, mode, startingOffsets, tables) {
      await database.query(
        `insert into job_generations (generation, version, mode, starting_offsets, tables)
         select coalesce(max(generation), 0) + 1, $1, $2, $3, $4 from job_generations`,
        [version, mode, JSON.stringify(startingOffsets), JSON.stringify(tables)],
      );
    },
    async started(generation, jobRun) {
      await database.query('update job_generations set job_run = $2 where generation = $1', [generation, jobRun]);
    },
    async mark(generation, state, reason) {
      await database.query(
        `with marked as (
           update job_generations set state = $2, reason = nullif(concat_ws('; ', reason, nullif($3, '')), ''),
             ended_at = case when $2 = 'ended' then now() end
           where generation = $1 and state <> $2
         )
         update pipelines set running_generation = null where $2 = 'ended' and running_generation = $1`,
        [generation, state, reason.slice(0, 2000)],
      );
    },
    async lose(pipeline, loss) {
      await database.query('update pipelines set data_loss = $2 where name = $1', [pipeline, JSON.stringify(loss)]);
    },
    waiting: (pipeline, absorbed, isCaughtUp) => waiting(database, pipeline, absorbed, isCaughtUp),
  };
}

async function waiting(database: Queryable, pipeline: string, absorbed: number, isCaughtUp: boolean): Promise<Waiting> {
  await database.query(
    `update pipelines set absorbed = $2, waiting_since = case
       when $3 then null when absorbed is distinct from $2 then now() else coalesce(waiting_since, now()) end
     where name = $1 and (absorbed is distinct from $2 or (waiting_since is null) is distinct from $3)`,
    [pipeline, absorbed, isCaughtUp],
  );
  const { rows } = await database.query<Waiting>(
    `select coalesce(extract(epoch from now() - waiting_since), 0)::float as "sinceProgress",
       case when waiting_since is null then 0 else extract(epoch from now() - greatest(waiting_since,
         (select started_at from job_generations where state <> 'ended'))) end::float as "underActive"
     from pipelines where name = $1`,
    [pipeline],
  );
  return rows[0] ?? { sinceProgress: 0, underActive: 0 };
}

async function sinceOpened(database: Queryable): Promise<number | null> {
  const { rows } = await database.query<{ seconds: number | null }>(
    'select extract(epoch from now() - max(started_at))::float as seconds from job_generations',
  );
  return rows[0]?.seconds ?? null;
}

/** A transaction of its own holds the lock, so that a frozen process loses it; what `work` does commits by itself. */
async function alone<T>(database: Database, work: () => Promise<T>): Promise<T | 'busy'> {
  return transaction(database, async (lock) => {
    const { rows } = await lock.query<{ free: boolean }>(
      "select pg_try_advisory_xact_lock(hashtextextended('millrace supervise', 0)) as free",
    );
    return rows[0]?.free ? work() : 'busy';
  });
}

async function active(database: Queryable): Promise<Generation | null> {
  const { rows } = await database.query<Generation>(
    `select generation, version, mode, starting_offsets as "startingOffsets", job_run as "jobRun"
     from job_generations where state <> 'ended'`,
  );
  return rows[0] ?? null;
}

async function pipelines(database: Queryable): Promise<Supervised[]> {
  const { rows } = await database.query<Omit<Supervised, 'prefixes'> & { prefixes: Record<string, number> }>(
    `select name, desired, data_loss as "dataLoss", coalesce(
       (select jsonb_object_agg(partition, covered_prefix(covered + lost)) from coverage where pipeline = name), '{}') as prefixes,
       coalesce((select sum(published) from relay_position, unnest(ends) published where pipeline = name), 0)::bigint as published,
       greatest(coalesce(age, 0), 0)::float8 as "unpublishedAge"
     from pipelines
     left join lateral (
       select extract(epoch from clock_timestamp() - landed_at) as age
       -- The row first, by the index: joined before it is chosen, a backlog would be read whole.
       from (
         select run, seq from landing
         where pipeline = name and seq > (select p.seq from relay_position p where p.pipeline = name)
         order by seq limit 1
       ) oldest
       join pages on pages.pipeline = name and pages.run = oldest.run and rows @> oldest.seq
     ) waiting on true
     order by name`,
  );
  return rows.map((row) => ({ ...row, prefixes: numbered(row.prefixes) }));
}

const numbered = (byPartition: Record<string, number>) =>
  new Map(Object.entries(byPartition).map(([partition, prefix]) => [Number(partition), prefix]));
