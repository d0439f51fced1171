import type { Definition } from '../../streaming/definition.ts';
import { checkedSecondsOf } from '../../streaming/duration.ts';
import { PipelineError } from '../../streaming/errors.ts';
import type { Landing, RunPlan } from '../ports.ts';

/** Records that may be on the path at once, landed and not yet absorbed by the tables. */
export const mostUncovered = 500_000;

/** Runs of one pipeline at once: when its source does not answer, those of the others still find a function free. */
export const runsAtOnce = 2;

/** Puts the run off when as many of its pipeline are at work as may be. */
export async function inPlace<T>(landing: Landing, { name }: Definition, work: () => Promise<T>): Promise<T> {
  const leave = await landing.enter(name, runsAtOnce);
  if (leave === undefined) throw putOff(`expected fewer than ${runsAtOnce} runs of ${name} at work, got as many`);
  try {
    return await work();
  } finally {
    await leave();
  }
}

/** Backpressure: puts a page off when the path is full, or when the source has given all that it allows for now. */
export async function admit(
  landing: Landing,
  pipeline: Definition,
  plan: RunPlan,
  size: number,
  limit = mostUncovered,
): Promise<void> {
  const uncovered = await landing.uncovered(pipeline.name, limit);
  if (uncovered >= limit) {
    throw putOff(`expected fewer than ${limit} records between landing and tables, got ${uncovered} or more`);
  }
  const { quota } = pipeline.source;
  if (quota === undefined || plan.source !== 'live') return;
  const used = await landing.receivedLive(pipeline.name, checkedSecondsOf(quota.per));
  if (used + size > quota.records) {
    throw putOff(
      `expected at most ${quota.records} records of the source in ${quota.per}, got ${used} and ${size} to come`,
    );
  }
}

function putOff(why: string): PipelineError {
  return new PipelineError(`backpressure: ${why}; the instant stays open and is run later by settle`, {
    code: 'backpressure',
    at: 'landing',
    retriable: true,
  });
}
