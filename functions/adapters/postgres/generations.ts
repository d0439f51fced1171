import type { Generation } from '../../supervise/decide.ts';
import type { Generations, Supervised } from '../../supervise/supervise.ts';
import { type Database, type Queryable, transaction } from './connection.ts';

/** Generations of the Spark job in PostgreSQL. */
export function postgresGenerations(database: Database): Generations {
  return {
    alone: (work) => alone(database, work),
    pipelines: () => pipelines(database),
    active: () => active(database),
    async open(version, startingOffsets) {
      await database.query(
        `insert into job_generations (generation, version, starting_offsets)
         select coalesce(max(generation), 0) + 1, $1, $2 from job_generations`,
        [version, JSON.stringify(startingOffsets)],
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

async function waiting(database: Queryable, pipeline: string, absorbed: number, isCaughtUp: boolean): Promise<number> {
  await database.query(
    `update pipelines set absorbed = $2, waiting_since = case
       when $3 then null when absorbed is distinct from $2 then now() else coalesce(waiting_since, now()) end
     where name = $1 and (absorbed is distinct from $2 or (waiting_since is null) is distinct from $3)`,
    [pipeline, absorbed, isCaughtUp],
  );
  const { rows } = await database.query<{ seconds: number }>(
    `select case when waiting_since is null then 0 else extract(epoch from now() - greatest(waiting_since,
       (select started_at from job_generations where state <> 'ended'))) end::float as seconds
     from pipelines where name = $1`,
    [pipeline],
  );
  return rows[0]?.seconds ?? 0;
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
    `select generation, version, starting_offsets as "startingOffsets", job_run as "jobRun"
     from job_generations where state <> 'ended'`,
  );
  return rows[0] ?? null;
}

async function pipelines(database: Queryable): Promise<Supervised[]> {
  const { rows } = await database.query<Omit<Supervised, 'prefixes'> & { prefixes: Record<string, number> }>(
    `select name, desired, data_loss as "dataLoss", coalesce(
       (select jsonb_object_agg(partition, covered_prefix(covered + lost)) from coverage where pipeline = name), '{}') as prefixes
     from pipelines order by name`,
  );
  return rows.map((row) => ({ ...row, prefixes: numbered(row.prefixes) }));
}

const numbered = (byPartition: Record<string, number>) =>
  new Map(Object.entries(byPartition).map(([partition, prefix]) => [Number(partition), prefix]));
