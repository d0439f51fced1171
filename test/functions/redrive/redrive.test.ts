import { describe, expect, it } from 'vitest';
import {
  beginRedrive,
  previewRedrive,
  type RedrivePorts,
  redriveRows,
  resumeRedrive,
} from '../../../functions/redrive/redrive.ts';
import type { Asked, Progress, Redrives, StreamState, TakenLetter } from '../../../functions/redrive/redrives.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';

const asked: Asked = { filter: { reason: 'missing' }, parked: false, limit: 10_000, rate: 1000 };
const nothingYet: Progress = { received: 0, landed: 0, rejected: 0, refused: {}, done: false };
const foreign: TakenLetter = {
  ...{ identity: 'random-users.v1-0-1', run: null, at: 'stream', reason: 'bad_magic', field: null },
  ...{ payload: 'AAAA', attempts: 1 },
};

interface World {
  /** Letters that land, die again or are refused, in their order. */
  readonly letters?: readonly ('land' | 'die' | 'foreign')[];
  readonly uncovered?: number;
  readonly stream?: StreamState;
  /** Pages for which there is time. */
  readonly pages?: number;
  /** Milliseconds that a page takes. */
  readonly pageMs?: number;
}

/** Letters in memory, with the promises of the port: what is taken is not taken again, progress is kept by run. */
function worldOf({ letters = [], uncovered = 0, stream = 'running', pages = 100, pageMs = 0 }: World) {
  const log: string[] = [];
  const runs = new Map<string, { asked: Asked; progress: Progress; after: number }>();
  let [clock, begun] = [1_000_000, 0];
  const redrives: Redrives = {
    stream: async () => stream,
    find: async () => [{ at: 'source', reason: 'missing', count: letters.length, foreign: 0 }],
    sample: async (_pipeline, _asked, count) => Array(Math.min(count, letters.length)).fill(foreign),
    async begin(_pipeline, run, who, of) {
      log.push(`begin ${run} by ${who}`);
      runs.set(run, { asked: of, progress: nothingYet, after: 0 });
      return { run, asked: of, progress: nothingYet };
    },
    async resume(_pipeline, run) {
      const found = runs.get(run);
      return found && { run, ...found };
    },
    async page(_pipeline, name, { size, left }) {
      const run = runs.get(name) as NonNullable<ReturnType<(typeof runs)['get']>>;
      const count = Math.min(size, left);
      const taken = letters.slice(run.after, run.after + count);
      const of = (what: string) => taken.filter((letter) => letter === what).length;
      const { received, landed, rejected, refused } = run.progress;
      run.progress = {
        received: received + taken.length - of('foreign'),
        landed: landed + of('land'),
        rejected: rejected + of('die'),
        refused: of('foreign') === 0 ? refused : { foreign: (refused.foreign ?? 0) + of('foreign') },
        done: taken.length < count || taken.length >= left,
      };
      run.after += taken.length;
      clock += pageMs;
      log.push(`page ${taken.length}`);
      return { taken: taken.length, landed: of('land'), progress: run.progress };
    },
  };
  const ports: RedrivePorts = {
    redrives,
    landing: { uncovered: async () => uncovered },
    steps: { wake: async (step, event) => void log.push(`wake ${step} ${JSON.stringify(event)}`) },
    hasTime: () => {
      begun += 1;
      return begun <= pages;
    },
    now: () => clock,
    sleep: async (ms) => {
      log.push(`sleep ${ms}`);
      clock += ms;
    },
    newRun: () => 'redrive:a',
  };
  const haveTime = (more: number) => {
    pages = begun + more;
  };
  return { ports, log, haveTime };
}

const many = (count: number, what: 'land' | 'die' | 'foreign' = 'land') => Array(count).fill(what);
const wake = 'wake relay {"pipeline":"random-users"}';

describe('A dry run', () => {
  it('says how many there are, shows some with what would become of them, and changes nothing', async () => {
    const { ports, log } = worldOf({ letters: many(7), stream: 'stopped' });
    expect(await previewRedrive(ports, randomUsers, asked)).toEqual({
      ...{ dryRun: true, stream: 'stopped', letters: 7 },
      found: [{ at: 'source', reason: 'missing', count: 7, foreign: 0 }],
      sample: Array(5).fill({ ...foreign, again: { do: 'refuse', because: 'foreign' } }),
    });
    expect(log).toEqual([]);
  });

  it('never promises more than the limit', async () => {
    const { ports } = worldOf({ letters: many(7) });
    const { letters, sample } = await previewRedrive(ports, randomUsers, { ...asked, limit: 3 });
    expect([letters, sample.length]).toEqual([3, 3]);
  });
});

