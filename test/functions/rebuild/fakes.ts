import type { JobState } from '../../../functions/ports.ts';
import type { Era } from '../../../functions/rebuild/lacking.ts';
import type { RebuildPorts } from '../../../functions/rebuild/rebuild.ts';
import type { OutOfReach, Rebuild } from '../../../functions/rebuild/rebuilds.ts';
import type { Loss } from '../../../functions/supervise/orders.ts';

/** PostgreSQL, Kafka, Cassandra and EMR in memory: a table that lacks the offsets [2, 9) of the only partition. */
export function setUp() {
  const world = {
    loss: null as Loss | null | undefined,
    eras: [
      { starts: { 0: 9 }, hasTable: true },
      { starts: { 0: 0 }, hasTable: false },
    ] as Era[],
    isThere: true,
    written: [] as (number | null)[],
    oldestSince: 100 as number | null,
    outOfReach: { count: 0, instants: [], others: 0 } as OutOfReach,
    low: 2,
    tablesTake: undefined as number | undefined,
    held: null as Date | null,
    job: { state: 'RUNNING' as JobState, detail: '' },
    looks: 0,
  };
  const rebuilds: Rebuild[] = [];
  const started: { clientToken: string; mode: string; arguments: readonly string[] }[] = [];
  const woken: [string, object][] = [];
  const change = (id: number, by: Partial<Rebuild>) => {
    rebuilds[id - 1] = { ...(rebuilds[id - 1] as Rebuild), ...by };
  };
  const ports = (): RebuildPorts => ({
    rebuilds: {
      loss: async () => world.loss,
      eras: async () => world.eras,
      newest: async (_pipeline, table) => rebuilds.findLast((each) => each.table === table),
      find: async (id) => rebuilds[id - 1],
      oldestSince: async () => world.oldestSince,
      outOfReach: async () => world.outOfReach,
      async begin(asked) {
        const total = Object.values(asked.ranges).reduce((sum, [from, until]) => sum + until - from, 0);
        const nothing = { replayed: 0, stored: 0, dead: 0, expired: 0 };
        const state = total === 0 ? 'done' : 'running';
        rebuilds.push({ ...asked, ...nothing, id: rebuilds.length + 1, total, jobRun: null, state, reason: null });
        return rebuilds.at(-1) as Rebuild;
      },
      started: async (id, jobRun) => change(id, { jobRun }),
      end: async (id, state, reason) => change(id, { state, reason }),
    },
    rows: { exists: async () => world.isThere, written: async () => world.written },
    topic: { offsets: async () => [{ partition: 0, low: world.low, high: 20 }] },
    jobs: {
      async start(job) {
        started.push(job);
        return `run-of-${job.clientToken}`;
      },
      state: async () => world.job,
    },
    hold: { until: async () => world.held },
    steps: { wake: async (step, event) => void woken.push([step, event]) },
    stage: 'test',
    manifest: '/artifacts',
    now: () => Date.parse('2026-11-24T17:00:00Z'),
    tablesTake: world.tablesTake,
    sleep: async () => undefined,
    hasTime: () => world.looks-- > 0,
  });
  return { world, ports, rebuilds, started, change, woken };
}
