import { describe, expect, it } from 'vitest';
import { type BackfillOptions, backfill } from '../../../local/backfill/backfill.ts';
import { randomUsers } from '../../../streaming/pipelines/random-users/pipeline.ts';
import { minutes, playedSteps } from './steps.ts';

const options = (changes: Partial<BackfillOptions> = {}): BackfillOptions => ({
  pipeline: randomUsers,
  from: new Date('2026-11-24T15:00:00Z'),
  until: new Date('2026-11-24T17:00:00Z'),
  concurrency: 2,
  onProgress: () => undefined,
  signal: new AbortController().signal,
  waits: { firstMs: 1, longestMs: 4 },
  ...changes,
});

describe('A backfill', () => {
  it('runs every missing instant once, however many lists of settle that takes', async () => {
    const { steps, calls } = playedSteps(minutes(12));
    expect(await backfill(steps, options())).toEqual({ done: 12, failed: [], gaveUp: false, interrupted: false });
    expect(calls.toSorted()).toEqual(minutes(12));
  });

  it('only asks settle what there is, and leaves it to run nothing', async () => {
    const { steps, listed } = playedSteps(minutes(7));
    await backfill(steps, options());
    expect(listed).toEqual([
      expect.objectContaining({ dryRun: true, from: '2026-11-24T15:00:00.000Z' }),
      expect.objectContaining({ dryRun: true, from: '2026-11-24T15:05:00.000Z' }),
    ]);
  });

  it('does nothing the second time', async () => {
    const { steps, calls } = playedSteps(minutes(3));
    await backfill(steps, options());
    expect(await backfill(steps, options())).toMatchObject({ done: 0, failed: [] });
    expect(calls).toHaveLength(3);
  });

  it.each([1, 3])('has at most %i runs at work', async (concurrency) => {
    const { steps, busy } = playedSteps(minutes(12));
    await backfill(steps, options({ concurrency }));
    expect(busy.most).toBe(concurrency);
  });

  it('goes on after a run that fails, and names it', async () => {
    const [first = '', second = '', third = ''] = minutes(3);
    const { steps, closed } = playedSteps(minutes(3), { [second]: ['source_refused'] });
    const filled = await backfill(steps, options());
    expect(filled).toMatchObject({ done: 2, gaveUp: false });
    expect(filled.failed).toEqual([{ instant: second, why: `extract: ${second} source_refused` }]);
    expect([...closed].toSorted()).toEqual([first, third]);
  });

  it('gives up when one fails after the other', async () => {
    const all = minutes(40);
    const { steps, calls } = playedSteps(all, Object.fromEntries(all.map((run) => [run, ['source_refused']])));
    expect(await backfill(steps, options())).toMatchObject({ done: 0, gaveUp: true });
    expect(calls.length).toBeLessThan(8);
  });

  it('tells how far it is, and why it waits', async () => {
    const [first = ''] = minutes(1);
    const { steps } = playedSteps(minutes(1), { [first]: ['backpressure'] });
    const told: [number, string][] = [];
    await backfill(steps, options({ onProgress: (done, text) => told.push([done, text]) }));
    expect(told).toEqual([
      [0, `waits: extract: ${first} backpressure`],
      [1, first],
    ]);
  });

  it('that is interrupted begins nothing more, and says how much was done', async () => {
    const { steps, calls } = playedSteps(minutes(40));
    const ending = new AbortController();
    const onProgress = (done: number) => done === 4 && ending.abort();
    const filled = await backfill(steps, options({ signal: ending.signal, onProgress }));
    expect(filled).toMatchObject({ interrupted: true, failed: [] });
    expect(filled.done).toBeLessThanOrEqual(5);
    expect(calls.length).toBeLessThanOrEqual(6);
  });

  it('that is interrupted waits for no call that is under way', async () => {
    const ending = new AbortController();
    const hanging = async <A>(step: string): Promise<A> => {
      if (step === 'settle') return { instants: minutes(1), more: 0 } as A;
      ending.abort();
      return new Promise<A>(() => undefined);
    };
    const filled = await backfill({ call: hanging }, options({ signal: ending.signal }));
    expect(filled).toEqual({ done: 0, failed: [], gaveUp: false, interrupted: true });
  });
});
