import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresAccounts } from '../../../../functions/adapters/postgres/accounts.ts';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresLandedKeys } from '../../../../functions/adapters/postgres/landed-keys.ts';
import { startPostgres } from './started-postgres.ts';

let database: Database;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
});
afterAll(() => stop?.());
beforeEach(async () => {
  await database.query('truncate runs, pages, landing, published, coverage, dead_letters');
  await database.query("insert into coverage (pipeline, partition, covered) values ('p', 0, '{[0,100)}')");
});

interface Run {
  readonly run: string;
  /** Its rows' seqs and, in the same order, their offsets on the topic. */
  readonly from: number;
  readonly until: number;
  readonly offsets?: string;
  readonly instant?: string | null;
  readonly openedAt?: string;
  readonly landedAt?: string;
}

/** A closed run of one page. */
async function land({ run, from, until, ...more }: Run): Promise<void> {
  const instant = more.instant === undefined ? run : more.instant;
  const openedAt = more.openedAt ?? instant;
  await database.query(
    `insert into runs (pipeline, run, instant, source, requested, page_size, pages, opened_at, closed_at)
     values ('p', $1, $2, 'sample', $3, 10, 1, $4, $4)`,
    [run, instant, until - from, openedAt],
  );
  await database.query(
    `insert into pages (pipeline, run, page, received, landed, rejected, rows, landed_at)
     values ('p', $1, 1, $2, $2, 0, $3, $4)`,
    [run, until - from, `[${from},${until})`, more.landedAt ?? openedAt],
  );
  await database.query(
    `insert into landing (pipeline, run, seq, origin, version, payload)
     select 'p', $1, n, 1000 + n, 5000 + n, jsonb_build_object('id', 'key ' || n, 'other', n)
     from generate_series($2::int, $3::int - 1) n`,
    [run, from, until],
  );
  await database.query("insert into published (pipeline, run, partition, offsets) values ('p', $1, 0, $2)", [
    run,
    more.offsets ?? `{[${from},${until})}`,
  ]);
}

const interval = { from: new Date('2026-11-24T17:00:00Z'), until: new Date('2026-11-24T18:00:00Z') };
const accounts = () => postgresAccounts(database);
const found = async () => (await accounts().between('p', interval)).map(({ run }) => run);

describe('The accounts of an interval', () => {
  it.each([
    ['of its first moment', { run: '2026-11-24T17:00:00Z' }, true],
    ['of the moment before', { run: '2026-11-24T16:59:00Z' }, false],
    ['of its end', { run: '2026-11-24T18:00:00Z' }, false],
    ['of a redrive that was opened in it', { run: 'redrive:1', instant: null, openedAt: '2026-11-24T17:30:00Z' }, true],
    [
      'of a redrive that was opened before',
      { run: 'redrive:1', instant: null, openedAt: '2026-11-24T16:30:00Z' },
      false,
    ],
    ['of an instant that was run much later', { run: '2026-11-24T17:10:00Z', openedAt: '2026-11-25T12:00:00Z' }, true],
  ])('a run %s: %s is %s', async (_, run, isIn) => {
    await land({ ...run, from: 0, until: 5 });
    expect(await found()).toEqual(isIn ? [run.run] : []);
  });

  it('come by time, with the account of the view', async () => {
    await land({ run: '2026-11-24T17:20:00Z', from: 0, until: 5, offsets: '{[98,103)}' });
    await land({ run: '2026-11-24T17:10:00Z', from: 5, until: 8 });
    expect(await accounts().between('p', interval)).toMatchObject([
      { run: '2026-11-24T17:10:00Z', landed: 3, published: 3, stored: 3, in_flight: 0, closed: true },
      { run: '2026-11-24T17:20:00Z', landed: 5, published: 5, covered: 2, in_flight: 3 },
    ]);
  });

  it.each([
    ['its newest page landed', '2026-11-24T19:00:00.000Z', '2026-11-24T19:00:00Z'],
    ['it was opened', '2026-11-24T17:10:00.000Z', '2026-11-24T17:00:00Z'],
  ])('last moved when %s', async (_, moved_at, landedAt) => {
    await land({ run: '2026-11-24T17:10:00Z', from: 0, until: 5, landedAt });
    const [account] = await accounts().between('p', interval);
    expect(account?.moved_at.toISOString()).toBe(moved_at);
    expect(account?.time.toISOString()).toBe('2026-11-24T17:10:00.000Z');
  });

  it('may be asked for by name, of this pipeline only', async () => {
    await land({ run: '2026-11-24T17:10:00Z', from: 0, until: 5 });
    const named = (pipeline: string) => accounts().named(pipeline, ['2026-11-24T17:10:00Z', 'redrive:1']);
    expect((await named('p')).map(({ run }) => run)).toEqual(['2026-11-24T17:10:00Z']);
    expect(await named('q')).toEqual([]);
  });
});

