import type { JobMode, JobState, Jobs } from '../../../functions/ports.ts';
import type { Generation } from '../../../functions/supervise/decide.ts';
import type { Generations, SupervisePorts } from '../../../functions/supervise/supervise.ts';
import type { Supervised } from '../../../functions/supervise/survey.ts';
import { measuring } from '../measuring.ts';

/** PostgreSQL, Kafka and EMR in memory; `states` is what became of each job run. */
export function setUp(pipelines: Partial<Supervised>[] = [{}]) {
  const rows: (Generation & { state: string })[] = [];
  const known: Supervised[] = pipelines.map((each) => ({
    ...{
      name: 'random-users',
      desired: 'running',
      dataLoss: null,
      prefixes: new Map([[0, 7]]),
      published: 8,
      unpublishedAge: 0,
    },
    ...each,
  }));
  const states = new Map<string, JobState>();
  const started: { clientToken: string; mode: JobMode; arguments: readonly string[] }[] = [];
  const cancelled: string[] = [];
  const waited = { sinceProgress: 0, underActive: 0 };
  const measures = measuring();
  const held: { until: Date | null } = { until: null };
  const opened: { seconds: number | null } = { seconds: null };
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
    sinceOpened: async () => opened.seconds,
    open: async (version, mode, startingOffsets) =>
      void rows.push({ generation: rows.length + 1, version, mode, startingOffsets, jobRun: null, state: 'starting' }),
    started: async (generation, jobRun) => change(generation, { jobRun }),
    mark: async (generation, state) => change(generation, { state }),
    lose: async (pipeline, dataLoss) => {
      const index = known.findIndex(({ name }) => name === pipeline);
      known[index] = { ...(known[index] as Supervised), dataLoss };
    },
    waiting: async (_pipeline, absorbed, isCaughtUp) => {
      asked.push([absorbed, isCaughtUp]);
      return waited;
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
    hold: { until: async () => held.until },
    measure: measures.measure,
    now: () => Date.parse('2026-11-24T17:00:00Z'),
    oldCheckpoints: {
      async removeBefore(generation) {
        removedBefore.push(generation);
        return [];
      },
    },
    topic: { send: async () => new Map(), offsets: async () => [offsets] },
    defined: ['random-users'],
    tables: { 'random-users': ['users'] },
    version: 'v1',
    mode: 'streaming',
    everySeconds: 900,
    trigger: undefined,
    stage: 'test',
    manifest: '/artifacts',
    checkpoints: '/checkpoints',
  };
  const fakes = { rows, known, states, started, cancelled, offsets, waited, asked, removedBefore, held, opened };
  return { ports, ...fakes, taken: measures.taken };
}
