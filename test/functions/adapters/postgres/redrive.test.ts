import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresBooks } from '../../../../functions/adapters/postgres/inspect.ts';
import { postgresRedrives } from '../../../../functions/adapters/postgres/redrive.ts';
import type { Again } from '../../../../functions/redrive/again.ts';
import type { Asked, Redrives, TakenLetter } from '../../../../functions/redrive/redrives.ts';
import { pipeline, plantLetters } from './planted-letters.ts';
import { startPostgres } from './started-postgres.ts';

const asked: Asked = { filter: { reason: 'missing' }, parked: false, limit: 1000, rate: 1000 };

let database: Database;
let redrives: Redrives;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
  redrives = postgresRedrives(database);
});
beforeEach(async () => {
  await database.query('truncate landing, pages, runs, dead_letters, operations, published, coverage, pipelines');
  await database.query('insert into pipelines (name, first_instant) values ($1, now())', [pipeline]);
});
afterAll(() => stop());

const select = async (text: string) => (await database.query<Record<string, unknown>>(text)).rows;

const plant = (count: number, letter: object = {}, first = 1001) => plantLetters(database, count, letter, first);

const land = ({ identity, payload }: TakenLetter): Again => ({
  do: 'land',
  row: { origin: Number(identity), version: Number(identity) + 7, payload: payload as Record<string, number> },
});
const die = (): Again => ({ do: 'die', reason: 'not_allowed', field: 'gender' });
const refuse = (): Again => ({ do: 'refuse', because: 'foreign' });

const begin = (run = 'redrive:a', of: Partial<Asked> = {}) =>
  redrives.begin(pipeline, run, 'somebody', { ...asked, ...of });
const page = (size: number, judge: (letter: TakenLetter) => Again = land, run = 'redrive:a', left = 1000) =>
  redrives.page(pipeline, run, { size, left, keyOf: () => undefined }, judge);
const states = () =>
  select('select state, count(*), min(attempts) as attempts from dead_letters group by state order by state');
const account = async (run = 'redrive:a') => {
  const found = await postgresBooks(database).account(pipeline, run);
  const { requested, closed, received, short, rejected, landed, pending } = found ?? ({} as Record<string, never>);
  return { requested, closed, received, short, rejected, landed, pending };
};

describe('A redrive', () => {
  it('lands letters under new numbers with what they were, and takes each once', async () => {
    await plant(3);
    await begin();
    expect(await page(10)).toMatchObject({ taken: 3, landed: 3, progress: { received: 3, landed: 3, done: true } });
    const rows = await select('select run, origin, version, payload from landing order by seq');
    expect(rows).toEqual(
      [1001, 1002, 1003].map((origin) => ({ run: 'redrive:a', origin, version: origin + 7, payload: { a: 1 } })),
    );
    expect(await states()).toEqual([{ state: 'redriving', count: 3, attempts: 1 }]);
    await begin('redrive:b');
    expect(await page(10, land, 'redrive:b')).toMatchObject({ taken: 0, progress: { received: 0, done: true } });
  });

  it('has an account of its own that balances, and leaves that of the old run as it was', async () => {
    await database.query(
      `insert into runs (pipeline, run, instant, source, requested, page_size, pages, closed_at)
       values ($1, 'r1', now(), 'live', 9, 9, 1, now())`,
      [pipeline],
    );
    await database.query(
      `insert into pages (pipeline, run, page, received, landed, rejected, rows) values ($1, 'r1', 1, 9, 4, 5, 'empty')`,
      [pipeline],
    );
    const before = await account('r1');
    await plant(5);
    await begin();
    let count = 0;
    await page(3, (letter) => (count++ === 0 ? die() : land(letter)));
    expect(await account()).toMatchObject({ closed: false, received: 3, landed: 2, rejected: 1, short: 0 });
    await page(3, (letter) => (count++ === 3 ? refuse() : land(letter)));
    expect(await account()).toEqual({
      ...{ closed: true, requested: 4, received: 4, short: 0 },
      ...{ landed: 3, rejected: 1, pending: 3 },
    });
    expect(await account('r1')).toEqual(before);
  });

  it('says of the same letter what is wrong with it now, and counts', async () => {
    await plant(1, { attempts: 2 });
    await begin();
    await page(10, die);
    expect(await select('select identity, run, at, reason, field, payload, state, attempts from dead_letters')).toEqual(
      [
        {
          ...{ identity: '1001', run: 'r1', at: 'source', reason: 'not_allowed', field: 'gender' },
          ...{ payload: { a: 1 }, state: 'open', attempts: 3 },
        },
      ],
    );
    expect(await select('select from landing')).toEqual([]);
  });

  it('parks a letter that died too often, and takes it again only when it is asked to', async () => {
    await plant(1);
    for (const run of ['redrive:1', 'redrive:2', 'redrive:3', 'redrive:4', 'redrive:5']) {
      await begin(run, { filter: { at: 'source' } });
      await page(10, die, run);
    }
    expect(await states()).toEqual([{ state: 'parked', count: 1, attempts: 5 }]);
    await begin('redrive:6', { filter: { at: 'source' }, parked: true });
    expect(await page(10, land, 'redrive:6')).toMatchObject({ landed: 1 });
    expect(await states()).toEqual([{ state: 'redriving', count: 1, attempts: 5 }]);
  });

  it('leaves what it refuses as it is, does not come back to it, and counts it by its reason', async () => {
    await plant(5);
    await begin();
    await page(2, refuse);
    expect(await page(2, refuse)).toMatchObject({ taken: 2, progress: { refused: { foreign: 4 }, done: false } });
    expect(await page(2, refuse)).toMatchObject({ taken: 1, progress: { received: 0, refused: { foreign: 5 } } });
    expect(await states()).toEqual([{ state: 'open', count: 5, attempts: 1 }]);
  });

  it('takes the letters that the filter means, and no others', async () => {
    await plant(2);
    await plant(2, { reason: 'wrong_type' }, 2001);
    await plant(2, { state: 'parked' }, 3001);
    await begin();
    await page(10);
    expect(await select('select origin from landing order by seq')).toEqual([{ origin: 1001 }, { origin: 1002 }]);
  });

  it('goes on where a call ended, from what is on file alone', async () => {
    await plant(5);
    await begin('redrive:a', { filter: { since: new Date(0) } });
    await page(2);
    expect(await redrives.resume(pipeline, 'redrive:a')).toMatchObject({
      run: 'redrive:a',
      asked: { limit: 1000, rate: 1000, parked: false },
      progress: { received: 2, landed: 2, done: false },
    });
    expect(await page(10)).toMatchObject({ taken: 3, progress: { received: 5, done: true } });
    expect(await page(10)).toMatchObject({ taken: 0, progress: { received: 5, done: true } });
    expect(await select('select page, landed, last from pages order by page')).toEqual([
      { page: 1, landed: 2, last: false },
      { page: 2, landed: 3, last: true },
    ]);
    expect(await redrives.resume(pipeline, 'redrive:b')).toBeUndefined();
  });

  it('keeps who asked for what, and what came of it', async () => {
    await plant(3);
    await begin();
    await page(2);
    const [operation] = await select('select pipeline, verb, who, asked, answer from operations');
    expect(operation).toMatchObject({
      ...{ pipeline, verb: 'redrive', who: 'somebody' },
      asked: { run: 'redrive:a', filter: { reason: 'missing' }, limit: 1000 },
      answer: { received: 2, landed: 2, done: false },
    });
  });

  it('lands a page whole or not at all', async () => {
    await plant(3);
    await begin();
    const before = [await account(), await redrives.resume(pipeline, 'redrive:a')];
    // The last of them fails when the others have landed.
    const broken = { ...die(), reason: null } as unknown as Again;
    await expect(page(3, (letter) => (letter.identity === '1003' ? broken : land(letter)))).rejects.toThrow(/null/);
    expect(await select('select from landing union all select from pages')).toEqual([]);
    expect(await states()).toEqual([{ state: 'open', count: 3, attempts: 1 }]);
    expect([await account(), await redrives.resume(pipeline, 'redrive:a')]).toEqual(before);
  });
});