describe('A redrive', () => {
  const begin = (world: ReturnType<typeof worldOf>, of: Partial<Asked> = {}) =>
    beginRedrive(world.ports, randomUsers, 'somebody', { ...asked, ...of });

  it('takes page after page, and wakes the relay after each that landed something', async () => {
    const world = worldOf({ letters: [...many(1000), ...many(1000, 'die'), ...many(3, 'foreign')], pageMs: 1000 });
    expect(await begin(world)).toEqual({
      ...{ dryRun: false, run: 'redrive:a', stream: 'running', cursor: null, done: true },
      ...{ received: 2000, landed: 1000, rejected: 1000, refused: { foreign: 3 } },
    });
    const pages = ['page 1000', wake, 'sleep 0', 'page 1000', 'sleep 0', 'page 3'];
    expect(world.log).toEqual(['begin redrive:a by somebody', ...pages]);
  });

  it.each([
    [10, 25, 400, ['page 10', wake, 'sleep 600', 'page 10', wake, 'sleep 600', 'page 5', wake]],
    [10, 25, 5000, ['page 10', wake, 'sleep 0', 'page 10', wake, 'sleep 0', 'page 5', wake]],
    [5000, 1500, 50, ['page 1000', wake, 'sleep 150', 'page 500', wake]],
  ])('keeps to %i a second with %i letters, when a page takes %i ms', async (rate, count, pageMs, expected) => {
    const world = worldOf({ letters: many(count), pageMs });
    await begin(world, { rate });
    expect(world.log.slice(1)).toEqual(expected);
  });

  it.each([
    [1500, ['page 1000', 'page 500'], 1500],
    [1000, ['page 1000'], 1000],
    [3, ['page 3'], 3],
  ])('takes no more than a limit of %i, what it refuses counted', async (limit, pages, taken) => {
    const world = worldOf({ letters: [...many(2, 'foreign'), ...many(3000)] });
    const { received, refused, done } = await begin(world, { limit });
    expect([received + (refused.foreign ?? 0), done]).toEqual([taken, true]);
    expect(world.log.filter((line) => line.startsWith('page'))).toEqual(pages);
  });

  it('answers with a cursor when the time runs out, and goes on from there', async () => {
    const world = worldOf({ letters: many(2500), pages: 1 });
    const first = await begin(world);
    expect(first).toMatchObject({ done: false, received: 1000, cursor: 'redrive:a' });
    world.haveTime(9);
    const last = await resumeRedrive(world.ports, randomUsers, first.cursor ?? '');
    expect(last).toMatchObject({ done: true, received: 2500, cursor: null });
    expect(world.log.filter((line) => line.startsWith('page'))).toEqual(['page 1000', 'page 1000', 'page 500']);
  });

  it('of nothing is over at once', async () => {
    const world = worldOf({});
    expect(await begin(world)).toMatchObject({ done: true, received: 0 });
    expect(world.log).toEqual(['begin redrive:a by somebody', 'page 0']);
  });

  it.each<StreamState>(['stopped', 'data_loss'])('lands while the stream is %s, and says so', async (stream) => {
    expect(await begin(worldOf({ letters: many(1), stream }))).toMatchObject({ stream, landed: 1, done: true });
  });

  it('is put off, and has not begun, while the path is full', async () => {
    const world = worldOf({ letters: many(1), uncovered: 500_000 });
    await expect(begin(world)).rejects.toMatchObject({ code: 'backpressure', retriable: true });
    expect(world.log).toEqual([]);
  });

  it('that never began cannot go on', async () => {
    const { ports } = worldOf({});
    await expect(resumeRedrive(ports, randomUsers, 'redrive:b')).rejects.toMatchObject({ code: 'bad_request' });
  });
});

describe('Rows of landing', () => {
  const world = (landed: number, uncovered = 0) => {
    const log: unknown[] = [];
    const ports = {
      landing: { uncovered: async () => uncovered },
      steps: { wake: async (step: string, event: object) => void log.push([step, event]) },
      newRun: () => 'redrive:a',
      landRows: async (rows: object) => {
        log.push(rows);
        return landed;
      },
    };
    return { log, answer: () => redriveRows(ports, randomUsers, 'somebody', [7, 9]) };
  };

  it('land as a run of their own, and the relay is woken for them', async () => {
    const { log, answer } = world(2);
    expect(await answer()).toEqual({ dryRun: false, run: 'redrive:a', landed: 2 });
    expect(log).toEqual([
      { pipeline: 'random-users', run: 'redrive:a', who: 'somebody', seqs: [7, 9], keyOf: expect.any(Function) },
      ['relay', { pipeline: 'random-users' }],
    ]);
  });

  it('that landing keeps no more wake nobody', async () => {
    const { log, answer } = world(0);
    expect(await answer()).toMatchObject({ landed: 0 });
    expect(log).toHaveLength(1);
  });

  it('wait where the path is full', async () => {
    const { log, answer } = world(2, 500_000);
    await expect(answer()).rejects.toThrow(/backpressure: expected fewer than 500000 records/);
    expect(log).toEqual([]);
  });
});
