import { describe, expect, it } from 'vitest';
import { runInstant } from '../../../local/backfill/run-instant.ts';
import { type Doing, minutes, playedSteps } from './steps.ts';

const [instant = ''] = minutes(1);

async function run(plan: readonly Doing[], firstMs = 1) {
  const { steps, calls, closed } = playedSteps([instant], { [instant]: plan });
  const waits: string[] = [];
  const started = performance.now();
  const outcome = await runInstant(steps, {
    ...{ pipeline: 'p', instant, signal: new AbortController().signal },
    onWait: (why) => waits.push(why),
    waits: { firstMs, longestMs: firstMs * 4 },
  }).then(
    () => 'closed',
    (error: Error) => error.message,
  );
  return {
    outcome,
    calls: calls.length,
    waits: waits.length,
    isClosed: closed.size === 1,
    ms: performance.now() - started,
  };
}

const times = (count: number, doing: Doing) => Array.from({ length: count }, () => doing);

describe('An instant', () => {
  it.each<[string, readonly Doing[], number, number]>([
    ['is done when its run is closed', [], 1, 0],
    ['is asked for again when its time ran out', ['goes on', 'goes on'], 3, 0],
    ['waits for the path and the source as long as it takes', times(9, 'backpressure'), 10, 9],
    ['is tried again when the source did not answer', times(3, 'source_unreachable'), 4, 3],
    ['waits for the path also when it was about to give up', [...times(3, 'source_unreachable'), 'backpressure'], 5, 4],
    [
      'may fail to answer anew after it came on',
      [...times(3, 'source_unreachable'), 'goes on', ...times(3, 'landing_unavailable')],
      8,
      6,
    ],
  ])('%s', async (_, plan, calls, waits) => {
    expect(await run(plan)).toMatchObject({ outcome: 'closed', calls, waits, isClosed: true });
  });

  it.each<[string, readonly Doing[], number]>([
    ['the source does not answer four times', times(4, 'source_unreachable'), 4],
    ['the source refuses', ['source_refused'], 1],
    ['the plan is another one', ['plan_conflict'], 1],
  ])('fails when %s', async (_, plan, calls) => {
    const { outcome, ...rest } = await run(plan);
    expect(outcome).toMatch(new RegExp(`^extract: ${instant} `));
    expect(rest).toMatchObject({ calls, isClosed: false });
  });

  it('waits longer each time, but not for ever', { timeout: 120_000 }, async () => {
    const { ms } = await run(times(12, 'backpressure'), 20);
    // 20 + 40 + ten times 80; without an end it would be 82 s.
    expect(ms).toBeGreaterThan(800);
    expect(ms).toBeLessThan(40_000);
  });
});
