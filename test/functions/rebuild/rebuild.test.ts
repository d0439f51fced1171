import { beforeEach, describe, expect, it } from 'vitest';
import type { JobState } from '../../../functions/ports.ts';
import { beginRebuild, previewRebuild, resumeRebuild } from '../../../functions/rebuild/rebuild.ts';
import type { Definition } from '../../../streaming/definition.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { setUp } from './fakes.ts';

const pipeline: Definition = randomUsers;
const table = 'users';
const asked = { rate: 500, refetch: false, who: 'somebody' };
const instants = ['2026-11-01T00:00:00Z', '2026-11-20T00:00:00Z'];

let fakes: ReturnType<typeof setUp>;
beforeEach(() => {
  fakes = setUp();
});
const preview = (refetch = false, of = pipeline, name: string = table) =>
  previewRebuild(fakes.ports(), of, name, { refetch });
const begin = () => beginRebuild(fakes.ports(), pipeline, table, asked);
const resume = (cursor = '1') => resumeRebuild(fakes.ports(), pipeline, cursor);

describe('A rebuild says first', () => {
  it('what the topic still has of what the table lacks, and starts nothing', async () => {
    expect(await preview()).toMatchObject({ dryRun: true, table, ranges: { 0: [2, 9] }, total: 7, underWay: null });
    expect([fakes.rebuilds, fakes.started]).toEqual([[], []]);
  });

  it('which instants the topic has no more', async () => {
    fakes.world.outOfReach = { count: 2, instants, others: 1 };
    expect(await preview()).toMatchObject({ outOfReach: { count: 2, instants, others: 1 } });
  });

  it('from when on the tables take records', async () => {
    fakes.world.tablesTake = 3600;
    expect(await preview()).toMatchObject({ takenFrom: '2026-11-24T16:00:00Z' });
  });
});

describe('A rebuild is refused, before anything changes,', () => {
  type World = ReturnType<typeof setUp>['world'];
  it.each<[why: string, given: (world: World) => void, problem: RegExp]>([
    ['when prepare does not know the pipeline', (world) => (world.loss = undefined), /expected one that prepare knows/],
    ['while the stream has lost offsets', (world) => (world.loss = { reason: 'expired' }), /without a loss.*accept it/],
    ['when the table is not there', (world) => (world.isThere = false), /expected it in the keyspace/],
    ['before the stream writes the table', (world) => world.eras.shift(), /expected the stream .* to write it/],
    [
      'when rows are older than the stream’s',
      (world) => (world.written = [99]),
      /expected an empty one.*rows are older/,
    ],
    [
      'when rows are there that the stream has not brought',
      (world) => Object.assign(world, { written: [500], oldestSince: null }),
      /expected an empty one/,
    ],
    [
      'when the table lacks nothing',
      (world) => Object.assign(world, { written: [500], eras: [{ starts: { 0: 0 }, hasTable: true }] }),
      /expected an empty one.*all is in it/,
    ],
  ])('%s', async (_why, given, problem) => {
    given(fakes.world);
    await expect(preview()).rejects.toThrow(problem);
    await expect(begin()).rejects.toThrow(problem);
    expect([fakes.rebuilds, fakes.started]).toEqual([[], []]);
  });

  it('for a table that is none of the pipeline’s', async () => {
    await expect(preview(false, pipeline, 'nobody')).rejects.toThrow(
      /expected one of users, users_by_country, got nobody/,
    );
  });

  it('when it should fetch from a source that gives other records later', async () => {
    const other = { ...pipeline, source: { ...pipeline.source, replayable: false as const } };
    await expect(preview(true, other)).rejects.toThrow(/replayable: false/);
    await expect(preview(false, other)).resolves.toMatchObject({ total: 7 });
  });

  it('when it should fetch what the tables would not take', async () => {
    Object.assign(fakes.world, { outOfReach: { count: 2, instants, others: 0 }, tablesTake: 47 * 3600 });
    await expect(preview(true)).rejects.toThrow(/from 2026-11-22T18:00:00Z on, got 2026-11-01T00:00:00Z/);
  });
});

