import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { postgresOutbox } from '../../functions/adapters/postgres/relay.ts';
import { postgresLanding } from '../../functions/adapters/postgres/runs.ts';
import type { LandedRow, Landing, RunPlan } from '../../functions/ports.ts';
import type { Outbox, Turn } from '../../functions/relay/outbox.ts';
import { pageOf, run } from '../functions/adapters/postgres/pages-to-land.ts';
import { startPostgres } from '../functions/adapters/postgres/started-postgres.ts';
import { type Adapter, type Cases, contract } from './contract.ts';

/** Both ends of landing: what extract puts in, the relay takes out. */
interface LandingUnderTest {
  readonly landing: Landing;
  readonly outbox: Outbox;
  /** What prepare does for a new pipeline. */
  addPipeline(name: string, firstInstant: Date): Promise<void>;
}

const anyLeave = expect.any(Function);
const instant = new Date(run);
const plan: RunPlan = { source: 'live', requested: 300, pageSize: 100, pages: 3 };
const limit = { rows: 1000, bytes: 10_000_000 };

const rejected = {
  identity: '1795540620000007',
  run,
  at: 'source' as const,
  reason: 'missing',
  field: 'email',
  payload: { email: null },
};

async function prepared({ addPipeline }: LandingUnderTest): Promise<string> {
  const name = `pipeline-${randomUUID()}`;
  await addPipeline(name, instant);
  return name;
}

function turn<T>({ outbox }: LandingUnderTest, pipeline: string, work: (turn: Turn) => Promise<T>) {
  return outbox.inTurn(pipeline, work);
}
const waiting = async (port: LandingUnderTest, pipeline: string, bounds = limit) =>
  (await turn(port, pipeline, (one) => one.read(bounds))) as readonly LandedRow[];
const withoutSeq = ({ seq: _, run: __, ...row }: LandedRow) => row;

const pages: Cases<LandingUnderTest> = {
  'gives the relay the rows of a page as they landed, in their order': async (port) => {
    const pipeline = await prepared(port);
    const page = pageOf(pipeline, 1);
    expect(await port.landing.landPage(page)).toEqual({ landed: 100, rejected: 0 });
    const rows = await waiting(port, pipeline);
    expect(rows.map(withoutSeq)).toEqual(page.rows);
    expect(rows.every(({ run: of }) => of === run)).toBe(true);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map(({ seq }) => seq).sort((a, b) => a - b));
  },
  'takes a page once': async (port) => {
    const pipeline = await prepared(port);
    await port.landing.landPage(pageOf(pipeline, 1));
    const before = await waiting(port, pipeline);
    expect(await port.landing.landPage(pageOf(pipeline, 1))).toBe('present');
    expect(await waiting(port, pipeline)).toEqual(before);
  },
  'takes a page once from eight callers at a time': async (port) => {
    const pipeline = await prepared(port);
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => port.landing.landPage(pageOf(pipeline, 1))));
    expect(outcomes.filter((outcome) => outcome !== 'present')).toHaveLength(1);
    expect(await waiting(port, pipeline)).toHaveLength(100);
  },
  'keeps nothing of a page that fails half way': async (port) => {
    const pipeline = await prepared(port);
    const page = pageOf(pipeline, 1, { rejected: [{ ...rejected, at: 'nowhere' as 'source' }] });
    await expect(port.landing.landPage(page)).rejects.toThrow();
    expect(await waiting(port, pipeline)).toEqual([]);
    expect(await port.landing.landPage(pageOf(pipeline, 1))).toEqual({ landed: 100, rejected: 0 });
  },
};

