import fc from 'fast-check';
import { expect, it } from 'vitest';
import { settle } from '../../functions/settle/settle.ts';
import { callsBetween } from '../../local/timer.ts';
import { randomUsers } from '../../streaming/pipelines/random-users/pipeline.ts';
import { eventBridgeExpression, instantOf, instantsBetween, runName, stepMs } from '../../streaming/schedule.ts';
import { minutesNamedBy } from './event-bridge.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const divisorsOf = (whole: number) => Array.from({ length: whole }, (_, n) => n + 1).filter((n) => whole % n === 0);

/** Every grid that a definition may have. */
const grids = [...divisorsOf(60).map((n) => `${n}m`), ...divisorsOf(24).map((n) => `${n}h`), '1d'];
const anyGrid = fc.constantFrom(...grids);

/** Leap days, ends of years and the nights when clocks elsewhere change are among them, more often than by chance. */
const anyTime = fc.oneof(
  fc.date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  fc
    .tuple(
      fc.constantFrom('2028-02-29', '2027-01-01', '2026-03-29', '2026-04-05', '2026-09-27'),
      fc.integer({ min: -dayMs, max: dayMs }),
    )
    .map(([day, ms]) => new Date(Date.parse(day) + ms)),
);

it('is the same for EventBridge as for whoever lists instants', () => {
  fc.assert(
    fc.property(anyGrid, anyTime, (every, from) => {
      const until = new Date(from.getTime() + 2 * dayMs);
      const isNamed = minutesNamedBy(eventBridgeExpression(every));
      const named = instantsBetween('1m', from, until).filter(isNamed);
      expect(named.map(runName)).toEqual(instantsBetween(every, from, until).map(runName));
      expect(isNamed(instantOf(every, from))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

/** A day cut where a timer happens to wake: at whole minutes, a moment early or late, and after any sleep. */
const wakes = fc
  .record({
    start: anyTime,
    gaps: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 1, max: 2 * minuteMs }) },
        { weight: 2, arbitrary: fc.constantFrom(1, minuteMs - 1, minuteMs, minuteMs + 1, 5 * minuteMs) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 * 60 * minuteMs }) },
      ),
      { minLength: 1, maxLength: 60 },
    ),
    onMinute: fc.boolean(),
  })
  .map(({ start, gaps, onMinute }) => {
    const times = [onMinute ? instantOf('1m', start).getTime() : start.getTime()];
    for (const gap of gaps) times.push((times.at(-1) ?? 0) + gap);
    return times;
  });

const runsOf = (every: string, after: number, until: number) =>
  instantsBetween(every, new Date(after + 1), new Date(until + 1)).map(runName);

it('is called by the local timer at each instant once or, when it was asleep, left to settle', () => {
  fc.assert(
    fc.property(anyGrid, wakes, (every, times) => {
      const pipelines = [{ name: 'any', schedule: { every, records: 1 } }];
      for (const [index, until] of times.entries()) {
        const after = times[index - 1] ?? until;
        const calls = callsBetween(pipelines, after, until);
        const called = calls.flatMap(({ step, event }) => (step === 'extract' ? (event.time ?? '') : []));
        const expected = runsOf(every, after, until);
        const left = expected.filter((run) => !called.includes(run));
        expect([...left, ...called]).toEqual(expected);
        const isOld = (run: string) => Date.parse(run) <= until - 5 * minuteMs;
        expect(left).toEqual(expected.filter(isOld));
        if (left.length > 0) expect(calls).toContainEqual({ step: 'settle', event: { pipeline: 'any' } });
      }
    }),
    { numRuns: 200 },
  );
});

/** The timer and settle, with runs that close the moment they are asked for. */
async function runsAskedFor(every: string, times: readonly number[], delay: number): Promise<string[]> {
  const pipeline = { ...randomUsers, schedule: { every, records: 1 } };
  const asked: string[] = [];
  const [start = 0] = times;
  const ports = (now: number) => ({
    landing: { firstInstant: async () => new Date(start + 1), closedRuns: async () => new Set(asked) },
    steps: { wake: async (_step: string, event: object) => void asked.push((event as { instant: string }).instant) },
    now: () => now,
  });
  for (const [index, until] of times.entries()) {
    const calls = callsBetween([pipeline], times[index - 1] ?? until, until);
    for (const { step, event } of calls) if (step === 'extract') asked.push(event.time ?? '');
    const isSettled = calls.some(({ step }) => step === 'settle');
    if (isSettled) await settle(ports(until + delay), pipeline, { dryRun: false });
  }
  return asked;
}

it('has no instant missed or asked for twice by the timer and settle together, however time is cut', async () => {
  const hoursAtMost = (every: string, times: readonly number[]) => {
    const [start = 0] = times;
    // Within a day, and no more instants than settle takes at once: what is over waits for its next call.
    const end = start + Math.min(23 * 60 * minuteMs, 60 * stepMs(every));
    return times.filter((time) => time <= end);
  };
  await fc.assert(
    fc.asyncProperty(anyGrid, wakes, fc.integer({ min: 1, max: 2000 }), async (every, cut, delay) => {
      const times = hoursAtMost(every, cut);
      const asked = await runsAskedFor(every, times, delay);
      expect(asked.toSorted()).toEqual(runsOf(every, times[0] ?? 0, times.at(-1) ?? 0));
    }),
    { numRuns: 200 },
  );
});
