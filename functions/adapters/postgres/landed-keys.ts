import type { LandedKey, LandedKeys, Stretch } from '../../reconcile/deep.ts';
import { runsBetween } from './accounts.ts';
import type { Queryable } from './connection.ts';

/** The rows of landing as `reconcile` compares them with the tables. */
export function postgresLandedKeys(database: Queryable): LandedKeys {
  return {
    async coveredPages(pipeline, { from, until }, after) {
      const { rows } = await database.query<Stretch>(
        `select p.run, lower(p.rows) as "from", upper(p.rows) as until, p.landed as rows
         from accounts_of($1, ${runsBetween}) a join pages p using (pipeline, run)
         where a.closed and a.pending = 0 and a.in_flight = 0 and lower(p.rows) > $4
         order by lower(p.rows)`,
        [pipeline, from, until, after],
      );
      return rows;
    },
    async rows(pipeline, stretches, fields) {
      // Pages of one pipeline lie one after the other; of the runs between them only those that were asked for.
      const { rows } = await database.query<LandedKey>(
        `select l.seq, l.run, l.origin, l.version,
           (select jsonb_object_agg(field, l.payload -> field) from unnest($5::text[]) field) as key,
           d.identity is not null as "isDead"
         from landing l
         left join letters d on d.pipeline = l.pipeline and d.identity = l.origin::text
           and d.at <> 'source' and d.state <> 'stored'
         where l.pipeline = $1 and l.seq >= $2 and l.seq < $3 and l.run = any($4) order by seq`,
        [
          pipeline,
          stretches[0]?.from ?? 0,
          stretches.at(-1)?.until ?? 0,
          [...new Set(stretches.map(({ run }) => run))],
          fields,
        ],
      );
      return rows;
    },
  };
}
