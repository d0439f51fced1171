import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresAccounts } from '../../../../functions/adapters/postgres/accounts.ts';
import { type Database, openDatabase } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresLandedKeys } from '../../../../functions/adapters/postgres/landed-keys.ts';
import { postgresLandingDays } from '../../../../functions/adapters/postgres/landing-days.ts';
import { postgresRedrives } from '../../../../functions/adapters/postgres/redrive.ts';
import { landRows } from '../../../../functions/adapters/postgres/redrive-rows.ts';
import { postgresOutbox } from '../../../../functions/adapters/postgres/relay.ts';
import { giveLandingRights } from '../../../../functions/adapters/postgres/rights.ts';
import { postgresLanding } from '../../../../functions/adapters/postgres/runs.ts';
import { rolesOn, userOf } from '../../../../functions/roles.ts';
import { dayMs, daysAgo, plantCoverage, plantRun, textOf } from './planted-days.ts';
import { startPostgres } from './started-postgres.ts';

const password = 'a password of this test';
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let database: Database;
/** As the step itself, with its rights and no other. */
let retainer: Database;

beforeAll(async () => {
  postgres = await startPostgres();
  database = postgres.database;
  await giveLandingRights(database, Object.fromEntries(rolesOn('postgres').map((role) => [userOf(role), password])));
  const secret = async () => ({ ...postgres.address, user: userOf('retain'), password });
  retainer = await openDatabase(secret, () => undefined);
});
afterAll(async () => {
  await retainer?.end();
  await postgres?.stop();
});
beforeEach(() => database.query('truncate landing, runs, pages, published, coverage, relay_position, operations'));

const days = () => postgresLandingDays(retainer);
const on = async (ago: number) => {
  const found = await days().before(daysAgo(-1));
  return found.filter(({ day }) => day === textOf(daysAgo(ago)));
};
const isThere = async (ago: number) => {
  const name = `landing_${textOf(daysAgo(ago)).replaceAll('-', '_')}`;
  const { rows } = await database.query<{ there: boolean }>('select to_regclass($1) is not null as there', [name]);
  return rows[0]?.there;
};

describe('What a day of landing owes', () => {
  it.each([
    ['nothing, when the tables have absorbed it', { covered: [0, 10], owed: 0 }],
    ['what the tables lack', { covered: [3, 10], owed: 3 }],
    ['what the relay has not reached', { published: 6, covered: [0, 6], owed: 4 }],
    ['all of it, when nothing is known of it', { published: 0, owed: 10 }],
    ['nothing of what somebody has accepted as lost', { covered: [0, 7], lost: [7, 10], owed: 0 }],
  ] as const)('%s', async (_, { owed, ...planted }) => {
    const { covered, lost, published } = { covered: undefined, lost: undefined, published: 10, ...planted };
    const first = await plantRun(database, { run: 'a', daysAgo: 9, rows: 10, published });
    if (covered) await plantCoverage(database, [first + covered[0], first + covered[1]]);
    if (lost) await plantCoverage(database, [first + lost[0], first + lost[1]], { set: 'lost' });
    expect(await on(9)).toEqual([{ day: textOf(daysAgo(9)), pipeline: 'people', landed: 10, owed }]);
  });

  it('is said for each pipeline, and for nobody where nothing landed', async () => {
    const first = await plantRun(database, { run: 'a', daysAgo: 9, rows: 2 });
    await plantCoverage(database, [first, first + 2]);
    await plantRun(database, { run: 'b', daysAgo: 9, rows: 3, published: 0, pipeline: 'quakes' });
    await database.query('select ready_landing_days($1, 1)', [textOf(daysAgo(8))]);
    expect((await on(9)).map(({ pipeline, owed }) => [pipeline, owed]).sort()).toEqual([
      ['people', 0],
      ['quakes', 3],
    ]);
    expect(await on(8)).toEqual([{ day: textOf(daysAgo(8)), pipeline: null, landed: null, owed: null }]);
  });

  it('is nothing of what was erased before it was published: the relay passes it by', async () => {
    const first = await plantRun(database, { run: 'a', daysAgo: 9, rows: 10, published: 6 });
    await plantCoverage(database, [first, first + 6]);
    await database.query('update relay_position set seq = $1', [first + 9]);
    expect(await on(9)).toMatchObject([{ owed: 0 }]);
  });

  it('is everything when no page tells of the rows', async () => {
    const first = await plantRun(database, { run: 'a', daysAgo: 9, rows: 4 });
    await plantCoverage(database, [first, first + 4]);
    await database.query('truncate pages');
    expect(await on(9)).toMatchObject([{ owed: 4 }]);
  });
});