describe('A rebuild', () => {
  it('starts one job, of its own name, that is told the table, the rate and the offsets', async () => {
    expect(await begin()).toMatchObject({ done: false, cursor: '1', total: 7, waits: 'its job starts' });
    expect(fakes.started).toEqual([
      {
        clientToken: 'millrace-test-rebuild-1',
        name: 'millrace-rebuild-1',
        mode: 'available-now',
        arguments: [
          ...['--manifest', '/artifacts', '--rebuild', '{"id":1,"table":"users","rate":500}'],
          ...['--offsets', '{"random-users":{"0":[2,9]}}'],
        ],
      },
    ]);
  });

  it('that was asked for again is gone on with', async () => {
    await begin();
    expect(await begin()).toMatchObject({ cursor: '1', waits: null });
    expect(fakes.rebuilds).toHaveLength(1);
    expect(fakes.started).toHaveLength(1);
  });

  it('says that it waits while jobs are held, and starts once they are not', async () => {
    fakes.world.held = new Date('2026-11-24T17:10:00Z');
    expect(await begin()).toMatchObject({ waits: 'jobs are held until 2026-11-24T17:10:00.000Z' });
    expect(fakes.started).toEqual([]);
    fakes.world.held = new Date('2026-11-24T16:59:00Z');
    await resume();
    expect(fakes.started).toHaveLength(1);
  });

  it.each<[JobState, string, string | null]>([
    ['PENDING', 'no capacity', 'its job waits for workers no capacity'],
    ['RUNNING', '', null],
    ['CANCELLING', '', 'it is cancelled'],
  ])('is under way while its job is %s', async (state, detail, waits) => {
    await begin();
    fakes.world.job = { state, detail };
    expect(await resume()).toMatchObject({ done: false, cursor: '1', waits });
  });

  it('is done once its job is and has told of every offset', async () => {
    await begin();
    fakes.world.job = { state: 'SUCCESS', detail: '' };
    fakes.change(1, { replayed: 4, stored: 4 });
    expect(await resume()).toMatchObject({ done: false, waits: 'its last report is on its way' });
    fakes.change(1, { replayed: 7, stored: 5, dead: 1, expired: 1 });
    expect(await resume()).toMatchObject({ done: true, cursor: null, replayed: 7, stored: 5, dead: 1, expired: 1 });
    expect(await resume()).toMatchObject({ done: true });
    // Once: what was erased must not come back with the replay.
    const reapplied = { pipeline: 'random-users', reapply: true, table, dryRun: false };
    expect(fakes.woken).toEqual([['erase', reapplied]]);
  });

  it('looks as often as there is time for it', async () => {
    await begin();
    fakes.world.looks = 3;
    await resume();
    expect(fakes.world.looks).toBe(-1);
  });

  it.each<JobState>(['FAILED', 'CANCELLED', 'UNKNOWN'])(
    'fails with a job that is %s, and may be asked for again',
    async (state) => {
      await begin();
      fakes.world.job = { state, detail: 'why' };
      await expect(resume()).rejects.toThrow(`got ${state} why after 0 of 7 records`);
      await expect(resume()).rejects.toThrow(`got ${state} why`);
      // What it has left is older than all that the stream has brought.
      Object.assign(fakes.world, { written: [1], job: { state: 'RUNNING', detail: '' } });
      expect(await begin()).toMatchObject({ cursor: '2' });
      expect(fakes.started.map(({ clientToken }) => clientToken)).toEqual([
        'millrace-test-rebuild-1',
        'millrace-test-rebuild-2',
      ]);
    },
  );

  it('that is done is refused, but for what the topic had no more', async () => {
    await begin();
    fakes.change(1, { state: 'done' });
    fakes.world.written = [1];
    await expect(preview()).rejects.toThrow(/it has been rebuilt/);
    fakes.world.outOfReach = { count: 2, instants, others: 0 };
    expect(await preview(true)).toMatchObject({ total: 0, outOfReach: { count: 2 } });
    expect(await beginRebuild(fakes.ports(), pipeline, table, { ...asked, refetch: true })).toMatchObject({
      done: true,
    });
    expect(fakes.started).toHaveLength(1);
  });

  it('is known by its pipeline too', async () => {
    await begin();
    const other = { ...pipeline, name: 'other' };
    await expect(resumeRebuild(fakes.ports(), other, '1')).rejects.toThrow(/number of a rebuild of other, got 1/);
  });
});
