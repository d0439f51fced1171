import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresGenerations } from '../../../../functions/adapters/postgres/generations.ts';
import { postgresOrders } from '../../../../functions/adapters/postgres/orders.ts';
import { carryOutOrder } from '../../../../functions/supervise/orders.ts';
import { startPostgres } from './started-postgres.ts';

let database: Database;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
});
beforeEach(async () => {
  await database.query('truncate pipelines, coverage, operations');
  await database.query("insert into pipelines (name, first_instant) values ('a-pipeline', now())");
});
afterAll(() => stop());

const asked = { pipeline: 'a-pipeline', who: 'somebody' };
const give = (order: Parameters<typeof carryOutOrder>[1]) => carryOutOrder(postgresOrders(database), order);
const supervised = async () => (await postgresGenerations(database).pipelines())[0];
const operations = async () =>
  (await database.query('select pipeline, verb, who, asked, answer from operations order by id')).rows;

describe('orders', () => {
  it('stop and start a pipeline, each with a note of who and why', async () => {
    await give({ do: 'stop', ...asked, because: 'the source is being moved' });
    expect(await supervised()).toMatchObject({ desired: 'stopped' });
    await give({ do: 'start', ...asked });
    expect(await supervised()).toMatchObject({ desired: 'running' });
    expect(await operations()).toEqual([
      {
        pipeline: 'a-pipeline',
        verb: 'stop',
        who: 'somebody',
        asked: { because: 'the source is being moved' },
        answer: { order: 'stop', changed: true, left: null },
      },
      {
        pipeline: 'a-pipeline',
        verb: 'start',
        who: 'somebody',
        asked: {},
        answer: { order: 'start', changed: true, left: null },
      },
    ]);
  });

  it('note nothing when there is nothing to do', async () => {
    await give({ do: 'start', ...asked });
    expect(await operations()).toEqual([]);
  });

  it('move the covered prefix over a hole that is accepted, and let the pipeline run again', async () => {
    await database.query(
      "insert into coverage (pipeline, partition, covered) values ('a-pipeline', 0, '{[0,10),[15,20)}')",
    );
    await postgresGenerations(database).lose('a-pipeline', {
      reason: 'expired',
      holes: [{ partition: 0, from: 10, until: 15 }],
    });
    expect((await supervised())?.prefixes.get(0)).toBe(10);
    await give({ do: 'accept_loss', ...asked, because: 'kept for a day only', partition: 0, from: 10, until: 15 });
    expect(await supervised()).toMatchObject({ dataLoss: null });
    expect((await supervised())?.prefixes.get(0)).toBe(20);
    expect(await operations()).toMatchObject([{ verb: 'accept_loss', asked: { partition: 0, from: 10, until: 15 } }]);
  });

  it('count a hole in a partition of which nothing was ever absorbed', async () => {
    await postgresGenerations(database).lose('a-pipeline', {
      reason: 'expired',
      holes: [{ partition: 2, from: 0, until: 7 }],
    });
    await give({ do: 'accept_loss', ...asked, because: 'kept for a day only', partition: 2, from: 0, until: 7 });
    expect((await supervised())?.prefixes.get(2)).toBe(7);
  });

  it('keep the holes that are not yet accepted', async () => {
    const holes = [
      { partition: 0, from: 0, until: 7 },
      { partition: 1, from: 0, until: 3 },
    ];
    await postgresGenerations(database).lose('a-pipeline', { reason: 'expired', holes });
    await give({ do: 'accept_loss', ...asked, because: 'kept for a day only', partition: 0, from: 0, until: 7 });
    expect((await supervised())?.dataLoss).toEqual({ reason: 'expired', holes: [holes[1]] });
  });
});
