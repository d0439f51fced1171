import { PipelineError } from '../../../streaming/errors.ts';
import type { Landing, OpenRun, RunPlan, RunTotals } from '../../ports.ts';
import type { Database, Queryable } from './connection.ts';
import { landPage } from './pages.ts';
import { enter } from './places.ts';

/** PostgreSQL behind the port that extract and settle see. */
export function postgresLanding(database: Database): Landing {
  return {
    openRun: (pipeline, run, instant, plan) => openRun(database, pipeline, run, instant, plan),
    closedPlan: (pipeline, run) => closedPlan(database, pipeline, run),
    enter: (pipeline, places) => enter(database, pipeline, places),
    landPage: (page) => landPage(database, page),
    closeRun: (pipeline, run) => closeRun(database, pipeline, run),
    uncovered: (pipeline, limit) => uncovered(database, pipeline, limit),
    receivedLive: (pipeline, seconds) => receivedLive(database, pipeline, seconds),
    firstInstant: (pipeline) => firstInstant(database, pipeline),
    closedRuns: (pipeline, from, until) => closedRuns(database, pipeline, from, until),
  };
}

async function openRun(
  database: Queryable,
  pipeline: string,
  run: string,
  instant: Date | null,
  plan: RunPlan,
): Promise<OpenRun> {
  const { rowCount } = await database.query(
    `insert into runs (pipeline, run, instant, source, requested, page_size, pages) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict do nothing`,
    [pipeline, run, instant, plan.source, plan.requested, plan.pageSize, plan.pages],
  );
  // A statement of its own: the inserting one would not see a row that another caller committed meanwhile.
  const { rows } = await database.query<Omit<OpenRun, 'created'>>(
    `select source, requested, page_size as "pageSize", pages, closed_at is not null as closed,
       array(select page from pages p where p.pipeline = r.pipeline and p.run = r.run) as "pagesLanded",
       exists (select from pages p where p.pipeline = r.pipeline and p.run = r.run and last) as "lastLanded"
     from runs r where pipeline = $1 and run = $2`,
    [pipeline, run],
  );
  return { ...theOnly(rows, `run ${run} of ${pipeline}`), created: rowCount === 1 };
}

async function closedPlan(database: Queryable, pipeline: string, run: string): Promise<RunPlan | undefined> {
  const { rows } = await database.query<RunPlan>(
    `select source, requested, page_size as "pageSize", pages from runs
     where pipeline = $1 and run = $2 and closed_at is not null`,
    [pipeline, run],
  );
  return rows[0];
}

async function closeRun(database: Queryable, pipeline: string, run: string): Promise<RunTotals> {
  await database.query(
    `update runs r set closed_at = now()
     where pipeline = $1 and run = $2 and closed_at is null and case when pages is null
       then exists (select from pages p where p.pipeline = r.pipeline and p.run = r.run and last)
       else pages = (select count(*) from pages p where p.pipeline = r.pipeline and p.run = r.run) end`,
    [pipeline, run],
  );
  const { rows } = await database.query<RunTotals>(
    `select r.closed_at is not null as closed, coalesce(sum(received), 0)::bigint as received,
       coalesce(sum(landed), 0)::bigint as landed, coalesce(sum(rejected), 0)::bigint as rejected, count(page) as pages
     from runs r left join pages using (pipeline, run) where r.pipeline = $1 and r.run = $2 group by r.pipeline, r.run`,
    [pipeline, run],
  );
  return theOnly(rows, `run ${run} of ${pipeline}`);
}

async function uncovered(database: Queryable, pipeline: string, limit: number): Promise<number> {
  const { rows } = await database.query<{ uncovered: number }>(
    `select pending + in_flight as uncovered
     from (
       select count(*) as pending from (
         select from landing
         where pipeline = $1 and seq > coalesce((select seq from relay_position where pipeline = $1), 0)
         order by seq limit $2
       ) waiting
     ) l
     cross join (
       select coalesce(sum(expected - coalesce(covered_prefix(c.covered + c.lost), 0)), 0)::bigint as in_flight
       from relay_position p
       cross join unnest(p.ends) with ordinality e (expected, place)
       left join coverage c on c.pipeline = p.pipeline and c.partition = place - 1
       where p.pipeline = $1
     ) t`,
    [pipeline, limit],
  );
  return theOnly(rows, `landing of ${pipeline}`).uncovered;
}

async function receivedLive(database: Queryable, pipeline: string, seconds: number): Promise<number> {
  const { rows } = await database.query<{ received: number }>(
    `select coalesce(sum(received), 0)::bigint as received
     from pages join runs using (pipeline, run)
     where pipeline = $1 and source = 'live' and landed_at > now() - make_interval(secs => $2)`,
    [pipeline, seconds],
  );
  return theOnly(rows, `pages of ${pipeline}`).received;
}

async function firstInstant(database: Queryable, pipeline: string): Promise<Date | null> {
  const { rows } = await database.query<{ first_instant: Date }>(
    'select first_instant from pipelines where name = $1',
    [pipeline],
  );
  return rows[0]?.first_instant ?? null;
}

async function closedRuns(database: Queryable, pipeline: string, from: Date, until: Date): Promise<Set<string>> {
  const { rows } = await database.query<{ run: string }>(
    `select run from runs where pipeline = $1 and instant >= $2 and instant < $3 and closed_at is not null`,
    [pipeline, from, until],
  );
  return new Set(rows.map(({ run }) => run));
}

function theOnly<R>(rows: readonly R[], what: string): R {
  const [row] = rows;
  if (row !== undefined && rows.length === 1) return row;
  throw new PipelineError(`${what}: expected one row, got ${rows.length}; has prepare run?`, {
    code: 'landing_unavailable',
    at: 'landing',
    retriable: false,
  });
}
