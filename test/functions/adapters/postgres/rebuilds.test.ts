import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresLedger } from '../../../../functions/adapters/postgres/audit.ts';
import { type Database, openDatabase } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresGenerations } from '../../../../functions/adapters/postgres/generations.ts';
import { postgresRebuilds } from '../../../../functions/adapters/postgres/rebuilds.ts';
import { giveLandingRights } from '../../../../functions/adapters/postgres/rights.ts';
import { audit } from '../../../../functions/audit/audit.ts';
import { readRecords } from '../../../../functions/audit/read.ts';
import type { Rebuilds } from '../../../../functions/rebuild/rebuilds.ts';
import { type RoleName, rolesOn, userOf } from '../../../../functions/roles.ts';
import { record } from '../../audit/messages.ts';
import { unmeasured } from '../../measuring.ts';
import { startPostgres } from './started-postgres.ts';

const password = 'a password of this test';
const pipeline = 'random-users';
const asked = { pipeline, table: 'users', begins: { 0: 9 }, ranges: { 0: [2, 9] as const }, rate: 500 };
const long = new Date('2020-01-01T00:00:00Z');
const opened: Database[] = [];
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let database: Database;
/** By the rights of the step alone. */
let rebuilds: Rebuilds;

async function as(role: RoleName): Promise<Database> {
  const secret = async () => ({ ...postgres.address, user: userOf(role), password });
  const one = await openDatabase(secret, () => undefined);
  opened.push(one);
  return one;
}

beforeAll(async () => {
  postgres = await startPostgres();
  ({ database } = postgres);
  await giveLandingRights(database, Object.fromEntries(rolesOn('postgres').map((role) => [userOf(role), password])));
  rebuilds = postgresRebuilds(await as('rebuild'));
});
beforeEach(async () => {
  await database.query(
    `truncate rebuilds, job_generations, pipelines, runs, pages, published, landing, operations restart identity`,
  );
});
afterAll(async () => {
  for (const one of opened) await one.end();
  await postgres?.stop();
});

/** A closed run of one row, published at one offset. */
async function plant(
  run: string,
  offset: number,
  { instant = run as string | null, version = 1000, seq = offset + 1 } = {},
) {
  await database.query(
    `insert into runs (pipeline, run, instant, source, requested, page_size, pages, closed_at)
     values ($1, $2, $3, 'sample', 1, 1, 1, now())`,
    [pipeline, run, instant],
  );
  await database.query(
    `insert into pages (pipeline, run, page, received, landed, rejected, rows) values ($1, $2, 1, 1, 1, 0, int8range($3, $3, '[]'))`,
    [pipeline, run, seq],
  );
  await database.query(
    `insert into landing (pipeline, run, seq, origin, version, payload) values ($1, $2, $3, $4, $4, '{}')`,
    [pipeline, run, seq, version],
  );
  await database.query(
    `insert into published (pipeline, run, partition, offsets) values ($1, $2, 0, int8multirange(int8range($3, $3, '[]')))`,
    [pipeline, run, offset],
  );
}

describe('What is on file of the stream', () => {
  it('is its generations, newest first, with where they started and whether they have the table', async () => {
    const generations = postgresGenerations(database);
    await database.query(
      `insert into job_generations (generation, version, starting_offsets, state) values (1, 'v0', '{"random-users": {"0": 0}}', 'ended')`,
    );
    await generations.open('v1', 'streaming', { [pipeline]: { 0: 5 } }, { [pipeline]: ['users'] });
    await generations.mark(2, 'ended', '');
    await generations.open('v2', 'streaming', {}, { [pipeline]: ['users'] });
    expect(await rebuilds.eras(pipeline, 'users')).toEqual([
      { starts: null, hasTable: true },
      { starts: { 0: 5 }, hasTable: true },
      { starts: { 0: 0 }, hasTable: false },
    ]);
    expect(await rebuilds.eras(pipeline, 'other')).toMatchObject([{}, { hasTable: false }, {}]);
  });

  it('is its loss, if it has one', async () => {
    expect(await rebuilds.loss(pipeline)).toBeUndefined();
    await database.query('insert into pipelines (name, first_instant) values ($1, now())', [pipeline]);
    expect(await rebuilds.loss(pipeline)).toBeNull();
    await database.query(`update pipelines set data_loss = '{"reason": "expired"}'`);
    expect(await rebuilds.loss(pipeline)).toEqual({ reason: 'expired' });
  });

  it('is the oldest version that it has brought since an offset, or the oldest instant where landing keeps none', async () => {
    expect(await rebuilds.oldestSince(pipeline, { 0: 9 })).toBeNull();
    await plant('2026-06-01T00:00:00Z', 8, { version: 10 });
    expect(await rebuilds.oldestSince(pipeline, { 0: 9 })).toBeNull();
    await plant('redrive:a', 9, { instant: null, version: 30 });
    await plant('2026-06-01T00:02:00Z', 10, { version: 40 });
    expect(await rebuilds.oldestSince(pipeline, { 0: 9 })).toBe(30);
    await database.query('delete from landing');
    expect(await rebuilds.oldestSince(pipeline, { 0: 9 })).toBe(Date.parse('2026-06-01T00:02:00Z') * 1000);
  });
});