describe('Dropping a day', () => {
  it('takes its rows and leaves runs, pages and accounts as they were, and says who did', async () => {
    const first = await plantRun(database, { run: 'a', daysAgo: 9, rows: 10 });
    await plantCoverage(database, [first, first + 10]);
    const accounts = postgresAccounts(database);
    const before = await accounts.named('people', ['a']);
    await days().drop(textOf(daysAgo(9)), 'somebody', 10);
    expect(await isThere(9)).toBe(false);
    expect(await accounts.named('people', ['a'])).toEqual(before);
    expect(before).toMatchObject([{ landed: 10, published: 10, stored: 10, pending: 0, in_flight: 0 }]);
    const { rows } = await database.query('select pipeline, verb, who, asked, answer from operations');
    const said = { pipeline: '*', verb: 'retain', who: 'somebody', asked: { day: textOf(daysAgo(9)) } };
    expect(rows).toEqual([{ ...said, answer: { rows: 10 } }]);
  });

  it.each([
    ['owes a row', 9, 9, /expected all rows in the tables, got 1 that are not/],
    ['may still be written', 1, 10, /expected one before yesterday/],
  ])('is refused by the database itself when it %s', async (_, ago, covered, message) => {
    const first = await plantRun(database, { run: 'a', daysAgo: ago, rows: 10 });
    await plantCoverage(database, [first, first + covered]);
    await expect(days().drop(textOf(daysAgo(ago)), 'somebody', 10)).rejects.toThrow(message);
    expect(await isThere(ago)).toBe(true);
    expect((await database.query('select from operations')).rowCount).toBe(0);
  });

  it.each([
    ['drop table landing_default', '42501'],
    ['select * from landing', '42501'],
    ['truncate landing', '42501'],
    ["select drop_landing_day('infinity')", 'P0001'],
    ["select landing_owed('people', '2026-01-01', 1, 1, 1)", '42501'],
  ])('and is all that the step may do: %s', async (statement, code) => {
    await expect(retainer.query(statement)).rejects.toMatchObject({ code });
  });

  it.each(['extract', 'inspect', 'reader'] as const)('is not for %s', async (role) => {
    const secret = async () => ({ ...postgres.address, user: userOf(role), password });
    const other = await openDatabase(secret, () => undefined);
    await expect(other.query('select drop_landing_day($1)', [textOf(daysAgo(9))])).rejects.toMatchObject({
      code: '42501',
    });
    await other.end();
  });

  it('leaves the relay, a comparison key by key and a repair right', async () => {
    const first = await plantRun(database, { run: 'old', daysAgo: 9, rows: 10 });
    const next = await plantRun(database, { run: 'young', daysAgo: 1, rows: 5, published: 2 });
    await plantCoverage(database, [first, next + 2]);
    await days().drop(textOf(daysAgo(9)), 'somebody', 10);

    const outbox = postgresOutbox(database);
    const limit = { rows: 100, bytes: 1e6 };
    const waiting = await outbox.inTurn('people', ({ read }) => read(limit));
    expect(waiting).toMatchObject([2, 3, 4].map((at) => ({ run: 'young', seq: next + at })));

    const landed = postgresLandedKeys(database);
    const interval = { from: daysAgo(10), until: daysAgo(0) };
    const pages = await landed.coveredPages('people', interval, 0);
    expect(pages).toEqual([{ run: 'old', from: first, until: first + 10, rows: 10 }]);
    expect(await landed.rows('people', pages, ['user_id'])).toEqual([]);

    // Too large for its letter, it would be read where it landed.
    await database.query(
      `insert into dead_letters (pipeline, identity, run, at, reason) values ('people', $1, 'old', 'stream', 'too_large')`,
      [String(first)],
    );
    const asked = { filter: { reason: 'too_large' }, parked: false, limit: 10, rate: 10 };
    expect(await postgresRedrives(database).sample('people', asked, 10)).toMatchObject([{ run: 'old', payload: null }]);

    const rows = { pipeline: 'people', run: 'redrive:a', who: 'somebody', seqs: [first, next], keyOf: () => undefined };
    expect(await landRows(database, rows)).toBe(1);
  });
});

describe('The days ahead', () => {
  it('are made by the step itself, once', async () => {
    const first = new Date('2041-12-31T10:00:00Z');
    expect(await days().ready(first, 2)).toEqual(['landing_2041_12_31', 'landing_2042_01_01']);
    expect(await days().ready(first, 2)).toEqual([]);
  });

  it('leave rows of the net where they are, and say that they are there', async () => {
    const day = new Date(Date.now() + 4000 * dayMs);
    await database.query(
      `insert into landing (pipeline, run, seq, origin, version, payload, landed_on) values ('people', 'r', 1, 1, 1, '{}', $1)`,
      [textOf(day)],
    );
    expect(await days().ready(day, 1)).toEqual([]);
    expect(await days().net()).toEqual(new Map([['people', 1]]));
  });
});

describe('Nobody is kept waiting', () => {
  const heldMs = 8000;
  const page = (number: number) => ({
    ...{ pipeline: 'live', run: 'now', page: number, received: 100, last: false, rejected: [], keyOf: () => undefined },
    rows: Array.from({ length: 100 }, (_, at) => ({
      origin: number * 100 + at,
      version: 1,
      payload: { user_id: 'a' },
    })),
  });

  it('by a day that is made and one that goes while others hold landing open', async () => {
    const landing = postgresLanding(database);
    await landing.openRun('live', 'now', daysAgo(0), { source: 'sample', requested: 0, pageSize: 100, pages: null });
    const first = await plantRun(database, { run: 'a', daysAgo: 9, rows: 10 });
    await plantCoverage(database, [first, first + 10]);

    // A relay that sends a batch for seconds reads landing meanwhile.
    const holder = await database.connect();
    await holder.query('begin');
    await holder.query('select count(*) from landing');
    const waits: number[] = [];
    let working = true;
    const extract = (async () => {
      for (let number = 1; working; number += 1) {
        const began = performance.now();
        await landing.landPage(page(number));
        waits.push(performance.now() - began);
      }
    })();
    const dropped = days().drop(textOf(daysAgo(9)), 'somebody', 10);
    const made = days().ready(new Date('2051-01-01T00:00:00Z'), 1);
    await new Promise((resolve) => setTimeout(resolve, heldMs));
    expect(await isThere(9)).toBe(true);
    await holder.query('commit');
    holder.release();
    await dropped;
    expect(await made).toEqual(['landing_2051_01_01']);
    working = false;
    await extract;
    expect(await isThere(9)).toBe(false);
    expect(waits.length).toBeGreaterThan(10);
    // Two of them at once may take their turns in front of one page, and the machine may be busy.
    expect(Math.max(...waits)).toBeLessThan(heldMs - 2000);
  });
});
