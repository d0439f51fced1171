import { beforeEach, describe, expect, it } from 'vitest';
import { extract } from '../../../functions/extract/extract.ts';
import { missingPages, type Wanted } from '../../../functions/extract/plan.ts';
import type { SourcePage } from '../../../functions/ports.ts';
import type { Definition, PageAsk } from '../../../streaming/definition.ts';
import { PipelineError } from '../../../streaming/errors.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { samplePage } from '../../../streaming/pipelines/random-users/sample.ts';
import { unmeasured } from '../measuring.ts';
import { fakeLanding } from './fake-landing.ts';

const pipeline = { ...randomUsers, source: { ...randomUsers.source, maxPage: 10, quota: { records: 50, per: '5m' } } };
const instant = new Date('2026-11-24T17:00:00Z');
const run = '2026-11-24T17:00:00Z';
const micros = instant.getTime() * 1000;
const bad = (record: unknown) => ({ ...(record as object), login: {} });

let world: ReturnType<typeof fakeLanding>;
let asks: PageAsk[];
let wakes: [string, object][];
let remainingMs: number[];
let answer: (ask: PageAsk) => SourcePage;

beforeEach(() => {
  world = fakeLanding();
  asks = [];
  wakes = [];
  remainingMs = [];
  answer = (ask) => ({ records: samplePage(ask), last: false });
});

function call(wanted: Wanted = {}, definition: Definition = pipeline) {
  const fetchPage = async (_pipeline: unknown, ask: PageAsk) => {
    asks.push(ask);
    return answer(ask);
  };
  const ports = {
    landing: world.landing,
    steps: { wake: async (step: string, event: object) => void wakes.push([step, event]) },
    sourceFor: () => ({ fetchPage }),
    usualSource: 'sample',
    remainingMs: () => remainingMs.shift() ?? 300_000,
    measure: unmeasured,
  };
  return extract(ports, definition, instant, wanted);
}

describe('A run', () => {
  it('lands every page of its plan, wakes relay after each and is closed', async () => {
    const plan = { run, source: 'sample', requested: 30, received: 30, landed: 30, rejected: 0, pages: 3 };
    expect(await call({ records: 30 })).toEqual({ ...plan, closed: true, adopted: false, done: true });
    expect(asks.map(({ page, size }) => [page, size])).toEqual([
      [1, 10],
      [2, 10],
      [3, 10],
    ]);
    expect(wakes).toEqual(Array(3).fill(['relay', { pipeline: 'random-users' }]));
  });

  it('asks with a seed that an address can hold and that names the instant', async () => {
    await call({ records: 10 });
    expect(asks[0]?.seed).toBe('millrace-random-users-20261124T170000Z');
  });

  it('takes its size from the schedule when nobody says another', async () => {
    expect(await call()).toMatchObject({ requested: 100, pages: 10, source: 'sample' });
  });

  it('numbers its records through all pages, and their versions are their origins', async () => {
    await call({ records: 30 });
    const rows = world.pagesOf(run).flatMap((page) => page.rows);
    expect(rows.map(({ origin }) => origin - micros)).toEqual(Array.from({ length: 30 }, (_, ordinal) => ordinal));
    expect(rows.every(({ origin, version }) => origin === version)).toBe(true);
  });

  it('of a size that is no multiple of its pages keeps just as many records as it was asked for', async () => {
    expect(await call({ records: 25 })).toMatchObject({ received: 25, landed: 25, pages: 3 });
    expect(asks.map(({ size }) => size)).toEqual([9, 9, 9]);
    const origins = world.pagesOf(run).flatMap((page) => page.rows.map(({ origin }) => origin));
    expect(new Set(origins).size).toBe(25);
  });

  it('turns bad records into dead letters and lets the good ones go on', async () => {
    answer = (ask) => ({ records: samplePage(ask).with(3, bad({})).with(7, 'nobody'), last: false });
    expect(await call({ records: 10 })).toMatchObject({ received: 10, landed: 8, rejected: 2, closed: true });
    const [page] = world.pagesOf(run);
    expect(page?.rejected).toMatchObject([
      { identity: String(micros + 3), run, at: 'source', reason: 'missing_key', field: 'user_id' },
      { identity: String(micros + 7), run, at: 'source', reason: 'not_an_object', field: null },
    ]);
  });

  it('does not wake relay for a page that is all bad', async () => {
    answer = (ask) => ({ records: samplePage(ask).map(bad), last: false });
    expect(await call({ records: 10 })).toMatchObject({ landed: 0, rejected: 10, closed: true });
    expect(wakes).toEqual([]);
  });

  it('lands nothing of the forbidden fields, in rows or in dead letters', async () => {
    answer = (ask) => ({ records: samplePage(ask).with(0, bad(samplePage(ask)[0])), last: false });
    await call({ records: 10 });
    const raw = JSON.stringify(samplePage(asks[0] as PageAsk));
    const landed = JSON.stringify(world.pagesOf(run));
    for (const forbidden of ['password', 'salt', 'md5', 'sha1', 'sha256', 'cell', 'coordinates', 'id']) {
      expect(raw).toContain(`"${forbidden}"`);
      expect(landed).not.toContain(`"${forbidden}"`);
    }
  });
});