describe('Of two redrives of a pipeline', () => {
  it('the second is refused while the first is at work, with whose it is', async () => {
    await begin();
    await expect(begin('redrive:b')).rejects.toMatchObject({
      code: 'under_way',
      message: expect.stringMatching(/redrive:a, which somebody began at \d{4}-.*Z/),
    });
    await page(10);
    await expect(begin('redrive:b')).resolves.toMatchObject({ run: 'redrive:b' });
  });

  it('that begin in the same moment one is refused', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, (_, n) => begin(`redrive:${n}`)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await select(`select count(*) from runs`)).toEqual([{ count: 1 }]);
  });

  it('neither takes what the other has taken, when both pages are asked for at once', async () => {
    await plant(40);
    await begin();
    await Promise.all(Array.from({ length: 8 }, () => page(5)));
    const rows = await select('select count(*), count(distinct origin) as records from landing');
    expect(rows).toEqual([{ count: 40, records: 40 }]);
  });

  it('those of two pipelines are none of each other’s business', async () => {
    await begin();
    await expect(redrives.begin('earthquakes', 'redrive:b', 'somebody', asked)).resolves.toBeDefined();
  });
});

describe('A redrive that crashed between two pages', () => {
  beforeEach(async () => {
    await plant(4);
    await begin();
    await page(2);
  });
  const fallSilent = (seconds: number) =>
    database.query(
      `with r as (update runs set opened_at = now() - make_interval(secs => $1))
       update pages set landed_at = now() - make_interval(secs => $1)`,
      [seconds],
    );

  it('is still at work for a minute', async () => {
    await fallSilent(50);
    await expect(begin('redrive:b')).rejects.toMatchObject({ code: 'under_way' });
  });

  it('is ended then by the next one, which takes what is left, and both balance', async () => {
    await fallSilent(70);
    await begin('redrive:b');
    await page(10, land, 'redrive:b');
    const whole = { closed: true, requested: 2, received: 2, short: 0, landed: 2, rejected: 0 };
    expect([await account(), await account('redrive:b')]).toMatchObject([whole, whole]);
    expect(await select('select origin from landing order by seq')).toHaveLength(4);
    expect(await redrives.resume(pipeline, 'redrive:a')).toMatchObject({ progress: { done: true, received: 2 } });
  });
});
