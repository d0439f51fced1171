import { type StepSpec, steps } from '../functions/steps.ts';
import type { Definition } from '../streaming/definition.ts';
import { instantsBetween, runName } from '../streaming/schedule.ts';

/** A call that is due: what EventBridge Scheduler would send. */
export interface DueCall {
  readonly step: string;
  readonly event: { readonly pipeline?: string; readonly time?: string };
}

interface Clock {
  now(): number;
  setTimeout(callback: () => void, ms: number): NodeJS.Timeout;
  clearTimeout(timer: NodeJS.Timeout): void;
}

export interface TimerOptions {
  readonly pipelines: readonly Pick<Definition, 'name' | 'schedule'>[];
  /** Invokes a step asynchronously: answers once the call is accepted. */
  readonly invoke: (step: string, event: object) => Promise<void>;
  readonly log: (line: string) => void;
  readonly clock?: Clock;
}

const minuteMs = 60_000;
/** Older instants are settle's: it leaves younger ones alone, because their own call may still be under way. */
const settleAgeMs = 5 * minuteMs;
const intervals = { minute: '1m', hour: '1h' } as const;

/**
 * The schedule on one machine: the same instants and the same events as on AWS. It wakes at every whole minute, looks
 * at what fell due since it last looked, and so neither drifts nor forgets what the machine slept through.
 */
export function startTimer({ pipelines, invoke, log, clock = systemClock }: TimerOptions): { stop(): void } {
  let seen = clock.now();
  let timer: NodeJS.Timeout;
  const wait = () => {
    timer = clock.setTimeout(wake, minuteMs - (clock.now() % minuteMs));
  };
  const wake = () => {
    const now = clock.now();
    for (const call of callsBetween(pipelines, seen, now)) {
      // The next minute, or settle, does what this call did not.
      invoke(call.step, call.event).catch((error) => log(`timer: ${call.step} was not accepted: ${error.message}`));
    }
    seen = now;
    wait();
  };
  wait();
  return { stop: () => clock.clearTimeout(timer) };
}

/** Every call whose time lies in (after, until]; of those that only repeat themselves the last one is enough. */
export function callsBetween(pipelines: TimerOptions['pipelines'], after: number, until: number): readonly DueCall[] {
  const calls = steps.flatMap((step) => callsOf(step, pipelines, after, until));
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
}

function callsOf(step: StepSpec, pipelines: TimerOptions['pipelines'], after: number, until: number): DueCall[] {
  if (step.schedule === 'none') return [];
  if (step.schedule === 'instant') {
    return pipelines.flatMap((pipeline) => instantCalls(step.name, pipeline, after, until));
  }
  if (due(intervals[step.schedule], after, until).length === 0) return [];
  const events = step.per === 'pipeline' ? pipelines.map(({ name }) => ({ pipeline: name })) : [{}];
  return events.map((event) => ({ step: step.name, event }));
}

/** The calls of a pipeline's own grid; what is too old for a call of its own is settled at once, not in an hour. */
function instantCalls(
  step: string,
  { name, schedule }: TimerOptions['pipelines'][number],
  after: number,
  until: number,
): DueCall[] {
  const instants = due(schedule.every, after, until);
  const young = instants.filter((instant) => instant.getTime() > until - settleAgeMs);
  const calls = young.map((instant) => ({ step, event: { pipeline: name, time: runName(instant) } }));
  return young.length < instants.length ? [...calls, { step: 'settle', event: { pipeline: name } }] : calls;
}

/** Instants in (after, until]. */
function due(every: string, after: number, until: number): Date[] {
  return instantsBetween(every, new Date(after + 1), new Date(until + 1));
}

const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer),
};