const runs: Cases<LandingUnderTest> = {
  'keeps the plan of a run that came first': async ({ landing }) => {
    const pipeline = randomUUID();
    const opened = { ...plan, closed: false, created: true, pagesLanded: [], lastLanded: false };
    expect(await landing.openRun(pipeline, run, instant, plan)).toEqual(opened);
    const other = { ...plan, requested: 7, pages: 1 };
    expect(await landing.openRun(pipeline, run, instant, other)).toMatchObject({ ...plan, created: false });
  },
  'says which pages of a run are there': async ({ landing }) => {
    const pipeline = randomUUID();
    await landing.openRun(pipeline, run, instant, plan);
    for (const page of [3, 1]) await landing.landPage(pageOf(pipeline, page));
    const { pagesLanded } = await landing.openRun(pipeline, run, instant, plan);
    expect([...pagesLanded].sort()).toEqual([1, 3]);
  },
  'closes a run with its last missing page, whatever the order, and only then': async ({ landing }) => {
    const pipeline = randomUUID();
    await landing.openRun(pipeline, run, instant, plan);
    for (const page of [3, 1]) await landing.landPage(pageOf(pipeline, page));
    expect(await landing.closeRun(pipeline, run)).toMatchObject({ pages: 2, landed: 200, closed: false });
    await landing.landPage(pageOf(pipeline, 2, { received: 101, rejected: [rejected] }));
    const totals = { received: 301, landed: 300, rejected: 1, pages: 3, closed: true };
    expect(await landing.closeRun(pipeline, run)).toEqual(totals);
    expect(await landing.openRun(pipeline, run, instant, plan)).toMatchObject({ closed: true });
  },
  'closes a run with an open plan by the page that is the last': async ({ landing }) => {
    const pipeline = randomUUID();
    await landing.openRun(pipeline, run, instant, { ...plan, pages: null });
    await landing.landPage(pageOf(pipeline, 1));
    expect(await landing.closeRun(pipeline, run)).toMatchObject({ closed: false });
    expect(await landing.openRun(pipeline, run, instant, plan)).toMatchObject({ pages: null, lastLanded: false });
    await landing.landPage(pageOf(pipeline, 2, { last: true }));
    expect(await landing.openRun(pipeline, run, instant, plan)).toMatchObject({ closed: false, lastLanded: true });
    expect(await landing.closeRun(pipeline, run)).toMatchObject({ closed: true });
  },
  'lets so many runs of a pipeline work at once, and leaves room for those of others': async ({ landing }) => {
    const [one, other] = [randomUUID(), randomUUID()];
    const [leave, second] = [await landing.enter(one, 2), await landing.enter(one, 2)];
    expect([leave, second, await landing.enter(one, 2)]).toEqual([anyLeave, anyLeave, undefined]);
    const leaveOther = await landing.enter(other, 2);
    await leave?.();
    const again = await landing.enter(one, 2);
    expect([leaveOther, again]).toEqual([anyLeave, anyLeave]);
    await Promise.all([second, leaveOther, again].map((left) => left?.()));
  },
  'lists a closed run within its interval, the end left out': async ({ landing }) => {
    const pipeline = randomUUID();
    await landing.openRun(pipeline, run, instant, { ...plan, pages: 1 });
    await landing.landPage(pageOf(pipeline, 1));
    await landing.closeRun(pipeline, run);
    const later = new Date(instant.getTime() + 1);
    expect(await landing.closedRuns(pipeline, instant, later)).toEqual(new Set([run]));
    expect(await landing.closedRuns(pipeline, later, new Date())).toEqual(new Set());
    expect(await landing.closedRuns(pipeline, new Date(0), instant)).toEqual(new Set());
  },
  'knows a pipeline’s first instant after prepare': async (port) => {
    expect(await port.landing.firstInstant(randomUUID())).toBeNull();
    expect(await port.landing.firstInstant(await prepared(port))).toEqual(instant);
  },
  'counts what the live source gave of late, and nothing of the sample': async ({ landing }) => {
    for (const [source, expected] of [
      ['live', 100],
      ['sample', 0],
    ] as const) {
      const pipeline = randomUUID();
      await landing.openRun(pipeline, run, instant, { ...plan, source });
      await landing.landPage(pageOf(pipeline, 1));
      expect(await landing.receivedLive(pipeline, 300)).toBe(expected);
      expect(await landing.receivedLive(pipeline, 0)).toBe(0);
    }
  },
  'counts what the relay has not sent, up to a limit': async (port) => {
    const pipeline = await prepared(port);
    await port.landing.landPage(pageOf(pipeline, 1));
    expect(await port.landing.uncovered(pipeline, 500)).toBe(100);
    expect(await port.landing.uncovered(pipeline, 30)).toBe(30);
  },
};

