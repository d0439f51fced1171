import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeOf } from '../../functions/extract/judge.ts';
import { askFor, planFor } from '../../functions/extract/plan.ts';
import type { Definition } from '../../streaming/definition.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';
import { instantOf, stepMs } from '../../streaming/schedule.ts';
import { maxRecordsPerRun, originOf } from '../../streaming/version.ts';

interface Place {
  readonly instant: Date;
  readonly ordinal: number;
}

/** Places near one another on a grid, and the first and last ordinals of their runs: where a collision would be. */
const twoPlaces = fc
  .record({
    every: fc.constantFrom('1m', '5m', '1h', '1d'),
    time: fc.date({ min: new Date(0), max: new Date('2254-12-31T23:59:59Z'), noInvalidDate: true }),
  })
  .chain(({ every, time }) => {
    const most = maxRecordsPerRun(stepMs(every));
    const ordinal = fc.oneof(fc.constantFrom(0, 1, most - 2, most - 1), fc.nat(most - 1));
    const place = fc.tuple(fc.integer({ min: 0, max: 2 }), ordinal).map(([steps, at]) => ({
      instant: new Date(instantOf(every, time).getTime() + steps * stepMs(every)),
      ordinal: at,
    }));
    return fc.tuple(place, place);
  });

const order = (a: Place, b: Place) => Math.sign(a.instant.getTime() - b.instant.getTime() || a.ordinal - b.ordinal);
const originAt = ({ instant, ordinal }: Place) => originOf(instant, ordinal);

describe('origins', () => {
  it('never collide and sort as their instants and ordinals do, exactly', () => {
    fc.assert(
      fc.property(twoPlaces, ([a, b]) => {
        expect(Math.sign(originAt(a) - originAt(b))).toBe(order(a, b));
        expect(BigInt(originAt(a))).toBe(BigInt(a.instant.getTime()) * 1000n + BigInt(a.ordinal));
      }),
      { numRuns: 1000 },
    );
  });

  it('are one for each record of a run, whatever its pages, good and bad records alike', () => {
    const run = { instant: new Date('2026-11-24T17:00:00Z'), run: '2026-11-24T17:00:00Z', now: Date.now() };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 80 }), (requested, maxPage) => {
        const pipeline: Definition = { ...randomUsers, source: { ...randomUsers.source, maxPage } };
        const plan = planFor(pipeline, { records: requested }, 'live');
        const judge = judgeOf(pipeline);
        const pages = Array.from({ length: plan.pages ?? 0 }, (_, index) => {
          const ask = askFor(pipeline, run.instant, plan.pageSize, index + 1);
          // A source answers what it was asked for, also on the last page, which is asked for whole.
          return judge({ records: Array(ask.size).fill(null), last: false }, { ...run, plan, ask });
        });
        const ordinals = pages.flatMap(({ rows, rejected }) => [
          ...rows.map(({ origin }) => origin),
          ...rejected.map(({ identity }) => Number(identity)),
        ]);
        expect(ordinals.map((origin) => origin - originOf(run.instant, 0))).toEqual([...Array(requested).keys()]);
        expect(Math.max(...pages.map(({ received }) => received))).toBeLessThanOrEqual(maxPage);
      }),
    );
  });
});
