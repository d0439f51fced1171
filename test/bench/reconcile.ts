import { postgresAccounts } from '../../functions/adapters/postgres/accounts.ts';
import type { Database } from '../../functions/adapters/postgres/connection.ts';
import { reconcile as reconcileStep } from '../../functions/reconcile/reconcile.ts';
import { startPostgres } from '../functions/adapters/postgres/started-postgres.ts';
import { type Figure, quantileMs, type Say } from './figures.ts';
import { pipeline } from './platform.ts';

const runs = 10_000;
const records = 100;
const partitions = 3;
const first = new Date('2026-11-20T00:00:00Z');
const times = 5;

/** What the accounts of a week cost, on a PostgreSQL of its own. */
export const reconcile = {
  what: `the accounts of ${runs} runs of ${records} records, of which one in a hundred died and one in a hundred expired`,
  async run(say: Say): Promise<readonly Figure[]> {
    const { database, stop } = await startPostgres();
    try {
      say('reconcile: filling the database');
      await fill(database);
      return [
        {
          name: `reconcile, ${runs * records} covered records, p50 of ${times}`,
          value: quantileMs(await measured(database), 0.5) / 1000,
          ...{ unit: 's', must: 1, stretch: 0.5 },
        },
      ];
    } finally {
      await stop();
    }
  },
};

async function measured(database: Database): Promise<readonly number[]> {
  const interval = { from: first, until: new Date(first.getTime() + runs * 60_000) };
  const ports = { accounts: postgresAccounts(database), now: Date.now(), remainingMs: () => 300_000 };
  const seconds: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    const { totals } = await reconcileStep(ports, pipeline, interval, { each: false, patienceMs: 0 });
    seconds.push(performance.now() - start);
    if (totals.balanced !== runs) throw new Error(`expected ${runs} balanced runs, got ${JSON.stringify(totals)}`);
  }
  return seconds;
}

/** Every run's offsets lie in one stretch a partition, as the relay sends them. */
async function fill(database: Database): Promise<void> {
  await database.query(
    `insert into runs (pipeline, run, instant, source, requested, page_size, pages, opened_at, closed_at)
     select $1, to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), at, 'live', $2::int, $2, 1, at, at
     from generate_series(0, $3::int - 1) n, lateral (select $4::timestamptz + n * interval '1 minute') time(at)`,
    [pipeline.name, records, runs, first],
  );
  await database.query(
    `insert into pages (pipeline, run, page, received, landed, rejected, rows, last)
     select pipeline, run, 1, $1::int, $1, 0, int8range((n - 1) * $1, n * $1), true
     from (select *, row_number() over (order by run) as n from runs) r`,
    [records],
  );
  await database.query(
    `insert into published select pipeline, run, part, int8multirange(int8range((n - 1) * size, n * size))
     from (select *, row_number() over (order by run) as n from runs) r,
       (select part, $1::int / $2::int + (part < $1 % $2)::int as size from generate_series(0, $2 - 1) part) p`,
    [records, partitions],
  );
  await database.query(
    `insert into coverage (pipeline, partition, covered, dead, expired)
     select $1, part, int8multirange(int8range(0, $2::int)),
       (select range_agg(int8range(n, n + 1)) from generate_series(0, $2 - 1, 100) n),
       (select range_agg(int8range(n, n + 1)) from generate_series(50, $2 - 1, 100) n)
     from generate_series(0, $3::int - 1) part`,
    [pipeline.name, runs * Math.ceil(records / partitions), partitions],
  );
  await database.query('analyze');
}
