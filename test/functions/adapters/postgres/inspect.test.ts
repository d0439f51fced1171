import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresBooks } from '../../../../functions/adapters/postgres/inspect.ts';
import { failedDag } from '../../../../functions/notify/notify.ts';
import { landingRowsRead, startPostgres } from './started-postgres.ts';

let database: Database;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
});
afterAll(() => stop?.());
beforeEach(async () => {
  await database.query('truncate pipelines, runs, pages, published, coverage, coverage_reports');
  await database.query("insert into pipelines (name, first_instant) values ('p', '2026-11-24T17:00:00Z')");
  await database.query("insert into coverage (pipeline, partition, covered) values ('p', 0, '{[0,100)}')");
});

interface Run {
  readonly instant: string;
  readonly offsets: string;
  readonly landed?: number;
  readonly closed?: boolean;
}

async function run({ instant, offsets, landed = 10, closed = true }: Run): Promise<void> {
  await database.query(
    `insert into runs (pipeline, run, instant, source, requested, page_size, closed_at)
     values ('p', $1, $2, 'sample', 10, 10, case when $3 then now() end)`,
    [instant, instant.startsWith('redrive') ? null : instant, closed],
  );
  await database.query(
    `insert into pages (pipeline, run, page, received, landed, rejected, rows) values ('p', $1, 1, $2, $2, 0, 'empty')`,
    [instant, landed],
  );
  await database.query(`insert into published (pipeline, run, partition, offsets) values ('p', $1, 0, $2)`, [
    instant,
    offsets,
  ]);
}

const covered = (offsets: string, secondsAgo: number, generation = 1) =>
  database.query(
    `insert into coverage_reports (pipeline, partition, offsets, dead, generation, reported_at)
     values ('p', 0, $1, 0, $2, now() - make_interval(secs => $3))
     on conflict (pipeline, partition, offsets, dead) do update set reported_at = excluded.reported_at`,
    [offsets, generation, secondsAgo],
  );

const status = () => postgresBooks(database).status('p');

describe('A run of Airflow that failed', () => {
  const failed = (pipeline: string, minutesAgo: number, verb = failedDag) =>
    database.query(
      `insert into operations (pipeline, verb, who, asked, answer, at)
       values ($1, $2, 'Airflow', $3, '{}', now() - make_interval(mins => $4))`,
      [pipeline, verb, JSON.stringify({ dag: `of ${pipeline}`, run: `${minutesAgo}` }), minutesAgo],
    );

  it.each<[string, () => Promise<unknown>, object | null]>([
    ['is known for an hour', () => failed('p', 59), { dag: 'of p', run: '59' }],
    ['and no longer', () => failed('p', 61), null],
    ['also when it was about every pipeline', () => failed('*', 5), { dag: 'of *', run: '5' }],
    ['not when it was of another', () => failed('q', 5), null],
    ['and is not anything else that was done', () => failed('p', 5, 'redrive'), null],
  ])('%s', async (_, plant, known) => {
    await database.query('truncate operations');
    await plant();
    const { failed_dag: found } = (await status()) ?? {};
    expect(found).toEqual(known && { ...known, at: expect.any(String) });
  });
});

describe('Runs that the tables have absorbed', () => {
  const instant = '2026-11-24T17:01:00Z';

  it.each<[string, Run | undefined, readonly string[]]>([
    ['are closed and covered', { instant, offsets: '{[10,20)}' }, [instant]],
    ['have nothing left for the relay', { instant, offsets: '{[10,15)}' }, []],
    ['have nothing on the way', { instant, offsets: '{[95,105)}' }, []],
    ['are not open', { instant, offsets: '{[10,20)}', closed: false }, []],
    ['have begun', undefined, []],
  ])('%s', async (_what, one, expected) => {
    await run({ instant: '2026-11-24T17:00:00Z', offsets: '{[0,10)}' });
    if (one !== undefined) await run(one);
    expect(await postgresBooks(database).absorbed('p', [instant])).toEqual(expected);
  });
});

describe('The newest complete run', () => {
  const old = { instant: '2026-11-24T17:00:00Z', offsets: '{[0,10)}' };

  it.each<[string, Run | undefined, string | null]>([
    ['is the newest', { instant: '2026-11-24T17:01:00Z', offsets: '{[10,20)}' }, '2026-11-24T17:01:00.000Z'],
    [
      'is not one that waits for the relay',
      { instant: '2026-11-24T17:01:00Z', offsets: '{[10,15)}' },
      '2026-11-24T17:00:00.000Z',
    ],
    [
      'is not one that the tables have half of',
      { instant: '2026-11-24T17:01:00Z', offsets: '{[95,105)}' },
      '2026-11-24T17:00:00.000Z',
    ],
    [
      'is not one that is open',
      { instant: '2026-11-24T17:01:00Z', offsets: '{[10,20)}', closed: false },
      '2026-11-24T17:00:00.000Z',
    ],
    ['is not a redrive', { instant: 'redrive:1', offsets: '{[10,20)}' }, '2026-11-24T17:00:00.000Z'],
    [
      'may be one that landed nothing',
      { instant: '2026-11-24T17:01:00Z', offsets: '{}', landed: 0 },
      '2026-11-24T17:01:00.000Z',
    ],
  ])('%s', async (_, newer, expected) => {
    await run(old);
    if (newer) await run(newer);
    expect((await status())?.newest_complete?.toISOString()).toBe(expected);
  });

  it('is none before the first', async () => expect((await status())?.newest_complete).toBeNull());
});

describe('The last minute', () => {
  it('has what landed in it', async () => {
    await run({ instant: '2026-11-24T17:00:00Z', offsets: '{[0,10)}' });
    await database.query("update pages set landed_at = now() - interval '61 s'");
    await run({ instant: '2026-11-24T17:01:00Z', offsets: '{[10,17)}', landed: 7 });
    expect(await status()).toMatchObject({ landed: 17, landed_last_minute: 7 });
  });

  it('has what was covered in it, each offset once', async () => {
    await covered('[0,10)', 61);
    await covered('[10,20)', 5);
    await covered('[15,25)', 1, 2);
    expect(await status()).toMatchObject({ covered_last_minute: 15 });
  });
});

it('The oldest row that waits is found without reading the backlog behind it', async () => {
  const backlog = 20_000;
  await database.query("insert into relay_position (pipeline) values ('p')");
  await run({ instant: '2026-11-24T17:00:00Z', offsets: '{}', landed: backlog });
  await database.query('update pages set rows = int8range(1, $1)', [backlog + 1]);
  await database.query(
    `insert into landing (pipeline, run, seq, origin, version, payload)
     select 'p', '2026-11-24T17:00:00Z', n, n, n, '{}' from generate_series(1, $1::int) n`,
    [backlog],
  );
  const before = await landingRowsRead(database);
  expect(await status()).toMatchObject({ pending: backlog, oldest_pending_seconds: expect.any(Number) });
  expect((await landingRowsRead(database)) - before).toBeLessThan(10);
});
