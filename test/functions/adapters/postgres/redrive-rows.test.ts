import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { landRows } from '../../../../functions/adapters/postgres/redrive-rows.ts';
import { startPostgres } from './started-postgres.ts';

let database: Database;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
});
afterAll(() => stop?.());
beforeEach(async () => {
  await database.query('truncate runs, pages, landing, published, operations');
  await database.query('alter sequence landing_seq restart with 100');
  await database.query(
    `insert into landing (pipeline, run, seq, origin, version, payload, landed_on)
     select case when n = 5 then 'q' else 'p' end, 'old', n, 1000 + n, 5000 + n,
       jsonb_build_object('id', n, 'big', 9007199254740993), '2026-11-20'
     from generate_series(1, 9) n`,
  );
});

const redrive = (seqs: readonly number[], run = 'redrive:1') =>
  landRows(database, { pipeline: 'p', run, who: 'somebody', seqs, keyOf: () => undefined });

const landedAgain = async () =>
  (await database.query("select * from landing where run = 'redrive:1' order by seq")).rows;

it('Rows land once more in their old order, with their origin, version and payload to the last digit', async () => {
  expect(await redrive([7, 2])).toBe(2);
  expect(await landedAgain()).toMatchObject([
    { pipeline: 'p', seq: 100, origin: 1002, version: 5002 },
    { pipeline: 'p', seq: 101, origin: 1007, version: 5007 },
  ]);
  const { rows } = await database.query(
    `select count(*) from landing old join landing new using (pipeline, origin, version, payload)
     where old.run = 'old' and new.run = 'redrive:1' and new.payload ->> 'big' = '9007199254740993'`,
  );
  expect(rows).toEqual([{ count: 2 }]);
});

it('They are a closed run that balances up to the topic, and on file with who wanted it', async () => {
  await redrive([7, 2]);
  const { rows } = await database.query('select * from accounts');
  expect(rows).toMatchObject([
    { run: 'redrive:1', instant: null, source: 'landing', closed: true, received: 2, landed: 2, pending: 2, short: 0 },
  ]);
  expect((await database.query('select rows::text from pages')).rows).toEqual([{ rows: '[100,102)' }]);
  expect((await database.query('select verb, who, asked from operations')).rows).toEqual([
    { verb: 'repair', who: 'somebody', asked: { run: 'redrive:1', seqs: [7, 2] } },
  ]);
});

it('Rows of another pipeline, and those that landing keeps no more, are left out and not counted', async () => {
  expect(await redrive([5, 50, 6])).toBe(1);
  expect(await landedAgain()).toMatchObject([{ origin: 1006 }]);
});

it('A run lands once: the same name again changes nothing', async () => {
  await redrive([1]);
  await expect(redrive([1])).rejects.toThrow(/runs_pkey/);
  expect(await landedAgain()).toHaveLength(1);
});
