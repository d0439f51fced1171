import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Database, transaction } from '../../../../functions/adapters/postgres/connection.ts';
import { landingLock } from '../../../../functions/adapters/postgres/pages.ts';
import { postgresLanding } from '../../../../functions/adapters/postgres/runs.ts';
import type { Landing } from '../../../../functions/ports.ts';
import { pageOf, run } from './pages-to-land.ts';
import { startPostgres } from './started-postgres.ts';

const pipeline = 'random-users';

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

const deadLetter = (reason: string) => ({
  identity: '1795540620000007',
  run,
  at: 'source' as const,
  reason,
  field: 'email',
  payload: { email: null },
});
const select = async (text: string) => (await database.query<Record<string, unknown>>(text)).rows;

/** What PostgreSQL does beside the contract in test/contracts/landing.test.ts. */
describe('A page', () => {
  it('lands its rows in order, as they are, with the marker that holds their range', async () => {
    const page = pageOf(pipeline, 1);
    expect(await landing.landPage(page)).toEqual({ landed: 100, rejected: 0 });
    const rows = await select('select seq, origin, version, payload from landing order by seq');
    expect(rows.map(({ seq: _, ...row }) => row)).toEqual(page.rows);
    const [marker] = await select(
      'select received, landed, rejected, lower(rows) first, upper(rows) as end from pages',
    );
    const first = Number(rows[0]?.['seq']);
    expect(marker).toEqual({ received: 100, landed: 100, rejected: 0, first, end: first + 100 });
  });

  it('keeps its dead letters, and counts attempts when one dies again', async () => {
    await landing.landPage(pageOf(pipeline, 1, { received: 101, rejected: [deadLetter('missing')] }));
    await landing.landPage(pageOf(pipeline, 2, { received: 101, rejected: [deadLetter('wrong_type')] }));
    expect(await select('select identity, run, at, reason, field, payload, attempts from dead_letters')).toEqual([
      { ...deadLetter('wrong_type'), attempts: 2 },
    ]);
  });

  it('without a good record has an empty range', async () => {
    await landing.landPage(pageOf(pipeline, 1, { rows: [], received: 0 }));
    expect(await select('select rows::text from pages')).toEqual([{ rows: 'empty' }]);
  });

  it('leaves nothing behind when it fails half way', async () => {
    const page = pageOf(pipeline, 1, { rejected: [{ ...deadLetter('missing'), at: 'nowhere' as 'source' }] });
    await expect(landing.landPage(page)).rejects.toThrow(/dead_letters_at_check/);
    expect(await select('select from landing union all select from pages')).toEqual([]);
  });

  it('waits for its lock only so long, and may be tried again', async () => {
    await transaction(database, async (tx) => {
      await tx.query(landingLock, [pipeline]);
      await expect(landing.landPage(pageOf(pipeline, 1))).rejects.toMatchObject({
        code: 'landing_unavailable',
        retriable: true,
      });
    });
    expect(await landing.landPage(pageOf(pipeline, 1))).toEqual({ landed: 100, rejected: 0 });
  });
});

describe('Backpressure sees', () => {
  it('rows that relay has not sent, and offsets that no table has absorbed', async () => {
    await landing.landPage(pageOf(pipeline, 1));
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
});

describe('The account of a run', () => {
  it.each([
    ['that asked for 300 lacks what has not come', 3, { requested: 300, received: 100, short: 200 }],
    ['whose source decides how many there are lacks nothing', null, { requested: 100, received: 100, short: 0 }],
  ])('%s', async (_which, pages, account) => {
    const plan = { source: 'live', requested: pages === null ? 0 : 300, pageSize: 100, pages };
    await landing.openRun(pipeline, run, new Date(run), plan);
    await landing.landPage(pageOf(pipeline, 1));
    expect(await select('select requested, received, short from accounts')).toEqual([account]);
  });

  it('without a record balances once its only page is there', async () => {
    await landing.openRun(pipeline, run, new Date(run), { source: 'live', requested: 0, pageSize: 100, pages: null });
    await landing.landPage(pageOf(pipeline, 1, { rows: [], received: 0, last: true }));
    expect(await landing.closeRun(pipeline, run)).toMatchObject({ received: 0, landed: 0, pages: 1, closed: true });
    expect(await select('select requested, short, landed, pending, in_flight, stored from accounts')).toEqual([
      { requested: 0, short: 0, landed: 0, pending: 0, in_flight: 0, stored: 0 },
    ]);
  });
});
