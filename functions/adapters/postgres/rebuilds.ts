import { PipelineError } from '../../../streaming/errors.ts';
import { type Era, type Offsets, sizeOf } from '../../rebuild/lacking.ts';
import type { Asked, OutOfReach, Rebuild, Rebuilds } from '../../rebuild/rebuilds.ts';
import type { Loss } from '../../supervise/orders.ts';
import { codeOf, type Database, type Queryable, transaction } from './connection.ts';
import { noteOperation } from './operations.ts';

const uniqueViolation = '23505';
/** Instants of one answer. */
const mostInstants = 10_000;

/** Rebuilds in PostgreSQL. */
export function postgresRebuilds(database: Database): Rebuilds {
  return {
    async loss(pipeline) {
      const { rows } = await database.query<{ loss: Loss | null }>(
        'select data_loss as loss from pipelines where name = $1',
        [pipeline],
      );
      return rows[0]?.loss;
    },
    async eras(pipeline, table) {
      const { rows } = await database.query<Era>(
        `select starting_offsets -> $1 as starts, coalesce(tables -> $1 ? $2, false) as "hasTable"
         from job_generations order by generation desc`,
        [pipeline, table],
      );
      return rows;
    },
    newest: (pipeline, table) => one(database, 'pipeline = $1 and table_name = $2', [pipeline, table]),
    find: (id) => one(database, 'id = $1', [id]),
    oldestSince: (pipeline, begins) => oldestSince(database, pipeline, begins),
    outOfReach: (...asked) => outOfReach(database, ...asked),
    begin: (asked, who, refetch) => begin(database, asked, who, refetch),
    async started(id, jobRun) {
      await database.query('update rebuilds set job_run = $2 where id = $1', [id, jobRun]);
    },
    async end(id, state, reason) {
      await database.query(
        `update rebuilds set state = $2, reason = nullif($3, ''), ended_at = now() where id = $1 and state = 'running'`,
        [id, state, reason.slice(0, 2000)],
      );
    },
  };
}

const columns = `id, pipeline, table_name as "table", begins, ranges, total, rate, job_run as "jobRun", state, reason,
  replayed, stored, dead, expired`;

async function one(database: Queryable, where: string, values: readonly unknown[]): Promise<Rebuild | undefined> {
  const { rows } = await database.query<Rebuild>(
    `select ${columns} from rebuilds where ${where} order by id desc limit 1`,
    values,
  );
  return rows[0];
}

/** Of rows that landing keeps no more, the instant has to do. */
async function oldestSince(database: Queryable, pipeline: string, begins: Offsets): Promise<number | null> {
  const { rows } = await database.query<{ oldest: number | null }>(
    `select least(min(l.version), (extract(epoch from min(r.instant)) * 1000000)::bigint) as oldest
     from (
       select distinct run from published
       where pipeline = $1 and upper(offsets) > coalesce(($2::jsonb ->> partition::text)::bigint, 0)
     ) brought
     join runs r on r.pipeline = $1 and r.run = brought.run
     join pages p on p.pipeline = $1 and p.run = brought.run
     left join landing l on l.pipeline = $1 and l.seq >= lower(p.rows) and l.seq < upper(p.rows) and l.run = p.run`,
    [pipeline, JSON.stringify(begins)],
  );
  return rows[0]?.oldest ?? null;
}

/** What was fetched for a table has the instant's name behind the table's; for another table it does not count. */
async function outOfReach(
  database: Queryable,
  pipeline: string,
  table: string,
  below: Offsets,
  since: Date,
): Promise<OutOfReach> {
  const { rows } = await database.query<OutOfReach>(
    `with gone as (
       select distinct o.run from published o
       join (select key::int as partition, value::bigint as upto from jsonb_each_text($3)) b using (partition)
       where o.pipeline = $1 and o.offsets && int8range(0, upto)
     ), lacking as (
       select r.run, r.instant from runs r join gone using (run)
       where r.pipeline = $1 and coalesce(r.instant, r.opened_at) >= $4 and r.run not like 'refetch:%' and not exists (
         select from runs f
         where f.pipeline = $1 and f.run = 'refetch:' || $2 || ':' || r.run and f.closed_at is not null)
     )
     select count(instant) as count, count(*) - count(instant) as others,
       coalesce((array_agg(run order by instant) filter (where instant is not null))[:$5], '{}') as instants
     from lacking`,
    [pipeline, table, JSON.stringify(below), since, mostInstants],
  );
  return rows[0] ?? { count: 0, instants: [], others: 0 };
}

async function begin(database: Database, asked: Asked, who: string, refetch: boolean): Promise<Rebuild> {
  const { pipeline, table, begins, ranges, rate } = asked;
  const total = sizeOf(ranges);
  try {
    return await transaction(database, async (tx) => {
      const { rows } = await tx.query<Rebuild>(
        `insert into rebuilds (pipeline, table_name, begins, ranges, total, rate, state, ended_at)
         values ($1, $2, $3, $4, $5, $6, case $5::bigint when 0 then 'done' else 'running' end,
           case $5::bigint when 0 then now() end)
         returning ${columns}`,
        [pipeline, table, JSON.stringify(begins), JSON.stringify(ranges), total, rate],
      );
      const rebuild = rows[0] as Rebuild;
      const operation = { asked: { table, ranges, rate, refetch }, answer: { rebuild: rebuild.id, total } };
      await noteOperation(tx, { pipeline, verb: 'rebuild', who, ...operation });
      return rebuild;
    });
  } catch (error) {
    if (codeOf(error) !== uniqueViolation) throw error;
    const active = await one(database, "state = 'running'", []);
    throw new PipelineError(
      `rebuild of ${table}: expected no other at work, got one of ${active?.table ?? 'another table'}; its job takes ` +
        'the place that there is, ask again when it is done',
      { code: 'under_way', at: 'table', retriable: true, cause: error },
    );
  }
}
