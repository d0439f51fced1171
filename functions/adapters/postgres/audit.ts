import type { Findings, Ledger, Recorded, Report } from '../../audit/audit.ts';
import { codeOf, type Database, type Queryable, transaction } from './connection.ts';
import { diedAgain, lettersInUse } from './letters.ts';

/** The ledger in PostgreSQL: dead letters, coverage and its reports, one transaction a batch. */
export function postgresLedger(database: Database): Ledger {
  return {
    async record(findings) {
      try {
        return await transaction(database, (tx) => recordAll(tx, findings));
      } catch (error) {
        if (isRefusal(error)) return { refused: error instanceof Error ? error.message : String(error) };
        throw error;
      }
    },
  };
}

/** Classes 22 (data), 23 (constraints) and 54 (limits): trying again changes nothing. */
const isRefusal = (error: unknown) => /^(22|23|54)/.test(codeOf(error) ?? '');

async function recordAll(tx: Queryable, findings: Findings): Promise<Recorded> {
  await keepUnreadable(tx, findings.unreadable);
  const dead = await addDead(tx, findings.dead);
  await addReports(tx, findings.reports);
  const names = pipelinesOf(findings);
  const { judged, covered } = await judge(tx, names);
  await markStarted(tx, findings.started);
  await markStopped(tx, findings.stopped);
  await noteRebuilt(tx, findings.rebuilt);
  const news = names.map((name) => [name, { covered: covered[name] ?? 0, dead: dead[name] ?? 0 }] as const);
  return { judged, pipelines: new Map(news) };
}

const pipelinesOf = ({ dead, reports }: Findings) => [
  ...new Set([...dead, ...reports].map(({ pipeline }) => pipeline)),
];

async function keepUnreadable(tx: Queryable, unreadable: Findings['unreadable']): Promise<void> {
  if (unreadable.length === 0) return;
  const rows = unreadable.map(({ record, reason }) => ({ ...record, reason: reason.replaceAll('\0', '') }));
  await tx.query(
    `insert into unreadable_audit (topic, partition, "offset", value, reason)
     select topic, partition, "offset", decode(value, 'base64'), reason
     from jsonb_to_recordset($1) as x(topic text, partition int, "offset" bigint, value text, reason text)
     on conflict do nothing`,
    [JSON.stringify(rows)],
  );
}

/**
 * First the letters, then the offsets: a letter is one per record, its offsets are as many as it was sent. Of a record
 * that was erased while it was on its way the letter says nothing. Answers how
 * many letters of each pipeline are new, or died again.
 */
async function addDead(tx: Queryable, dead: Findings['dead']): Promise<Readonly<Record<string, number>>> {
  if (dead.length === 0) return {};
  const json = JSON.stringify(dead);
  await tx.query(lettersInUse, [[...new Set(dead.map(({ pipeline }) => pipeline))].sort()]);
  // In the order in which a redrive locks them.
  const { rows } = await tx.query<{ pipeline: string }>(
    `insert into dead_letters (pipeline, identity, run, at, reason, field, payload, state, partition, "offset")
     select x.pipeline, x.identity, x.run, at, reason, field, case when e.identity is null then payload end,
       case when e.identity is null then 'open' else 'erased' end, partition, "offset"
     from ${deadRows}
     left join (select distinct pipeline, identity from erased) e on e.pipeline = x.pipeline and e.identity = x.identity
     order by x.pipeline, x.identity
     on conflict (pipeline, identity) do nothing returning pipeline`,
    [json],
  );
  const again = await tx.query<{ pipeline: string }>(diedInRedrive, [json]);
  await tx.query(
    `insert into coverage (pipeline, partition, dead, alien)
     select pipeline, partition, range_agg(int8range("offset", "offset" + 1)),
       coalesce(range_agg(int8range("offset", "offset" + 1)) filter (where alien), '{}')
     from jsonb_to_recordset($1) as x(pipeline text, partition int, "offset" bigint, alien boolean)
     group by pipeline, partition order by pipeline, partition
     on conflict (pipeline, partition) do update
       set dead = coverage.dead + excluded.dead, alien = coverage.alien + excluded.alien`,
    [json],
  );
  const news: Record<string, number> = {};
  for (const { pipeline } of [...rows, ...again.rows]) news[pipeline] = (news[pipeline] ?? 0) + 1;
  return news;
}

const deadRows = `jsonb_to_recordset($1) as x(pipeline text, identity text, run text, at text, reason text, field text,
  payload jsonb, partition int, "offset" bigint)`;

/**
 * The same letter, once more. Only the run that took it can bring this news: what an older one reports again, because
 * its offsets are read again, is known.
 */
