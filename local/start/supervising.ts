import { setTimeout as sleep } from 'node:timers/promises';
import type { Status } from '../../functions/inspect/inspect.ts';
import { type StepClient, StepFailure } from '../step-client.ts';
import { whenFree } from '../when-free.ts';

export interface Supervising {
  /** Waits until every pipeline that should be hosted is read by the newest generation. */
  untilReading(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

const everyMs = 10_000;
/** Seconds where nothing else runs; beside a second platform on two busy cores, minutes. */
const startLimitMs = 600_000;

/**
 * Calls `supervise` again and again while the path is up, more often than the minute of the schedule: somebody is
 * watching here. A killed job is back within seconds.
 */
export function startSupervising(steps: StepClient, log: (line: string) => void): Supervising {
  const stopping = new AbortController();
  // A round that fails tells why; the next one may find the servers back.
  const round = async () => void (await steps.call('supervise', {}).catch((error: Error) => log(error.message)));
  const first = round();
  const loop = first.then(() => repeat(round, stopping.signal));
  return {
    untilReading: async (signal) => {
      // It ends the generation of an earlier start, which until then looks as if it were reading.
      await first;
      await untilReading(steps, signal, AbortSignal.timeout(startLimitMs));
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}

async function repeat(round: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (;;) {
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await round();
  }
}

async function untilReading(steps: StepClient, signal: AbortSignal, deadline: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const status = await whenFree<Status>(steps, 'inspect', { question: 'status' });
    if (isReading(status)) return;
    if (deadline.aborted) throw new StepFailure('stream', 'stream_unavailable', problemOf(status));
    await sleep(200);
  }
}

function isReading({ generation, pipelines }: Status): boolean {
  return pipelines.every(
    ({ desired, data_loss, running_generation }) =>
      desired === 'stopped' || data_loss !== null || running_generation === generation?.generation,
  );
}

function problemOf({ generation }: Status): string {
  const what =
    generation === null
      ? 'no generation'
      : `generation ${generation.generation} ${generation.state} ${generation.reason ?? ''}`;
  return `expected a job that reads every topic, got ${what}; its log is in the data folder, logs/spark-*.log`;
}
