import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { startPostgres } from './started-postgres.ts';

let database: Database;
let stop: () => Promise<void>;

/** The accounts as they were before they were counted in one walk: sets intersected, run by run. */
const plainView = readFileSync(
  new URL('../../../../functions/prepare/migrations/003_open_plans.sql', import.meta.url),
  'utf8',
).replace('create or replace view accounts', 'create view plain_accounts');
const plainLoss = `select run, coalesce(sum(size(o.offsets * c.lost - c.covered)), 0)::bigint as lost
  from published o left join coverage c using (pipeline, partition) where o.pipeline = 'p' group by run`;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
  await database.query(plainView);
  await database.query(
    `insert into runs (pipeline, run, instant, source, requested, page_size)
     select p, run, now(), 'sample', 100, 100 from unnest('{p,q}'::text[]) p, unnest('{a,b,c,d}'::text[]) run`,
  );
});
afterAll(() => stop?.());
beforeEach(() => database.query('truncate published, coverage'));

const end = 30;
const runs = ['a', 'b', 'c', 'd'];
/** Whose each offset is: a run's, or nobody's. */
const owners = fc.array(fc.constantFrom(...runs, undefined), { minLength: end, maxLength: end });
const set = fc.oneof(
  fc.array(fc.boolean(), { minLength: end, maxLength: end }),
  fc.constant<boolean[]>(Array(end).fill(true)),
  fc.constant<boolean[]>([]),
);
const coverage = fc.option(fc.record({ covered: set, dead: set, alien: set, expired: set, lost: set }));
const partition = fc.record({ owners, coverage });

const multirange = (isIn: readonly boolean[]) =>
  `{${isIn.flatMap((is, offset) => (is ? [`[${offset},${offset + 1})`] : [])).join(',')}}`;

async function keep(partitions: readonly (typeof partition extends fc.Arbitrary<infer P> ? P : never)[]) {
  await database.query('truncate published, coverage');
  // Of another pipeline everything is absorbed.
  await database.query(
    `insert into published values ('q', 'a', 0, '{[0,${end})}'); insert into coverage values ('q', 0, '{[0,${end})}')`,
  );
  for (const [number, { owners, coverage }] of partitions.entries()) {
    for (const run of runs) {
      const offsets = multirange(owners.map((owner) => owner === run));
      if (offsets !== '{}')
        await database.query("insert into published values ('p', $1, $2, $3)", [run, number, offsets]);
    }
    if (coverage === null) continue;
    const { covered, dead, alien, expired, lost } = coverage;
    const sets = [covered, dead, alien, expired, lost].map(multirange);
    await database.query("insert into coverage values ('p', $1, $2, $3, $4, $5, $6)", [number, ...sets]);
  }
}

const columns = 'run, published, covered, dead, expired, stored';
const select = async (sql: string) => (await database.query(sql)).rows;

describe('The accounts of runs, counted in one walk', () => {
  it('are what intersecting the sets run by run gives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(partition, { minLength: 1, maxLength: 3 }), async (partitions) => {
        await keep(partitions);
        const plain =
          await select(`select ${columns}, coalesce(lost, 0) as lost, in_flight - coalesce(lost, 0) as in_flight
          from plain_accounts left join (${plainLoss}) l using (run) where pipeline = 'p' order by run`);
        const all = await select(`select ${columns}, lost, in_flight from accounts_of('p', '{a,b,c,d}') order by run`);
        expect(all).toEqual(plain);
        const oneByOne = await select(
          `select ${columns}, lost, in_flight from accounts where pipeline = 'p' order by run`,
        );
        expect(oneByOne).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  });

  it('are of the runs that were named, and of no other pipeline', async () => {
    await keep([]);
    expect(await select("select run, published from accounts_of('p', '{a,c,nobody}') order by run")).toEqual([
      { run: 'a', published: 0 },
      { run: 'c', published: 0 },
    ]);
  });
});
