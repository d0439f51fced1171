import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../../functions/adapters/postgres/connection.ts';
import { postgresGenerations } from '../../../../functions/adapters/postgres/generations.ts';
import { postgresGroundwork } from '../../../../functions/adapters/postgres/groundwork.ts';
import type { Generations } from '../../../../functions/supervise/supervise.ts';
import { startPostgres } from './started-postgres.ts';

let database: Database;
let generations: Generations;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ database, stop } = await startPostgres());
  generations = postgresGenerations(database);
});
beforeEach(async () => {
  await database.query('truncate job_generations, pipelines, coverage');
});
afterAll(() => stop());

const offsets = { 'random-users': { 0: 12 } };
const tables = { 'random-users': ['users'] };

describe('generations', () => {
  it('count up, one active at a time', async () => {
    await generations.open('v1', 'streaming', offsets, tables);
    await expect(generations.open('v2', 'streaming', offsets, tables)).rejects.toMatchObject({ code: '23505' });
    await generations.started(1, 'job-1');
    expect(await generations.active()).toEqual({
      generation: 1,
      version: 'v1',
      mode: 'streaming',
      startingOffsets: offsets,
      jobRun: 'job-1',
    });
    await generations.mark(1, 'ended', 'FAILED');
    expect(await generations.active()).toBeNull();
    await generations.open('v2', 'streaming', offsets, tables);
    expect(await generations.active()).toMatchObject({ generation: 2, jobRun: null });
  });

  it('know their mode, and how long ago the newest was opened', async () => {
    expect(await generations.sinceOpened()).toBeNull();
    await generations.open('v1', 'available-now', offsets, tables);
    expect(await generations.active()).toMatchObject({ mode: 'available-now' });
    await database.query("update job_generations set started_at = started_at - interval '10 minutes'");
    expect(Math.floor(((await generations.sinceOpened()) ?? 0) / 60)).toBe(10);
    await generations.mark(1, 'ended', 'SUCCESS');
    await generations.open('v1', 'available-now', offsets, tables);
    expect(await generations.sinceOpened()).toBeLessThan(60);
  });

  it('keep every reason for their end', async () => {
    await generations.open('v1', 'streaming', offsets, tables);
    await generations.mark(1, 'cancelling', 'version v2 replaces v1');
    await generations.mark(1, 'ended', 'CANCELLED');
    const { rows } = await database.query('select reason, ended_at is not null as ended from job_generations');
    expect(rows).toEqual([{ reason: 'version v2 replaces v1; CANCELLED', ended: true }]);
  });

  it('read nothing any more once they ended', async () => {
    await generations.open('v1', 'streaming', offsets, tables);
    await database.query(
      "insert into pipelines (name, first_instant, running_generation) values ('a', now(), 1), ('b', now(), 2)",
    );
    await generations.mark(1, 'ended', 'FAILED');
    const { rows } = await database.query('select running_generation from pipelines order by name');
    expect(rows).toEqual([{ running_generation: null }, { running_generation: 2 }]);
  });

  it('know since when the tables stand still, within the life of the job', async () => {
    await database.query("insert into pipelines (name, first_instant) values ('a', now())");
    const age = (column: string, minutes: number) => database.query(`update ${column} - interval '${minutes} minutes'`);
    /** In minutes: since the tables got further, and as much of it as the active generation is to blame for. */
    const waited = async (absorbed: number, isCaughtUp: boolean) => {
      const { sinceProgress, underActive } = await generations.waiting('a', absorbed, isCaughtUp);
      return [sinceProgress, underActive].map((seconds) => Math.floor(seconds / 60));
    };
    expect(await waited(5, true)).toEqual([0, 0]);
    expect(await waited(5, false)).toEqual([0, 0]);
    await age('pipelines set waiting_since = waiting_since', 10);
    expect(await waited(5, false)).toEqual([10, 10]);
    await generations.open('v1', 'streaming', offsets, tables);
    expect(await waited(5, false)).toEqual([10, 0]);
    await age('job_generations set started_at = started_at', 20);
    expect(await waited(5, false)).toEqual([10, 10]);
    expect(await waited(6, false)).toEqual([0, 0]);
    await age('pipelines set waiting_since = waiting_since', 10);
    expect(await waited(6, true)).toEqual([0, 0]);
    expect(await waited(6, false)).toEqual([0, 0]);
  });

  it('are supervised by one at a time', async () => {
    expect(await generations.alone(() => generations.alone(async () => 'inside'))).toBe('busy');
  });

  it('start at prefixes that holes an operator accepted do not end', async () => {
    await database.query("insert into pipelines (name, first_instant) values ('random-users', now())");
    await database.query(
      `insert into coverage (pipeline, partition, covered, lost)
       values ('random-users', 0, '{[0,10),[12,20)}', '{[10,12)}'), ('random-users', 2, '{[5,7)}', '{}')`,
    );
    await generations.lose('random-users', { reason: 'expired' });
    expect(await generations.pipelines()).toEqual([
      {
        name: 'random-users',
        desired: 'running',
        dataLoss: { reason: 'expired' },
        prefixes: new Map([
          [0, 20],
          [2, 0],
        ]),
        published: 0,
        unpublishedAge: 0,
      },
    ]);
  });
});