const outbox: Cases<LandingUnderTest> = {
  'shows the relay no row of another pipeline': async (port) => {
    const [one, other] = [await prepared(port), await prepared(port)];
    await port.landing.landPage(pageOf(one, 1));
    expect(await waiting(port, other)).toEqual([]);
    expect([await port.outbox.hasRows(one), await port.outbox.hasRows(other)]).toEqual([true, false]);
  },
  'limits a batch by rows and by bytes, but always gives one': async (port) => {
    const pipeline = await prepared(port);
    const rows = [1, 2, 3, 4, 5].map((n) => ({ origin: n, version: n, payload: { text: 'x'.repeat(1000) } }));
    await port.landing.landPage(pageOf(pipeline, 1, { rows }));
    expect(await waiting(port, pipeline, { rows: 2, bytes: 1_000_000 })).toHaveLength(2);
    expect(await waiting(port, pipeline, { rows: 100, bytes: 2000 })).toHaveLength(2);
    expect(await waiting(port, pipeline, { rows: 100, bytes: 1 })).toHaveLength(1);
  },
  'goes on after the position that a turn left': async (port) => {
    const pipeline = await prepared(port);
    await port.landing.landPage(pageOf(pipeline, 1));
    const all = await waiting(port, pipeline);
    const position = { seq: all[39]?.seq ?? 0, ends: [40, 0, 0] };
    await turn(port, pipeline, (one) => one.advance(position, [{ run, partition: 0, from: 0, until: 40 }]));
    expect(await turn(port, pipeline, async (one) => one.position)).toEqual(position);
    expect(await waiting(port, pipeline)).toEqual(all.slice(40));
    expect(await port.landing.uncovered(pipeline, 500)).toBe(100);
  },
  'changes nothing by a turn that fails': async (port) => {
    const pipeline = await prepared(port);
    await port.landing.landPage(pageOf(pipeline, 1));
    const failing = turn(port, pipeline, async (one) => {
      await one.advance({ seq: 1e9, ends: [1] }, [{ run, partition: 0, from: 0, until: 1 }]);
      throw new Error('killed');
    });
    await expect(failing).rejects.toThrow('killed');
    expect(await turn(port, pipeline, async (one) => one.position)).toEqual({ seq: 0, ends: [] });
    expect(await waiting(port, pipeline)).toHaveLength(100);
  },
  'lets one relay in at a time, and tells the other at once': async (port) => {
    const [pipeline, other] = [await prepared(port), await prepared(port)];
    const inside = turn(port, pipeline, async () => [
      await turn(port, pipeline, async () => 'inside'),
      await turn(port, other, async () => 'inside'),
    ]);
    expect(await inside).toEqual(['busy', 'inside']);
  },
  'says that a pipeline was never prepared': async (port) => {
    await expect(turn(port, randomUUID(), async () => 1)).rejects.toThrow('run prepare first');
  },
  'hides no row from a relay that follows eight writers': async (port) => {
    const pipeline = await prepared(port);
    let isWriting = true;
    const write = async (writer: number) => {
      for (let page = 1; page <= 10; page += 1)
        await port.landing.landPage(pageOf(pipeline, page, { run: `writer ${writer}` }));
    };
    const follow = async () => {
      for (let seen = 0, isLast = false; ; isLast = !isWriting) {
        const rows = await waiting(port, pipeline);
        const seq = rows.at(-1)?.seq;
        if (seq !== undefined) await turn(port, pipeline, (one) => one.advance({ seq, ends: [] }, []));
        seen += rows.length;
        if (isLast && rows.length === 0) return seen;
      }
    };
    const following = follow();
    await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
    isWriting = false;
    expect(await following).toBe(8 * 10 * 100);
  },
};

const postgresql: Adapter<LandingUnderTest> = {
  name: 'PostgreSQL',
  open: async () => {
    const { database, stop } = await startPostgres();
    const addPipeline = async (name: string, firstInstant: Date) => {
      await database.query('insert into relay_position (pipeline) values ($1)', [name]);
      await database.query('insert into pipelines (name, first_instant) values ($1, $2)', [name, firstInstant]);
    };
    return { port: { landing: postgresLanding(database), outbox: postgresOutbox(database), addPipeline }, close: stop };
  },
};

contract({ ...pages, ...runs, ...outbox }, [postgresql]);
