import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorCode } from '../../streaming/errors.ts';
import { type StepClient, StepFailure } from '../step-client.ts';

export interface Waits {
  /** Milliseconds from one try to the next: the first, and the longest that they grow to. */
  readonly firstMs: number;
  readonly longestMs: number;
}

export const usualWaits: Waits = { firstMs: 1000, longestMs: 30_000 };

/** Failures that may pass by themselves. */
const passing: ReadonlySet<string> = new Set<ErrorCode>(['backpressure', 'source_unreachable', 'landing_unavailable']);
const mostTries = 4;

export interface RunInstant {
  readonly pipeline: string;
  readonly instant: string;
  /** A table that lacks it: its run is done once more, as a run of its own. */
  readonly refetch?: string;
  /** Told why it waits. */
  readonly onWait: (why: string) => void;
  readonly signal: AbortSignal;
  readonly waits?: Waits;
}

/** Asks extract for one instant until its run is closed. The path's and the source's limits are waited for. */
export async function runInstant(steps: Pick<StepClient, 'call'>, asked: RunInstant): Promise<void> {
  const { onWait, signal, waits = usualWaits } = asked;
  let wait = waits.firstMs / 2;
  let tries = mostTries;
  for (;;) {
    signal.throwIfAborted();
    const outcome = await attempt(steps, asked, tries);
    if (outcome === 'closed') return;
    // When its time ran out it came on: no reason to wait longer and longer, or to give up.
    const hasCome = outcome === 'came on';
    wait = hasCome ? waits.firstMs : Math.min(wait * 2, waits.longestMs);
    tries = hasCome ? mostTries : tries - Number(outcome.code !== 'backpressure');
    if (!hasCome) onWait(outcome.message);
    await sleep(wait, undefined, { signal });
  }
}

/** Calls extract once; answers a failure that may pass, unless it was the last try, and throws any other. */
async function attempt(
  steps: Pick<StepClient, 'call'>,
  { pipeline, instant, refetch }: RunInstant,
  tries: number,
): Promise<'closed' | 'came on' | StepFailure> {
  try {
    const { closed } = await steps.call<{ closed: boolean }>('extract', { pipeline, instant, refetch });
    return closed ? 'closed' : 'came on';
  } catch (error) {
    const passes = error instanceof StepFailure && passing.has(error.code);
    if (passes && (tries > 1 || error.code === 'backpressure')) return error;
    throw error;
  }
}