describe('Runs that the topic has no more', () => {
  const [first, second, third] = ['2026-06-01T00:00:00Z', '2026-06-01T00:01:00Z', '2026-06-01T00:02:00Z'] as const;
  const gone = (below: number, since = long, table = 'users') =>
    rebuilds.outOfReach(pipeline, table, { 0: below }, since);
  beforeEach(async () => {
    await plant(second, 1);
    await plant(first, 0);
    await plant(third, 2);
    await plant('redrive:a', 3, { instant: null });
  });

  it.each([
    [0, [], 0],
    [1, [first], 0],
    [2, [first, second], 0],
    [4, [first, second, third], 1],
  ])('below offset %i are %j and %i others', async (below, instants, others) => {
    expect(await gone(below)).toEqual({ count: instants.length, instants, others });
  });

  it('are not those whose rows have lived their time', async () => {
    expect(await gone(4, new Date(second))).toMatchObject({ instants: [second, third] });
  });

  it('are none of another pipeline or partition', async () => {
    expect(await rebuilds.outOfReach('other', 'users', { 0: 4 }, long)).toMatchObject({ count: 0, others: 0 });
    expect(await rebuilds.outOfReach(pipeline, 'users', { 1: 4 }, long)).toMatchObject({ count: 0, others: 0 });
  });

  it('are not those that were fetched again for this table, once that is closed', async () => {
    await plant(`refetch:users:${first}`, 5, { instant: null });
    await plant(`refetch:other:${second}`, 6, { instant: null });
    expect(await gone(7)).toMatchObject({ instants: [second, third], others: 1 });
    expect(await gone(7, long, 'other')).toMatchObject({ instants: [first, third] });
    await database.query("update runs set closed_at = null where run like 'refetch:%'");
    expect(await gone(7)).toMatchObject({ instants: [first, second, third] });
  });
});

describe('A rebuild', () => {
  it('is on file with what it replays, and with who asked for it', async () => {
    const begun = await rebuilds.begin(asked, 'somebody', true);
    const nothing = { replayed: 0, stored: 0, dead: 0, expired: 0 };
    expect(begun).toEqual({ ...asked, ...nothing, id: 1, total: 7, jobRun: null, state: 'running', reason: null });
    expect(await rebuilds.find(1)).toEqual(begun);
    const { rows } = await database.query('select verb, who, asked, answer from operations');
    const operation = { table: 'users', ranges: { 0: [2, 9] }, rate: 500, refetch: true };
    expect(rows).toEqual([{ verb: 'rebuild', who: 'somebody', asked: operation, answer: { rebuild: 1, total: 7 } }]);
  });

  it('is one at a time, whatever its table', async () => {
    await rebuilds.begin(asked, 'somebody', false);
    const second = rebuilds.begin({ ...asked, table: 'other' }, 'somebody else', false);
    await expect(second).rejects.toMatchObject({
      code: 'under_way',
      message: expect.stringContaining('got one of users'),
    });
    expect((await database.query('select from operations')).rowCount).toBe(1);
    await rebuilds.end(1, 'failed', 'why');
    expect(await rebuilds.begin(asked, 'somebody', false)).toMatchObject({ state: 'running' });
  });

  it('of nothing is done at once', async () => {
    expect(await rebuilds.begin({ ...asked, ranges: {} }, 'somebody', true)).toMatchObject({ state: 'done', total: 0 });
  });

  it('keeps its job, and how it ended first', async () => {
    await rebuilds.begin(asked, 'somebody', false);
    await rebuilds.started(1, 'job');
    await rebuilds.end(1, 'done', '');
    await rebuilds.end(1, 'failed', 'too late');
    expect(await rebuilds.newest(pipeline, 'users')).toMatchObject({ jobRun: 'job', state: 'done', reason: null });
    expect(await rebuilds.newest(pipeline, 'other')).toBeUndefined();
  });

  it('comes on by what its job tells, in whatever order that arrives', async () => {
    await rebuilds.begin(asked, 'somebody', false);
    const ledger = postgresLedger(await as('audit'));
    const told = (replayed: number, of = pipeline) => ({
      ...{ kind: 'rebuilt', pipeline: of, generation: 0, rebuild: 1 },
      ...{ replayed, stored: replayed - 2, dead: 1, expired: 1 },
    });
    const reads = readRecords({
      records: { x: [told(4), told(7), told(5)].map((message, offset) => record(message, offset)) },
    });
    await audit(reads, ledger, unmeasured);
    expect(await rebuilds.find(1)).toMatchObject({ replayed: 7, stored: 5, dead: 1, expired: 1 });
    const { rowCount } = await database.query('select from unreadable_audit union all select from coverage_reports');
    expect(rowCount).toBe(0);
  });
});
