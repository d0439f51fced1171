import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresLedger } from '../../../../functions/adapters/postgres/audit.ts';
import { type Database, transaction } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresErasing } from '../../../../functions/adapters/postgres/erasing.ts';
import { postgresBooks } from '../../../../functions/adapters/postgres/inspect.ts';
import { postgresLandedKeys } from '../../../../functions/adapters/postgres/landed-keys.ts';
import { lettersAlone } from '../../../../functions/adapters/postgres/letters.ts';
import { landingLock } from '../../../../functions/adapters/postgres/pages.ts';
import { postgresOutbox } from '../../../../functions/adapters/postgres/relay.ts';
import { randomUsers } from '../../../../streaming/pipelines/random-users/pipeline.ts';
import { plantLetters } from './planted-letters.ts';
import { startPostgres } from './started-postgres.ts';

const pipeline = 'random-users';
const key = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;

let database: Database;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
});
afterAll(() => stop?.());

/** Six rows of a run, two of each of three people; the relay has published four. */
beforeEach(async () => {
  await database.query(
    'truncate landing, pages, runs, dead_letters, operations, published, coverage, pipelines, relay_position, suppressed, erased',
  );
  await database.query('insert into pipelines (name, first_instant) values ($1, now())', [pipeline]);
  await database.query('insert into relay_position (pipeline, seq) values ($1, 4)', [pipeline]);
  await database.query(
    `insert into runs (pipeline, run, instant, source, requested, page_size, pages, closed_at)
     values ($1, 'r', now(), 'live', 6, 6, 1, now())`,
    [pipeline],
  );
  await database.query(
    `insert into landing (pipeline, run, seq, origin, version, payload)
     select $1, 'r', n, 1000 + n, 7000 + n, jsonb_build_object('user_id', '00000000-0000-4000-8000-00000000000' || n % 3)
     from generate_series(1, 6) n`,
    [pipeline],
  );
  await database.query(
    `insert into pages (pipeline, run, page, received, landed, rejected, rows) values ($1, 'r', 1, 6, 6, 0, '[1,7)')`,
    [pipeline],
  );
  await database.query(`insert into published values ($1, 'r', 0, '{[0,4)}')`, [pipeline]);
});

const books = () => postgresErasing(database, randomUsers);
const select = async (text: string) => (await database.query<Record<string, unknown>>(text)).rows;
const account = () => postgresBooks(database).account(pipeline, 'r');

describe('Rows of a key', () => {
  it('are found in landing with where they end', async () => {
    const { rows, next } = await books().landed([key(1), key(0)], 0);
    expect([rows.map(({ seq }) => seq), next]).toEqual([[1, 3, 4, 6], null]);
    expect((await books().landed([key(1)], 3)).rows.map(({ seq }) => seq)).toEqual([4]);
    expect(await books().landed([key(1)], 6)).toEqual({ rows: [], next: null });
  });

  it('are looked for in stretches, and where there are none no time is lost', async () => {
    await database.query('update landing set seq = seq + 70000 where seq > 3');
    const { rows, next } = await books().landed([key(1)], 0);
    expect([rows.map(({ seq }) => seq), next]).toEqual([[1], 50_000]);
    expect(await books().landed([key(1)], 50_000)).toMatchObject({ rows: [{ seq: 70_004 }], next: null });
  });

  it('are emptied: the place stays, and neither record nor version of its own', async () => {
    await books().empty([1, 4]);
    expect(await select("select seq, run, origin, version from landing where payload = '{}' order by seq")).toEqual([
      { seq: 1, run: 'r', origin: 1001, version: 1001 },
      { seq: 4, run: 'r', origin: 1004, version: 1004 },
    ]);
    expect((await books().landed([key(1)], 0)).rows).toEqual([]);
    await books().empty([1, 4]);
    expect(await select('select seq, published from erased order by seq')).toEqual([
      { seq: 1, published: true },
      { seq: 4, published: true },
    ]);
  });

  it('that were not published balance as erased', async () => {
    expect(await account()).toMatchObject({ landed: 6, published: 4, pending: 2, erased: 0 });
    await books().empty([2, 5]);
    expect(await account()).toMatchObject({ landed: 6, published: 4, pending: 1, erased: 1 });
    expect(await postgresBooks(database).status(pipeline)).toMatchObject({ landed: 6, pending: 1, erased: 1 });
  });

  it('are passed by by the relay, which is given them empty', async () => {
    await books().empty([5]);
    const read = await postgresOutbox(database).inTurn(pipeline, (turn) => turn.read({ rows: 9, bytes: 9999 }));
    expect(read).toMatchObject([
      { seq: 5, payload: {} },
      { seq: 6, payload: { user_id: key(0) } },
    ]);
  });

  it('are not emptied while the relay has them in hand', async () => {
    let emptied: Promise<void> = Promise.resolve();
    await postgresOutbox(database).inTurn(pipeline, async (turn) => {
      emptied = books().empty([5]);
      await sleep(300);
      await turn.advance({ seq: 6, ends: [6] }, []);
    });
    await emptied;
    expect(await select('select seq, published from erased')).toEqual([{ seq: 5, published: true }]);
  });

  it('read as erased where landing is compared with the tables', async () => {
    await books().empty([1]);
    const [row] = await postgresLandedKeys(database).rows(
      pipeline,
      [{ run: 'r', from: 1, until: 2, rows: 1 }],
      ['user_id'],
    );
    expect(row).toMatchObject({ seq: 1, key: { user_id: null } });
  });

  it('are left out of a run that is read back unless they had been published', async () => {
    await books().empty([1, 5]);
    const asked = { question: 'keys', pipeline, run: 'r', after: 0, limit: 9, every: 1 } as const;
    const rows = await postgresBooks(database).keys(asked, ['user_id']);
    expect(rows.map(({ seq, isErased }) => [seq, isErased])).toEqual([
      [1, true],
      [2, false],
      [3, false],
      [4, false],
      [6, false],
    ]);
  });
});