describe('A run that is triggered again', () => {
  it('changes nothing and asks for nothing when it is closed', async () => {
    const first = await call({ records: 20 });
    asks = [];
    expect(await call()).toEqual({ ...first, adopted: true });
    expect(asks).toEqual([]);
  });

  it('completes only the pages that are missing', async () => {
    answer = (ask) => {
      if (ask.page === 3) throw new PipelineError('cut', { code: 'source_unreachable', at: 'source', retriable: true });
      return { records: samplePage(ask), last: false };
    };
    await expect(call({ records: 40 })).rejects.toMatchObject({ code: 'source_unreachable' });
    const before = world.pagesOf(run);
    asks = [];
    answer = (ask) => ({ records: samplePage(ask), last: false });
    expect(await call()).toMatchObject({ adopted: true, requested: 40, received: 40, closed: true });
    expect(asks.map(({ page }) => page)).toEqual([3, 4]);
    expect(world.pagesOf(run).slice(0, 2)).toEqual(before);
  });

  it.each<[string, Wanted]>([
    ['nothing', {}],
    ['the same size', { records: 20 }],
    ['the same source', { source: 'sample' }],
  ])('adopts the stored plan when it names %s', async (_name, wanted) => {
    await call({ records: 20 });
    expect(await call(wanted)).toMatchObject({ adopted: true, requested: 20 });
  });

  it.each<[string, Wanted, RegExp]>([
    ['size', { records: 30 }, /\(sample, 20 records, 2 pages\), got sample, 30 records/],
    ['source', { source: 'live' }, /\(sample, 20 records, 2 pages\), got live, 20 records/],
  ])('is refused with both plans when it names another %s', async (_name, wanted, message) => {
    await call({ records: 20 });
    await expect(call(wanted)).rejects.toMatchObject({
      code: 'plan_conflict',
      retriable: false,
      message: expect.stringMatching(message),
    });
  });
});

describe('A run is put off', () => {
  it('when too many records wait between landing and tables', async () => {
    world.load.uncovered = 500_000;
    await expect(call({ records: 10 })).rejects.toMatchObject({ code: 'backpressure', retriable: true });
    expect(asks).toEqual([]);
  });

  it.each([
    ['live', 41, 'backpressure'],
    ['live', 40, 'closed'],
    ['sample', 41, 'closed'],
  ])('source %s gave %i of 50 records lately: %s', async (source, receivedLive, outcome) => {
    world.load.receivedLive = receivedLive;
    const ended = await call({ records: 10, source }).then(
      ({ closed }) => closed && 'closed',
      ({ code }) => code,
    );
    expect(ended).toBe(outcome);
  });

  it('when as many of its pipeline are at work as may be, and makes room when it ends', async () => {
    world.load.atWork = 2;
    await expect(call({ records: 10 })).rejects.toMatchObject({ code: 'backpressure', retriable: true });
    expect(asks).toEqual([]);
    world.load.atWork = 1;
    answer = () => Promise.reject(new Error('silent')) as never;
    await expect(call()).rejects.toThrow('silent');
    expect(world.load.atWork).toBe(1);
    answer = (ask) => ({ records: samplePage(ask), last: false });
    expect(await call()).toMatchObject({ closed: true });
    expect(world.load.atWork).toBe(1);
    world.load.atWork = 2;
    expect(await call()).toMatchObject({ adopted: true, closed: true });
  });

  it('and done by a later call', async () => {
    world.load.uncovered = 500_000;
    await expect(call({ records: 10 })).rejects.toThrow(/settle/);
    world.load.uncovered = 0;
    expect(await call()).toMatchObject({ adopted: true, requested: 10, closed: true });
  });

  it('when its time runs out: the pages so far stay, the next call goes on', async () => {
    remainingMs = [300_000, 300_000, 10_000];
    expect(await call({ records: 40 })).toMatchObject({ received: 20, pages: 2, closed: false, done: false });
    expect(await call()).toMatchObject({ received: 40, pages: 4, closed: true, done: true });
  });
});

