import type { Accounts } from '../../reconcile/reconcile.ts';
import type { TimedAccount } from '../../reconcile/tally.ts';
import type { Database } from './connection.ts';
import { postgresLanding } from './runs.ts';

/** The accounts of runs as `reconcile` reads them: the function that every verdict comes from. */
export function postgresAccounts(database: Database): Accounts {
  const select = async (runs: string, values: readonly unknown[]) => {
    const { rows } = await database.query<TimedAccount>(
      `select * from accounts_of($1, ${runs}) order by time, run`,
      values,
    );
    return rows;
  };
  return {
    firstInstant: postgresLanding(database).firstInstant,
    between: (pipeline, { from, until }) => select(runsBetween, [pipeline, from, until]),
    named: (pipeline, runs) => select('$2', [pipeline, runs]),
  };
}

/** The runs of pipeline $1 whose time lies in [$2, $3). */
export const runsBetween = `array(select run from runs
  where pipeline = $1 and coalesce(instant, opened_at) >= $2 and coalesce(instant, opened_at) < $3)`;