it('A key is not suppressed while something lands', async () => {
  const order: string[] = [];
  let suppressed: Promise<unknown> = Promise.resolve();
  await transaction(database, async (tx) => {
    await tx.query(landingLock, [pipeline]);
    suppressed = books()
      .suppress([key(1)], 'somebody')
      .then(() => order.push('suppressed'));
    await sleep(300);
    order.push('landed');
  });
  await suppressed;
  expect(order).toEqual(['landed', 'suppressed']);
});

describe('Dead letters of a key', () => {
  beforeEach(async () => {
    await plantLetters(database, 1, { payload: { user_id: key(1).toUpperCase(), gender: 'x' } }, 501);
    await plantLetters(database, 1, { payload: { user_id: key(2) } }, 502);
    await plantLetters(database, 1, { payload: { user_id: key(1) }, state: 'stored' }, 503);
    // Too large for its letter: what it was lies in landing.
    await plantLetters(database, 1, { at: 'stream', payload: null }, 1004);
  });
  const letters = () => select('select identity, payload, state from dead_letters order by identity::int');

  it('are found however the source wrote it', async () => {
    expect(await books().letters([key(1)])).toEqual([key(1), key(1)]);
  });

  it('are emptied, and so are those of rows that were; nobody redrives them', async () => {
    await books().empty([4]);
    expect(await books().emptyLetters([key(1)])).toBe(3);
    expect(await letters()).toEqual([
      { identity: '501', payload: null, state: 'erased' },
      { identity: '502', payload: { user_id: key(2) }, state: 'open' },
      { identity: '503', payload: null, state: 'stored' },
      { identity: '1004', payload: null, state: 'erased' },
    ]);
    expect(await books().emptyLetters([key(1)])).toBe(0);
  });

  const death = (offset: number, identity: string) => ({
    ...{ kind: 'dead' as const, pipeline, run: 'r', identity, at: 'stream' as const, reason: 'quality:x', field: null },
    ...{ payload: { user_id: key(1) }, partition: 0, offset, alien: false },
  });
  const report = (...dead: ReturnType<typeof death>[]) =>
    postgresLedger(database).record({ dead, reports: [], started: [], stopped: [], unreadable: [], rebuilt: [] });

  it('that come later say nothing, of a row that was emptied meanwhile', async () => {
    await books().empty([1]);
    await report(death(0, '1001'), death(1, '1002'));
    expect((await letters()).slice(-3)).toEqual([
      { identity: '1001', payload: null, state: 'erased' },
      { identity: '1002', payload: { user_id: key(1) }, state: 'open' },
      { identity: '1004', payload: null, state: 'open' },
    ]);
  });

  it('are not added while the others are emptied', async () => {
    let added: Promise<unknown> = Promise.resolve();
    const order: string[] = [];
    await transaction(database, async (tx) => {
      await tx.query(lettersAlone, [pipeline]);
      added = report(death(0, '1001')).then(() => order.push('added'));
      await sleep(300);
      order.push('emptied');
    });
    await added;
    expect(order).toEqual(['emptied', 'added']);
  });
});