const diedInRedrive = `update dead_letters d
  set at = x.at, reason = x.reason, field = x.field, payload = x.payload, partition = x.partition, "offset" = x."offset", ${diedAgain}
  from (select distinct on (pipeline, identity, run) * from ${deadRows} order by pipeline, identity, run) x
  where d.pipeline = x.pipeline and d.identity = x.identity and d.state = 'redriving' and d.redrive = x.run
  returning d.pipeline`;

/** A range reported again with more of it expired is judged again: the union of both is what holds. */
async function addReports(tx: Queryable, reports: readonly Report[]): Promise<void> {
  if (reports.length === 0) return;
  const rows = reports.map((report) => ({ ...report, expired: multirange(report.expired) }));
  await tx.query(
    `with report as (
       select pipeline, partition, int8range("from", until) as offsets, dead, max(generation) as generation,
         coalesce(range_agg(expired), '{}') as expired
       from jsonb_to_recordset($1) as x(pipeline text, partition int, "from" bigint, until bigint, dead int,
         generation int, expired int8multirange)
       group by pipeline, partition, "from", until, dead
     ), partitions as (
       insert into coverage (pipeline, partition) select distinct pipeline, partition from report on conflict do nothing
     )
     insert into coverage_reports (pipeline, partition, offsets, dead, generation, expired)
     select pipeline, partition, offsets, dead, generation, expired from report
     on conflict (pipeline, partition, offsets, dead) do update
       set expired = coverage_reports.expired + excluded.expired, judged = false
       where not coverage_reports.expired @> excluded.expired`,
    [JSON.stringify(rows)],
  );
}

const multirange = (ranges: Report['expired']) => `{${ranges.map(([from, until]) => `[${from},${until})`).join(',')}}`;

/**
 * A report counts once as many dead offsets are on file inside its range as it declares. More than that may lie there:
 * from an earlier generation that died before it could report, and whose judgement this one does not share.
 */
async function judge(tx: Queryable, pipelines: readonly string[]): Promise<Judged> {
  if (pipelines.length === 0) return { judged: 0, covered: {} };
  const { rows } = await tx.query<Judged>(
    `with judged as (
       update coverage_reports r set judged = true from coverage c
       where r.pipeline = any($1) and not r.judged and c.pipeline = r.pipeline and c.partition = r.partition
         and size(c.dead * r.offsets::int8multirange) >= r.dead
       returning r.pipeline, r.partition, r.offsets, r.expired
     ), sums as (
       select pipeline, partition, count(*) as reports, range_agg(offsets) as covered, range_agg(expired) as expired
       from judged group by pipeline, partition
     ), absorbed as (
       update coverage c set covered = c.covered + s.covered, expired = c.expired + coalesce(s.expired, '{}')
       from sums s where c.pipeline = s.pipeline and c.partition = s.partition
       returning c.pipeline, size(new.covered) - size(old.covered) as covered
     ), news as (select pipeline, sum(covered) as covered from absorbed group by pipeline)
     select (select coalesce(sum(reports), 0)::bigint from sums) as judged,
       (select coalesce(jsonb_object_agg(pipeline, covered), '{}') from news) as covered`,
    [pipelines],
  );
  return rows[0] ?? { judged: 0, covered: {} };
}

interface Judged {
  readonly judged: number;
  /** Offsets newly covered, by pipeline. */
  readonly covered: Readonly<Record<string, number>>;
}

async function markStarted(tx: Queryable, started: Findings['started']): Promise<void> {
  if (started.length === 0) return;
  await tx.query(
    `update pipelines set running_generation = greatest(running_generation, s.generation)
     from (select pipeline, max(generation) as generation
       from jsonb_to_recordset($1) as x(pipeline text, generation int) group by pipeline) s
     where name = s.pipeline`,
    [JSON.stringify(started)],
  );
}

/** Only the newest generation can report a loss: an older one's message may come again after an operator accepted it. */
async function markStopped(tx: Queryable, stopped: Findings['stopped']): Promise<void> {
  for (const { pipeline, generation, reason, detail } of stopped) {
    await tx.query(
      `update pipelines set
         running_generation = nullif(running_generation, $2),
         data_loss = case when $3 = 'data_loss' and $2 >= (select coalesce(max(generation), 0) from job_generations)
           then coalesce(data_loss, jsonb_build_object('reason', 'reported', 'generation', $2::int, 'detail', $4::text))
           else data_loss end
       where name = $1`,
      [pipeline, generation, reason, detail],
    );
  }
}

/** Each message says all so far: the greatest holds, in whatever order they come. */
async function noteRebuilt(tx: Queryable, rebuilt: Findings['rebuilt']): Promise<void> {
  for (const { pipeline, rebuild, replayed, stored, dead, expired } of rebuilt) {
    await tx.query(
      `update rebuilds set replayed = $3, stored = $4, dead = $5, expired = $6
       where id = $2 and pipeline = $1 and replayed < $3`,
      [pipeline, rebuild, replayed, stored, dead, expired],
    );
  }
}