describe('A run whose source decides how many records there are', () => {
  const windowed: Definition = { ...pipeline, source: { ...pipeline.source, paging: 'window' } };
  const whole: Definition = { ...pipeline, source: { ...pipeline.source, paging: 'whole' } };
  const counts = (...pages: readonly number[]) => {
    answer = (ask) => {
      const size = pages[ask.page - 1] ?? 0;
      return { records: samplePage({ ...ask, size }), last: size < ask.size };
    };
  };

  it('asks for the step of the schedule that ends with its instant', async () => {
    counts(3);
    await call({}, windowed);
    expect(asks).toMatchObject([{ page: 1, from: '2026-11-24T16:59:00.000Z', until: run.replace('Z', '.000Z') }]);
  });

  it.each([
    ['no record', [0], 0],
    ['less than a page', [7], 7],
    ['a page and a half', [10, 5], 15],
    ['two pages', [10, 10, 0], 20],
  ])('with %s is closed by the first page that is not full', async (_what, pages, received) => {
    counts(...pages);
    const plan = { requested: 0, received, landed: received, rejected: 0, pages: pages.length };
    expect(await call({}, windowed)).toMatchObject({ ...plan, closed: true, done: true });
    expect(asks).toHaveLength(pages.length);
  });

  it('has all of it in one answer that says it is whole', async () => {
    answer = (ask) => ({ records: samplePage(ask), last: true });
    expect(await call({}, whole)).toMatchObject({ received: 10, pages: 1, closed: true });
  });

  it('asks for nothing again when only its closing is left', async () => {
    counts(10, 5);
    const { closeRun } = world.landing;
    world.landing.closeRun = () => Promise.reject(new Error('killed'));
    await expect(call({}, windowed)).rejects.toThrow('killed');
    world.landing.closeRun = closeRun;
    asks = [];
    expect(await call({}, windowed)).toMatchObject({ received: 15, pages: 2, closed: true });
    expect(asks).toEqual([]);
  });

  it('leaves it to the other call that lands the same run which page is the last', async () => {
    counts(10, 10, 4);
    const { landPage } = world.landing;
    world.landing.landPage = async (page) => {
      if (page.page === 2) await landPage({ ...page, rows: page.rows.slice(0, 2), received: 2, last: true });
      return landPage(page);
    };
    expect(await call({}, windowed)).toMatchObject({ received: 12, pages: 2, closed: true });
    expect(asks.map(({ page }) => page)).toEqual([1, 2]);
  });

  it('is refused a number of records', async () => {
    await expect(call({ records: 10 }, windowed)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/source of random-users decides how many .* got 10; leave records out/),
    });
  });

  it('ends when it is full: a source that never gives a last page does not go on for ever', () => {
    const plan = { source: 'live', requested: 0, pageSize: 20_000_000, pages: null };
    const pages = missingPages(windowed, plan, [2]);
    expect([pages.next().value, pages.next().value]).toEqual([1, 3]);
    expect(() => pages.next()).toThrow(/fewer than 20000000 records, got 3 full ones/);
  });
});

it('A plan that reaches into the next instant is refused', async () => {
  await expect(call({ records: 60_000_001 })).rejects.toMatchObject({ code: 'bad_request' });
});
