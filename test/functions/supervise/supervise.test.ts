import { describe, expect, it } from 'vitest';
import type { JobState, Jobs } from '../../../functions/ports.ts';
import type { Generation } from '../../../functions/supervise/decide.ts';
import {
  type Generations,
  type Supervised,
  type SupervisePorts,
  supervise,
} from '../../../functions/supervise/supervise.ts';

/** PostgreSQL, Kafka and EMR in memory; `states` is what became of each job run. */
function setUp(pipelines: Partial<Supervised>[] = [{}]) {
  const rows: (Generation & { state: string })[] = [];
  const known: Supervised[] = pipelines.map((each) => ({
    ...{ name: 'random-users', desired: 'running', dataLoss: null, prefixes: new Map([[0, 7]]) },
    ...each,
  }));
  const states = new Map<string, JobState>();
  const started: { clientToken: string; arguments: readonly string[] }[] = [];
  const cancelled: string[] = [];
  const waited = { seconds: 0 };
  const asked: [number, boolean][] = [];
  const removedBefore: number[] = [];
  const change = (generation: number, by: object) => {
    rows.forEach((row, index) => {
      if (row.generation === generation) rows[index] = { ...row, ...by };
    });
  };
  const generations: Generations = {
    alone: (work) => work(),
    pipelines: async () => known,
    active: async () => rows.find(({ state }) => state !== 'ended') ?? null,
    open: async (version, startingOffsets) =>
      void rows.push({ generation: rows.length + 1, version, startingOffsets, jobRun: null, state: 'starting' }),
    started: async (generation, jobRun) => change(generation, { jobRun }),
    mark: async (generation, state) => change(generation, { state }),
    lose: async (pipeline, dataLoss) => {
      const index = known.findIndex(({ name }) => name === pipeline);
      known[index] = { ...(known[index] as Supervised), dataLoss };
    },
    waiting: async (_pipeline, absorbed, isCaughtUp) => {
      asked.push([absorbed, isCaughtUp]);
      return waited.seconds;
    },
  };
  const jobs: Jobs = {
    async start(job) {
      started.push(job);
      states.set(job.clientToken, 'RUNNING');
      return job.clientToken;
    },
    state: async (jobRun) => ({ state: states.get(jobRun) ?? 'UNKNOWN', detail: '' }),
    async cancel(jobRun) {
      cancelled.push(jobRun);
      states.set(jobRun, 'CANCELLING');
    },
  };
  const offsets = { partition: 0, low: 0, high: 9 };
  const ports: SupervisePorts = {
    generations,
    jobs,
    oldCheckpoints: {
      async removeBefore(generation) {
        removedBefore.push(generation);
        return [];
      },
    },
    topic: { send: async () => new Map(), offsets: async () => [offsets] },
    defined: ['random-users'],
    version: 'v1',
    stage: 'test',
    manifest: '/artifacts',
    checkpoints: '/checkpoints',
  };
  return { ports, rows, known, states, started, cancelled, offsets, waited, asked, removedBefore };
}

