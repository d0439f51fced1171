import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { callsBetween, startTimer } from '../../local/timer.ts';

const everyMinute = { name: 'users', schedule: { every: '1m', records: 100 } };
const everyQuarter = { name: 'prices', schedule: { every: '15m', records: 10 } };
const at = (time: string) => Date.parse(`2026-03-29T${time}Z`);

const called = (pipelines: Parameters<typeof callsBetween>[0], after: string, until: string) =>
  callsBetween(pipelines, at(after), at(until)).map(({ step, event }) =>
    [step, event.pipeline ?? '', event.time ?? ''].join(' ').trim(),
  );

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('calls extract at each instant, relay and supervise each minute', () => {
  expect(called([everyMinute], '10:00:00.000', '10:01:00.000')).toEqual([
    'extract users 2026-03-29T10:01:00Z',
    'relay users',
    'supervise',
  ]);
});

it('calls nothing between two minutes', () => {
  expect(called([everyMinute], '10:00:00.000', '10:00:59.999')).toEqual([]);
});

it('keeps every pipeline to its own grid', () => {
  expect(called([everyMinute, everyQuarter], '10:13:30', '10:14:00')).not.toContain(
    'extract prices 2026-03-29T10:15:00Z',
  );
  expect(called([everyMinute, everyQuarter], '10:14:00', '10:15:00')).toEqual([
    'extract users 2026-03-29T10:15:00Z',
    'extract prices 2026-03-29T10:15:00Z',
    'relay users',
    'relay prices',
    'supervise',
  ]);
});

it('settles each pipeline hourly', () => {
  const calls = called([everyMinute, everyQuarter], '10:59:00', '11:00:00');
  expect(calls.filter((call) => call.startsWith('settle'))).toEqual(['settle users', 'settle prices']);
});

it('after a sleep calls the young instants and leaves the older ones to one settle', () => {
  const calls = called([everyMinute], '08:02:00', '10:31:20');
  expect(calls.filter((call) => call.startsWith('extract'))).toEqual(
    [27, 28, 29, 30, 31].map((minute) => `extract users 2026-03-29T10:${minute}:00Z`),
  );
  expect(calls.filter((call) => call === 'settle users')).toHaveLength(1);
  expect(calls.filter((call) => call === 'relay users')).toHaveLength(1);
});

it('calls each instant exactly once in a day, however late it is woken', () => {
  vi.setSystemTime(at('00:00:00.500'));
  const times: string[] = [];
  const invoke = vi.fn(async (step: string, event: { time?: string }) => {
    if (step === 'extract') times.push(event.time ?? '');
    vi.setSystemTime(Date.now() + 130);
  });
  const timer = startTimer({ pipelines: [everyQuarter], invoke, log: () => undefined });
  vi.advanceTimersByTime(24 * 3_600_000);
  timer.stop();
  expect(new Set(times).size).toBe(times.length);
  expect(times).toHaveLength(96);
});

it('looks again when it was woken too early', () => {
  let now = at('10:00:30');
  const waits: number[] = [];
  const wakes: (() => void)[] = [];
  const invoke = vi.fn(async () => undefined);
  const clock = {
    now: () => now,
    setTimeout: (callback: () => void, ms: number) => {
      waits.push(ms);
      wakes.push(callback);
      return {} as NodeJS.Timeout;
    },
    clearTimeout: () => undefined,
  };
  startTimer({ pipelines: [everyMinute], invoke, log: () => undefined, clock });
  now = at('10:00:59.999');
  wakes.at(-1)?.();
  expect(invoke).not.toHaveBeenCalled();
  expect(waits).toEqual([30_000, 1]);
  now = at('10:01:00');
  wakes.at(-1)?.();
  expect(invoke).toHaveBeenCalledWith('extract', { pipeline: 'users', time: '2026-03-29T10:01:00Z' });
});

/** A timer under a clock that jumps; answers what it called since the last wake. */
function jumping(start: string) {
  let now = at(start);
  let wake = () => undefined as unknown;
  let calls: string[] = [];
  const clock = {
    now: () => now,
    setTimeout: (callback: () => void) => {
      wake = callback;
      return {} as NodeJS.Timeout;
    },
    clearTimeout: () => undefined,
  };
  const invoke = async (step: string, event: { time?: string }) =>
    void calls.push(`${step} ${event.time ?? ''}`.trim());
  startTimer({ pipelines: [everyMinute], invoke, log: () => undefined, clock });
  return (time: string) => {
    calls = [];
    now = at(time);
    wake();
    return calls;
  };
}

it('settles what a laptop slept through as soon as it wakes', () => {
  const wakeAt = jumping('22:00:30');
  expect(wakeAt('23:40:10')).toEqual([
    ...[36, 37, 38, 39, 40].map((minute) => `extract 2026-03-29T23:${minute}:00Z`),
    'settle',
    'relay',
    'supervise',
    'reconcile',
    'retain',
  ]);
  expect(wakeAt('23:41:00')).toEqual(['extract 2026-03-29T23:41:00Z', 'relay', 'supervise']);
});

it('asks for no instant to come when the clock was set back, and goes on from there', () => {
  const wakeAt = jumping('10:00:30');
  expect(wakeAt('09:30:10')).toEqual([]);
  expect(wakeAt('09:31:00')).toEqual(['extract 2026-03-29T09:31:00Z', 'relay', 'supervise']);
});

it('says which call was not accepted and goes on', async () => {
  vi.setSystemTime(at('10:00:00'));
  const lines: string[] = [];
  const invoke = vi.fn(() => Promise.reject(new Error('connect ECONNREFUSED')));
  const timer = startTimer({ pipelines: [everyMinute], invoke, log: (line) => lines.push(line) });
  await vi.advanceTimersByTimeAsync(120_000);
  timer.stop();
  expect(lines).toHaveLength(6);
  expect(lines[0]).toBe('timer: extract was not accepted: connect ECONNREFUSED');
});

it('leaves no timer when it stops', () => {
  const timer = startTimer({ pipelines: [everyMinute], invoke: async () => undefined, log: () => undefined });
  expect(vi.getTimerCount()).toBe(1);
  timer.stop();
  expect(vi.getTimerCount()).toBe(0);
});
