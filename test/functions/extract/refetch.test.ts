import { beforeEach, describe, expect, it } from 'vitest';
import { extract, refetch } from '../../../functions/extract/extract.ts';
import type { Definition, PageAsk } from '../../../streaming/definition.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { samplePage } from '../../../streaming/pipelines/random-users/sample.ts';
import { unmeasured } from '../measuring.ts';
import { fakeLanding } from './fake-landing.ts';

const pipeline: Definition = { ...randomUsers, source: { ...randomUsers.source, maxPage: 10 } };
const instant = new Date('2026-11-24T17:00:00Z');
const run = '2026-11-24T17:00:00Z';
const refetched = `refetch:users:${run}`;

let world: ReturnType<typeof fakeLanding>;
let asks: PageAsk[];
beforeEach(() => {
  world = fakeLanding();
  asks = [];
});

const ports = () => ({
  landing: world.landing,
  steps: { wake: async () => undefined },
  sourceFor: () => ({
    fetchPage: async (_pipeline: unknown, ask: PageAsk) => {
      asks.push(ask);
      return { records: samplePage(ask), last: false };
    },
  }),
  usualSource: 'sample',
  remainingMs: () => 300_000,
  measure: unmeasured,
});
const first = () => extract(ports(), pipeline, instant, { records: 30, source: 'http://127.0.0.1:1' });
const again = (table = 'users', of = pipeline) => refetch(ports(), of, instant, table);
const rowsOf = (name: string) => world.pagesOf(name).flatMap(({ rows }) => rows);

describe('A run that a table lacks', () => {
  it('lands once more as a run of its own, by the plan of then, with the same origins and versions', async () => {
    await first();
    const asked = asks.splice(0);
    expect(await again()).toMatchObject({ run: refetched, source: 'http://127.0.0.1:1', landed: 30, closed: true });
    expect(asks).toEqual(asked);
    expect(rowsOf(refetched)).toEqual(rowsOf(run));
    expect(world.pagesOf(refetched).map(({ run: name }) => name)).toEqual(Array(3).fill(refetched));
  });

  it('lands only once', async () => {
    await first();
    await again();
    asks = [];
    expect(await again()).toMatchObject({ landed: 30, adopted: true, closed: true });
    expect(asks).toEqual([]);
  });

  it.each<[why: string, problem: RegExp, refused: () => Promise<unknown>]>([
    ['was never done', /expected a closed run on file, got none/, () => again()],
    ['is asked for another pipeline’s table', /expected a table of random-users .*got nobody/, () => again('nobody')],
    [
      'comes of a source that gives other records later',
      /expected a source that gives old records again/,
      () => again('users', { ...pipeline, source: { ...pipeline.source, replayable: false } }),
    ],
  ])('is refused when it %s', async (_why, problem, refused) => {
    await expect(refused()).rejects.toThrow(problem);
    expect(asks).toEqual([]);
  });
});