describe('supervise', () => {
  it('starts the first generation where the tables end', async () => {
    const { ports, started, rows } = setUp();
    expect(await supervise(ports)).toMatchObject({
      generation: 1,
      did: ['open', 'start', 'keep'],
      hosted: ['random-users'],
    });
    expect(started).toHaveLength(1);
    expect(started[0]?.arguments.join(' ')).toBe(
      '--manifest /artifacts --generation 1 --offsets {"random-users":{"0":7}} --checkpoints /checkpoints --mode streaming',
    );
    expect(rows[0]?.state).toBe('running');
  });

  it('leaves a running one alone', async () => {
    const { ports, started } = setUp();
    await supervise(ports);
    expect(await supervise(ports)).toMatchObject({ did: ['keep'], generation: 1 });
    expect(started).toHaveLength(1);
  });

  it('replaces a failed one at once', async () => {
    const { ports, states } = setUp();
    await supervise(ports);
    states.set('millrace-test-1', 'FAILED');
    expect(await supervise(ports)).toMatchObject({ generation: 2, did: ['end: FAILED', 'open', 'start', 'keep'] });
  });

  it('cancels another version with grace, and starts the next generation when it is gone', async () => {
    const { ports, states, cancelled } = setUp();
    await supervise(ports);
    const next = { ...ports, version: 'v2' };
    expect(await supervise(next)).toMatchObject({ generation: 1, did: ['cancel: version v2 replaces v1'] });
    expect(cancelled).toEqual(['millrace-test-1']);
    expect(await supervise(next)).toMatchObject({ did: ['leave: cancelling'] });
    states.set('millrace-test-1', 'CANCELLED');
    expect(await supervise(next)).toMatchObject({ generation: 2 });
  });

  it('asks again with the same token when it died between start and the note of it', async () => {
    const { ports, started, rows } = setUp();
    const forgetful = { ...ports.generations, started: () => Promise.reject(new Error('killed')) };
    await expect(supervise({ ...ports, generations: forgetful })).rejects.toThrow('killed');
    await supervise(ports);
    expect(started.map(({ clientToken }) => clientToken)).toEqual(['millrace-test-1', 'millrace-test-1']);
    expect(rows).toHaveLength(1);
  });

  it('replaces a job that does nothing', async () => {
    const { ports, waited, cancelled, asked } = setUp();
    await supervise(ports);
    waited.seconds = 299;
    expect(await supervise(ports)).toMatchObject({ did: ['keep'] });
    waited.seconds = 301;
    expect(await supervise(ports)).toMatchObject({ did: ['cancel: random-users absorbed nothing for too long'] });
    expect(cancelled).toEqual(['millrace-test-1']);
    expect(asked.at(-1)).toEqual([7, false]);
  });

  it('knows when the tables are where the topic ends', async () => {
    const { ports, asked, offsets } = setUp();
    offsets.high = 7;
    await supervise(ports);
    expect(asked.at(-1)).toEqual([7, true]);
  });

  it('removes checkpoints of earlier generations, never before the job runs that made them useless', async () => {
    const { ports, states, removedBefore } = setUp();
    await supervise(ports);
    states.set('millrace-test-1', 'PENDING');
    await supervise(ports);
    expect(removedBefore).toEqual([1]);
    states.set('millrace-test-1', 'FAILED');
    await supervise(ports);
    expect(removedBefore).toEqual([1, 2]);
  });

  it('hosts nothing of a pipeline that an operator stopped', async () => {
    const { ports, started } = setUp([{ desired: 'stopped' }]);
    expect(await supervise(ports)).toMatchObject({ hosted: [], leftOut: [{ reason: 'stopped by an operator' }] });
    expect(started).toHaveLength(0);
  });

  it('stops a pipeline whose uncovered offsets are gone, and names the hole', async () => {
    const { ports, known, offsets, cancelled } = setUp();
    await supervise(ports);
    offsets.low = 8;
    expect(await supervise(ports)).toMatchObject({ hosted: [], did: ['cancel: to host no longer random-users'] });
    expect(cancelled).toHaveLength(1);
    expect(known[0]?.dataLoss).toEqual({ reason: 'expired', holes: [{ partition: 0, from: 7, until: 8 }] });
  });

  it('passes over pipelines of another version of the code', async () => {
    const { ports } = setUp([{}, { name: 'from-the-future' }]);
    expect(await supervise(ports)).toMatchObject({ hosted: ['random-users'], leftOut: [] });
  });

  it('leaves at once when somebody else supervises', async () => {
    const { ports } = setUp();
    const generations = { ...ports.generations, alone: async () => 'busy' as const };
    expect(await supervise({ ...ports, generations })).toMatchObject({ busy: true, did: [] });
  });
});
