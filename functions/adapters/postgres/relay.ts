import { PipelineError } from '../../../streaming/errors.ts';
import type { LandedRow } from '../../ports.ts';
import type { Outbox, Position, PublishedRange } from '../../relay/outbox.ts';
import { codeOf, type Database, type Queryable, transaction } from './connection.ts';

const lockNotAvailable = '55P03';

/** The outbox in PostgreSQL. */
export function postgresOutbox(database: Database): Outbox {
  return {
    async inTurn(pipeline, work) {
      try {
        return await transaction(database, async (tx) => {
          const position = await fence(tx, pipeline);
          return work({
            position,
            read: (limit) => readRows(tx, pipeline, position.seq, limit),
            advance: (next, published) => advance(tx, pipeline, next, published),
          });
        });
      } catch (error) {
        if (codeOf(error) === lockNotAvailable) return 'busy';
        throw error;
      }
    },
    async hasRows(pipeline) {
      const { rows } = await database.query<{ found: boolean }>(
        // In order, so that the index is used: a look for any row behind the position would read the whole table.
        `select (select seq from landing where pipeline = $1 and seq >
           (select seq from relay_position where pipeline = $1) order by seq limit 1) is not null as found`,
        [pipeline],
      );
      return rows[0]?.found ?? false;
    },
  };
}

/** The lock lives in the transaction that moves the position, so a relay that lost its session cannot move it. */
async function fence(tx: Queryable, pipeline: string): Promise<Position> {
  const { rows } = await tx.query<{ seq: number; ends: number[] }>(
    // Landing has grown faster than PostgreSQL's idea of it: told to, it reads in the index's order instead of sorting a
    // whole backlog for every batch.
    `select seq, ends, set_config('enable_sort', 'off', true) from relay_position where pipeline = $1 for update nowait`,
    [pipeline],
  );
  const [found] = rows;
  if (found) return { seq: found.seq, ends: found.ends };
  throw new PipelineError(
    `relay: expected a position of pipeline ${pipeline} in PostgreSQL, got none; run prepare first`,
    {
      code: 'bad_request',
      at: 'landing',
      retriable: false,
    },
  );
}

async function readRows(tx: Queryable, pipeline: string, after: number, limit: { rows: number; bytes: number }) {
  const { rows } = await tx.query<LandedRow & { payload: string }>(
    `select seq, run, origin, version, payload from (
       select *, sum(octet_length(payload)) over (order by seq rows unbounded preceding) - octet_length(payload) as before
       from (select seq, run, origin, version, payload::text as payload
         from landing where pipeline = $1 and seq > $2 order by seq limit $3) batch
     ) measured where before < $4 order by seq`,
    [pipeline, after, limit.rows, limit.bytes],
  );
  return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) }));
}

async function advance(tx: Queryable, pipeline: string, { seq, ends }: Position, published: readonly PublishedRange[]) {
  await tx.query(
    `with moved as (update relay_position set seq = $2, ends = $3 where pipeline = $1)
     insert into published (pipeline, run, partition, offsets)
     select $1, run, partition, range_agg(int8range("from", until))
     from jsonb_to_recordset($4) as range(run text, partition int, "from" bigint, until bigint)
     group by run, partition
     on conflict (pipeline, run, partition) do update set offsets = published.offsets + excluded.offsets`,
    [pipeline, seq, `{${ends.join(',')}}`, JSON.stringify(published)],
  );
}
