import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, transaction } from '../../../../functions/adapters/postgres/connection.ts';
import { landingLock } from '../../../../functions/adapters/postgres/pages.ts';
import { postgresLanding } from '../../../../functions/adapters/postgres/runs.ts';
import type { Landing, PageToLand } from '../../../../functions/ports.ts';
import { startPostgres } from './started-postgres.ts';

const pipeline = 'random-users';
const run = '2026-11-24T17:00:00Z';
const instant = new Date(run);
const plan = { source: 'live', requested: 300, pageSize: 100, pages: 3 };

let database: Database;
let landing: Landing;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
  landing = postgresLanding(database);
});
beforeEach(async () => {
  await database.query('truncate landing, pages, runs, dead_letters, relay_position, coverage, pipelines');
});
afterAll(() => stop());

const pageOf = (page: number, change: Partial<PageToLand> = {}): PageToLand => {
  const rows = Array.from({ length: 100 }, (_, index) => {
    const origin = 1_795_540_620_000_000 + page * 100 + index;
    return { origin, version: origin + 1, payload: { name: `Zoë "${index}" \\ {}`, born: index, nobody: null } };
  });
  return { pipeline, run, page, received: rows.length, last: false, rows, rejected: [], ...change };
};
const deadLetter = (reason: string) => ({
  identity: '1795540620000007',
  run,
  at: 'source' as const,
  reason,
  field: 'email',
  payload: { email: null },
});
const select = async (text: string) => (await database.query<Record<string, unknown>>(text)).rows;

describe('A page', () => {
  it('lands its rows in order, as they are, with the marker that holds their range', async () => {
    const page = pageOf(1);
    expect(await landing.landPage(page)).toBe('landed');
    const rows = await select('select seq, origin, version, payload from landing order by seq');
    expect(rows.map(({ seq: _, ...row }) => row)).toEqual(page.rows);
    const [marker] = await select(
      'select received, landed, rejected, lower(rows) first, upper(rows) as end from pages',
    );
    const first = Number(rows[0]?.['seq']);
    expect(marker).toEqual({ received: 100, landed: 100, rejected: 0, first, end: first + 100 });
  });

  it('that is there already changes nothing', async () => {
    await landing.landPage(pageOf(1));
    const before = await select('select * from landing order by seq');
    expect(await landing.landPage(pageOf(1))).toBe('present');
    expect(await select('select * from landing order by seq')).toEqual(before);
  });

  it('brought by eight callers at once lands once', async () => {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => landing.landPage(pageOf(1))));
    expect(outcomes.filter((outcome) => outcome === 'landed')).toHaveLength(1);
    expect(await select('select count(*) from landing')).toEqual([{ count: 100 }]);
  });

  it('keeps its dead letters, and counts attempts when one dies again', async () => {
    await landing.landPage(pageOf(1, { received: 101, rejected: [deadLetter('missing')] }));
    await landing.landPage(pageOf(2, { received: 101, rejected: [deadLetter('wrong_type')] }));
    expect(await select('select identity, run, at, reason, field, payload, attempts from dead_letters')).toEqual([
      { ...deadLetter('wrong_type'), attempts: 2 },
    ]);
  });

  it('without a good record has an empty range', async () => {
    await landing.landPage(pageOf(1, { rows: [], received: 0 }));
    expect(await select('select rows::text from pages')).toEqual([{ rows: 'empty' }]);
  });

  it('leaves nothing behind when it fails half way', async () => {
    const page = pageOf(1, { rejected: [{ ...deadLetter('missing'), at: 'nowhere' as 'source' }] });
    await expect(landing.landPage(page)).rejects.toThrow(/dead_letters_at_check/);
    expect(await select('select from landing union all select from pages')).toEqual([]);
  });

  it('waits for its lock only so long, and may be tried again', async () => {
    const holder = transaction(database, async (tx) => {
      await tx.query(landingLock, [pipeline]);
      await sleep(5500);
    });
    await sleep(200);
    await expect(landing.landPage(pageOf(1))).rejects.toMatchObject({ code: 'landing_unavailable', retriable: true });
    await holder;
    expect(await landing.landPage(pageOf(1))).toBe('landed');
  });
});

