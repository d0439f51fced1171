import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresRedrives } from '../../../../functions/adapters/postgres/redrive.ts';
import type { Asked, Redrives } from '../../../../functions/redrive/redrives.ts';
import { pipeline, plantLetters } from './planted-letters.ts';
import { startPostgres } from './started-postgres.ts';

const asked: Asked = { filter: { run: 'r1' }, parked: false, limit: 1000, rate: 1000 };

let database: Database;
let redrives: Redrives;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
  redrives = postgresRedrives(database);
});
beforeEach(async () => {
  await database.query('truncate landing, pages, dead_letters, pipelines');
  await database.query('insert into pipelines (name, first_instant) values ($1, now())', [pipeline]);
});
afterAll(() => stop());

const plant = (count: number, letter: object = {}, first = 1001) => plantLetters(database, count, letter, first);

describe('What would be taken', () => {
  it('is counted by noun and reason, the foreign ones apart', async () => {
    await plant(3, { at: 'stream', reason: 'bad_crc' });
    await plant(1, { at: 'stream', reason: 'bad_crc', identity: 'random-users.v1-0-12' });
    await plant(2, {}, 2001);
    await plant(1, { state: 'parked' }, 9001);
    expect(await redrives.find(pipeline, asked)).toEqual([
      { at: 'stream', reason: 'bad_crc', count: 4, foreign: 1 },
      { at: 'source', reason: 'missing', count: 2, foreign: 0 },
    ]);
  });

  it('is shown in the order in which it is taken', async () => {
    await plant(9);
    const identities = (await redrives.sample(pipeline, asked, 3)).map(({ identity }) => identity);
    expect(identities).toEqual(['1001', '1002', '1003']);
  });

  it.each<[string, string, string | null]>([
    ['of its run', 'r1', null],
    ['of the redrive that took it last', 'redrive:0', 'redrive:0'],
  ])('holds, for what was too large for its letter, the row %s', async (_, run, redrive) => {
    await plant(2, { at: 'stream', payload: null });
    await database.query('update dead_letters set redrive = $1', [redrive]);
    await database.query(
      `insert into pages (pipeline, run, page, received, landed, rejected, rows) values ($1, $2, 1, 9, 9, 0, '[1,10)')`,
      [pipeline, run],
    );
    await database.query(
      `insert into landing (pipeline, run, seq, origin, version, payload) values
       ($1, $2, 1, 1001, 1, '{"large":1}'), ($1, $2, 12, 1002, 1, '{"of":"nobody"}')`,
      [pipeline, run],
    );
    expect((await redrives.sample(pipeline, asked, 9)).map(({ payload }) => payload)).toEqual([{ large: 1 }, null]);
  });

  it.each([
    ['running', 'running', null],
    ['stopped', 'stopped', null],
    ['data_loss', 'running', '{"reason":"reported"}'],
  ])('waits for a stream that is %s', async (state, desired, loss) => {
    await database.query('update pipelines set desired = $1, data_loss = $2', [desired, loss]);
    expect(await redrives.stream(pipeline)).toBe(state);
  });
});