describe('The pages to compare', () => {
  const pages = (after = -1) => postgresLandedKeys(database).coveredPages('p', interval, after);

  it('are those of runs that the tables have absorbed, by seq', async () => {
    await land({ run: '2026-11-24T17:20:00Z', from: 0, until: 5 });
    await land({ run: '2026-11-24T17:10:00Z', from: 5, until: 8 });
    await land({ run: '2026-11-24T17:30:00Z', from: 8, until: 12, offsets: '{[98,102)}' });
    await land({ run: '2026-11-24T17:40:00Z', from: 12, until: 20, offsets: '{[12,19)}' });
    await land({ run: '2026-11-24T18:00:00Z', from: 20, until: 21 });
    expect(await pages()).toEqual([
      { run: '2026-11-24T17:20:00Z', from: 0, until: 5, rows: 5 },
      { run: '2026-11-24T17:10:00Z', from: 5, until: 8, rows: 3 },
    ]);
  });

  it('are those after the one that was compared last', async () => {
    await land({ run: '2026-11-24T17:20:00Z', from: 0, until: 5 });
    await land({ run: '2026-11-24T17:10:00Z', from: 5, until: 8 });
    expect((await pages(4)).map(({ from }) => from)).toEqual([5]);
    expect(await pages(7)).toEqual([]);
  });
});

describe('The rows to compare', () => {
  const stretch = (run: string, from: number, until: number) => ({ run, from, until, rows: until - from });
  const rows = (...stretches: ReturnType<typeof stretch>[]) =>
    postgresLandedKeys(database).rows('p', stretches, ['id', 'absent']);

  it('are those of the pages, with the fields that keys are made of and no other', async () => {
    await land({ run: 'a', instant: '2026-11-24T17:20:00Z', from: 1, until: 3 });
    await land({ run: 'between', instant: '2026-11-24T17:21:00Z', from: 3, until: 5 });
    await land({ run: 'b', instant: '2026-11-24T17:22:00Z', from: 5, until: 6 });
    const answer = await rows(stretch('a', 1, 3), stretch('b', 5, 6));
    expect(answer.map(({ seq, run }) => [seq, run])).toEqual([
      [1, 'a'],
      [2, 'a'],
      [5, 'b'],
    ]);
    expect(answer[0]).toEqual({
      ...{ seq: 1, run: 'a', origin: 1001, version: 5001, isDead: false },
      key: { id: 'key 1', absent: null },
    });
  });

  it.each([
    ['that died in the stream', 'stream', 'open', true],
    ['that is on its way a second time', 'stream', 'redriving', true],
    ['that nobody tries any more', 'table', 'parked', true],
    ['that came in after all', 'stream', 'stored', false],
    ['whose namesake was rejected at the source', 'source', 'open', false],
  ])('a record %s (at %s, %s) is dead: %s', async (_, noun, state, isDead) => {
    await land({ run: 'a', instant: '2026-11-24T17:20:00Z', from: 1, until: 2 });
    await database.query(
      "insert into dead_letters (pipeline, identity, run, at, reason, state) values ('p', '1001', 'a', $1, 'x', $2)",
      [noun, state],
    );
    expect(await rows(stretch('a', 1, 2))).toMatchObject([{ isDead }]);
  });
});