it('A reader that follows seq misses no row of eight writers', async () => {
  let isWriting = true;
  const read = async () => {
    let [cursor, seen, isLast] = [0, 0, false];
    while (!isLast) {
      isLast = !isWriting;
      const rows = await select(
        `select seq from landing where pipeline = '${pipeline}' and seq > ${cursor} order by seq`,
      );
      cursor = Number(rows.at(-1)?.['seq'] ?? cursor);
      seen += rows.length;
      await sleep(1);
    }
    return seen;
  };
  const write = async (writer: number) => {
    for (let page = 1; page <= 15; page += 1) await landing.landPage(pageOf(page, { run: `writer ${writer}` }));
  };
  const reader = read();
  await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
  isWriting = false;
  expect(await reader).toBe(8 * 15 * 100);
});

describe('A run', () => {
  it('keeps the plan that came first', async () => {
    expect(await landing.openRun(pipeline, run, instant, plan)).toEqual({
      ...plan,
      closed: false,
      created: true,
      pagesLanded: [],
    });
    const other = { ...plan, requested: 7, pages: 1 };
    expect(await landing.openRun(pipeline, run, instant, other)).toMatchObject({ ...plan, created: false });
  });

  it('is closed by its last missing page, whatever the order, and only then', async () => {
    await landing.openRun(pipeline, run, instant, plan);
    for (const page of [3, 1]) await landing.landPage(pageOf(page));
    expect(await landing.closeRun(pipeline, run)).toMatchObject({ pages: 2, landed: 200, closed: false });
    await landing.landPage(pageOf(2, { received: 101, rejected: [deadLetter('missing')] }));
    const totals = { received: 301, landed: 300, rejected: 1, pages: 3, closed: true };
    expect(await landing.closeRun(pipeline, run)).toEqual(totals);
    expect(await landing.openRun(pipeline, run, instant, plan)).toMatchObject({ closed: true });
  });

  it('with an open plan is closed by the page that is the last', async () => {
    await landing.openRun(pipeline, run, instant, { ...plan, pages: null });
    await landing.landPage(pageOf(1));
    expect(await landing.closeRun(pipeline, run)).toMatchObject({ closed: false });
    await landing.landPage(pageOf(2, { last: true }));
    expect(await landing.closeRun(pipeline, run)).toMatchObject({ closed: true });
  });

  it('is listed as closed within its interval', async () => {
    await landing.openRun(pipeline, run, instant, { ...plan, pages: 1 });
    await landing.landPage(pageOf(1));
    await landing.closeRun(pipeline, run);
    const later = new Date(instant.getTime() + 1);
    expect(await landing.closedRuns(pipeline, instant, later)).toEqual(new Set([run]));
    expect(await landing.closedRuns(pipeline, later, new Date())).toEqual(new Set());
    expect(await landing.closedRuns(pipeline, new Date(0), instant)).toEqual(new Set());
  });
});

describe('Backpressure sees', () => {
  it('rows that relay has not sent, and offsets that no table has absorbed', async () => {
    await landing.landPage(pageOf(1));
    expect(await landing.uncovered(pipeline, 500)).toBe(100);
    expect(await landing.uncovered(pipeline, 30)).toBe(30);
    await database.query(
      `insert into relay_position (pipeline, seq, ends) select $1, max(seq) - 10, '{100,200,300}' from landing`,
      [pipeline],
    );
    await database.query(
      `insert into coverage (pipeline, partition, covered, lost) values ($1, 1, '{[0,150)}', '{}'), ($1, 2, '{[50,300)}', '{[0,50)}')`,
      [pipeline],
    );
    expect(await landing.uncovered(pipeline, 500)).toBe(10 + 100 + 50);
  });

  it.each([
    ['live', 300, 100],
    ['sample', 300, 0],
    ['live', 0, 0],
  ])('what source %s gave in the last %i seconds', async (source, seconds, received) => {
    await landing.openRun(pipeline, run, instant, { ...plan, source });
    await landing.landPage(pageOf(1));
    expect(await landing.receivedLive(pipeline, seconds)).toBe(received);
  });
});

it('The first instant of a pipeline is known after prepare', async () => {
  expect(await landing.firstInstant(pipeline)).toBeNull();
  await database.query('insert into pipelines (name, first_instant) values ($1, $2)', [pipeline, instant]);
  expect(await landing.firstInstant(pipeline)).toEqual(instant);
});
