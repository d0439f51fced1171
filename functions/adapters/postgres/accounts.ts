import type { Accounts } from '../../reconcile/reconcile.ts';
import type { TimedAccount } from '../../reconcile/tally.ts';
import type { Database } from './connection.ts';
import { postgresLanding } from './runs.ts';

/** The accounts of runs as `reconcile` reads them: the view that every verdict comes from. */
export function postgresAccounts(database: Database): Accounts {
  const select = async (where: string, values: readonly unknown[]) => {
    const { rows } = await database.query<TimedAccount>(`${accountsOf} where ${where} order by time, run`, values);
    return rows;
  };
  return {
    firstInstant: postgresLanding(database).firstInstant,
    between: (pipeline, { from, until }) =>
      select('r.pipeline = $1 and coalesce(r.instant, r.opened_at) >= $2 and coalesce(r.instant, r.opened_at) < $3', [
        pipeline,
        from,
        until,
      ]),
    named: (pipeline, runs) => select('r.pipeline = $1 and r.run = any($2)', [pipeline, runs]),
  };
}

const accountsOf = `select a.*, coalesce(r.instant, r.opened_at) as time,
    greatest(r.opened_at, (select max(landed_at) from pages p where p.pipeline = r.pipeline and p.run = r.run)) as "movedAt"
  from runs r join accounts a using (pipeline, run)`;