describe('a supervised pipeline', () => {
  const landed = (seq: number, minutesAgo: number) =>
    database.query(
      `with marker as (
         insert into pages (pipeline, run, page, received, landed, rejected, rows, landed_at)
         values ('aged', $1::bigint::text, 1, 1, 1, 0, int8range($1::bigint, $1::bigint, '[]'), now() - make_interval(mins => $2))
       ) insert into landing (pipeline, run, seq, origin, version, payload)
       values ('aged', $1::bigint::text, $1::bigint, 1, 1, '{}')`,
      [seq, minutesAgo],
    );
  const seen = async () => (await generations.pipelines()).find(({ name }) => name === 'aged');

  it('is known by how much was published, and how long its oldest unpublished row waits', async () => {
    await database.query("insert into pipelines (name, first_instant) values ('aged', now())");
    await database.query("insert into relay_position (pipeline, seq, ends) values ('aged', 4, '{2,0,5}')");
    expect(await seen()).toMatchObject({ published: 7, unpublishedAge: 0 });
    for (const [seq, minutes] of [
      [4, 30],
      [5, 20],
      [6, 10],
    ] as const)
      await landed(seq, minutes);
    expect(Math.floor(((await seen())?.unpublishedAge ?? 0) / 60)).toBe(20);
    await database.query("update relay_position set seq = 6 where pipeline = 'aged'");
    expect(await seen()).toMatchObject({ unpublishedAge: 0 });
  });
});

describe('the groundwork', () => {
  const nobody = { read: async () => Promise.reject(new Error('not asked for')), forget: () => undefined };
  const groundwork = () => postgresGroundwork(database, nobody, '');
  const now = new Date('2031-12-30T23:59:00Z');

  it('makes partitions of the days ahead, over the turn of a year, once', async () => {
    expect(await groundwork().landingDays(now, 3)).toEqual([
      'landing_2031_12_30',
      'landing_2031_12_31',
      'landing_2032_01_01',
    ]);
    expect(await groundwork().landingDays(now, 3)).toEqual([]);
  });

  it('leaves a day in the net when rows fell into it', async () => {
    const day = new Date('2033-01-01T00:00:00Z');
    await database.query(
      `insert into landing (pipeline, run, seq, origin, version, payload, landed_on) values ('x', 'r', 1, 1, 1, '{}', '2033-01-02')`,
    );
    expect(await groundwork().landingDays(day, 3)).toEqual(['landing_2033_01_01', 'landing_2033_01_03']);
  });

  it('keeps the first instant of a pipeline that it knows', async () => {
    expect(await groundwork().addPipeline('people', now)).toBe(true);
    expect(await groundwork().addPipeline('people', new Date())).toBe(false);
    const { rows } = await database.query('select first_instant from pipelines');
    expect(rows).toEqual([{ first_instant: now }]);
  });

  it('keeps the first hash of a column', async () => {
    await groundwork().keepExpressions('users', new Map([['name', 'a']]));
    await groundwork().keepExpressions(
      'users',
      new Map([
        ['name', 'b'],
        ['city', 'c'],
      ]),
    );
    expect(await groundwork().expressions(['users'])).toEqual(
      new Map([
        ['users.name', 'a'],
        ['users.city', 'c'],
      ]),
    );
  });
});
