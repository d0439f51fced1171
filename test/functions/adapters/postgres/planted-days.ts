import type { Queryable } from '../../../../functions/adapters/postgres/connection.ts';

export const dayMs = 86_400_000;

/** Midnight of so many days ago, in UTC. */
export const daysAgo = (days: number) => new Date(Math.floor(Date.now() / dayMs) * dayMs - days * dayMs);
export const textOf = (day: Date) => day.toISOString().slice(0, 10);

export interface Planted {
  readonly run: string;
  readonly daysAgo: number;
  readonly rows: number;
  /** Of the rows, in the order of their seq; offsets follow seq. */
  readonly published?: number;
  readonly pipeline?: string;
}

let seq = 0;

/** A run of one page that landed on a day of the past, published at the offsets of its own seqs; answers its first. */
export async function plantRun(database: Queryable, { pipeline = 'people', ...planted }: Planted): Promise<number> {
  const { run, rows, published = rows } = planted;
  const day = daysAgo(planted.daysAgo);
  await database.query('select ready_landing_days($1, 1)', [textOf(day)]);
  const first = seq + 1;
  seq += rows;
  await database.query(
    `insert into landing (pipeline, run, seq, origin, version, payload, landed_on)
     select $1, $2, s, s, s, '{"user_id": "a"}', $3 from generate_series($4::bigint, $5::bigint) s`,
    [pipeline, run, textOf(day), first, seq],
  );
  await database.query(
    `insert into runs (pipeline, run, instant, source, requested, page_size, pages, closed_at)
     values ($1, $2, $3, 'sample', $4, $4, 1, $3)`,
    [pipeline, run, day, rows],
  );
  await database.query(
    `insert into pages (pipeline, run, page, received, landed, rejected, rows, last, landed_at)
     values ($1, $2, 1, $3, $3, 0, int8range($4, $5, '[]'), true, $6)`,
    [pipeline, run, rows, first, seq, day],
  );
  if (published > 0) {
    await database.query(`insert into published values ($1, $2, 0, int8multirange(int8range($3, $4)))`, [
      ...[pipeline, run, first, first + published],
    ]);
    await database.query(
      `insert into relay_position (pipeline, seq) values ($1, $2) on conflict (pipeline) do update set seq = $2`,
      [pipeline, first + published - 1],
    );
  }
  return first;
}

/** The tables have absorbed offsets of the first partition; or nobody will ever, and somebody has accepted that. */
export const plantCoverage = (
  database: Queryable,
  [from, until]: readonly [number, number],
  { set = 'covered', pipeline = 'people' }: { set?: 'covered' | 'lost'; pipeline?: string } = {},
) =>
  database.query(
    `insert into coverage (pipeline, partition, ${set}) values ($1, 0, int8multirange(int8range($2, $3)))
     on conflict (pipeline, partition) do update set ${set} = coverage.${set} + excluded.${set}`,
    [pipeline, from, until],
  );
